// The pipeline as a picture: steps, coloured by what became of them, and what flows between them.

import { picture, s } from "../dom";
import { clipped, duration } from "../format";
import type { RunData, StepData } from "../model";
import { type Edge, place } from "./graph_layout";

const SIZES = { nodeWidth: 148, nodeHeight: 42, gapX: 18, gapY: 34 };
const MARGIN = 6;

interface Flow extends Edge {
  labels: string[];
}

// One edge per pair of steps, with the artifacts that flow along it.
export function flows(steps: StepData[]): Flow[] {
  const index = new Map(steps.map((step, i) => [step.name, i]));
  const found = new Map<string, Flow>();
  const add = (from: number | undefined, to: number, label: string) => {
    if (from === undefined || from === to) return;
    const key = `${from} ${to}`;
    const flow = found.get(key) ?? { from, to, labels: [] };
    if (label && !flow.labels.includes(label)) flow.labels.push(label);
    found.set(key, flow);
  };
  steps.forEach((step, to) => {
    for (const input of step.inputs) {
      if (input.step) add(index.get(input.step), to, `${input.port} (${input.type})`);
    }
    for (const name of step.after) add(index.get(name), to, "");
  });
  return [...found.values()];
}

function curve(points: { x: number; y: number }[]): string {
  const ends = points.map((point) => ({ x: point.x + MARGIN, y: point.y + MARGIN }));
  const first = ends[0];
  const last = ends[ends.length - 1];
  if (!first || !last) return "";
  first.y += SIZES.nodeHeight / 2;
  last.y -= SIZES.nodeHeight / 2 + 5;
  let path = `M${first.x.toFixed(1)},${first.y.toFixed(1)}`;
  for (let i = 1; i < ends.length; i++) {
    const from = ends[i - 1];
    const to = ends[i];
    if (!from || !to) continue;
    const middle = (from.y + to.y) / 2;
    const bend = [from.x, middle, to.x, middle, to.x, to.y].map((value) => value.toFixed(1));
    path += `C${bend.join(" ")}`;
  }
  return path;
}

export class Graph {
  readonly element: SVGElement;
  private readonly nodes: SVGElement[] = [];
  private readonly lines: SVGElement[] = [];
  private readonly edges: Flow[];

  constructor(
    run: RunData,
    private readonly onSelect: (index: number | null) => void,
  ) {
    this.edges = flows(run.steps);
    const layout = place(run.steps.length, this.edges, SIZES);
    const width = layout.width + 2 * MARGIN;
    const height = layout.height + 2 * MARGIN;
    this.element = picture(width, height, "Steps of the pipeline", "graph");
    this.element.setAttribute("role", "group");
    this.element.append(
      s(
        "defs",
        {},
        s(
          "marker",
          {
            id: "arrow",
            viewBox: "0 0 8 8",
            refX: 4,
            refY: 4,
            markerWidth: 7,
            markerHeight: 7,
            orient: "auto",
          },
          s("path.arrow", { d: "M0,0.5L7,4L0,7.5z" }),
        ),
      ),
    );
    this.edges.forEach((flow, i) => {
      const d = curve(layout.routes[i] ?? []);
      const ends = `${run.steps[flow.from]?.name} → ${run.steps[flow.to]?.name}`;
      const hint = [ends, ...flow.labels].join("\n");
      const line = s(
        "g.edge",
        {},
        s("path.halo", { d, "data-hint": hint }),
        s("path.flow", { d, "marker-end": "url(#arrow)" }),
      );
      this.lines.push(line);
      this.element.append(line);
    });
    run.steps.forEach((step, i) => {
      const at = layout.nodes[i];
      if (at) this.element.append(this.node(step, i, at.x + MARGIN, at.y + MARGIN));
    });
    this.element.addEventListener("click", (event) => {
      if (event.target === this.element) this.onSelect(null);
    });
  }

  select(index: number | null): void {
    this.element.classList.toggle("picked", index !== null);
    this.nodes.forEach((node, i) => {
      node.classList.toggle("selected", i === index);
      const near = this.edges.some(
        ({ from, to }) => (from === index && to === i) || (to === index && from === i),
      );
      node.classList.toggle("near", near);
    });
    this.lines.forEach((line, i) => {
      const edge = this.edges[i];
      line.classList.toggle("near", edge?.from === index || edge?.to === index);
    });
  }

  private node(step: StepData, index: number, x: number, y: number): SVGElement {
    const left = x - SIZES.nodeWidth / 2;
    const top = y - SIZES.nodeHeight / 2;
    const time =
      step.seconds !== null && (step.state === "ran" || step.state === "failed")
        ? ` · ${duration(step.seconds)}`
        : "";
    const node = s(
      `g.node.${step.state}`,
      {
        tabindex: 0,
        role: "button",
        "aria-label": `${step.name}, ${step.state}${time}`,
        "data-step": step.name,
      },
      s("rect.box", { x: left, y: top, width: SIZES.nodeWidth, height: SIZES.nodeHeight, rx: 6 }),
      s("rect.state", { x: left + 6, y: top + 7, width: 4, height: SIZES.nodeHeight - 14, rx: 2 }),
      s("text.title", { x: left + 18, y: y - 3 }, clipped(step.name, 19)),
      s("text.sub", { x: left + 18, y: y + 12 }, `${step.state}${time}`),
    );
    const choose = () => this.onSelect(index);
    node.addEventListener("click", choose);
    node.addEventListener("keydown", (event) => {
      const { key } = event as KeyboardEvent;
      if (key !== "Enter" && key !== " ") return;
      event.preventDefault();
      choose();
    });
    this.nodes.push(node);
    return node;
  }
}
