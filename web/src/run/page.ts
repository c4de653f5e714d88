// The report of one pipeline run: a head with the result, and a tab per subject.

import { h } from "../dom";
import { duration, moment } from "../format";
import type { PageData, RunData, StepState } from "../model";
import { StatisticsViewer } from "../statistics/viewer";
import { evaluationBlock } from "./evaluation";
import { Graph } from "./graph";
import { badge, stepDetail, timeTable } from "./step_panel";
import { anomaliesTable, judgements, lineageTable, schemaBlock } from "./tables";
import { trainingBlock } from "./training";

interface Tab {
  id: string;
  title: string;
  count?: number;
  alarm?: boolean;
  content: HTMLElement;
}

const STATES: StepState[] = ["ran", "cached", "failed", "skipped", "cancelled", "pending"];

function resultBadge({ result, findings }: RunData): HTMLElement {
  if (result !== "succeeded") return badge(result);
  return findings.length > 0 ? badge("warned", "succeeded, with findings") : badge("ran", result);
}

function summary(run: RunData): HTMLElement {
  const counts = STATES.map((state) => ({
    state,
    count: run.steps.filter((step) => step.state === state).length,
  })).filter(({ count }) => count > 0);
  const marks = run.marks.map(({ name, ok, text }) =>
    h(
      `span.mark${ok === null ? "" : ok ? ".good" : ".bad"}`,
      { "data-hint": text },
      `${ok === null ? "○" : ok ? "✓" : "✗"} ${name}`,
    ),
  );
  return h(
    "div.summary",
    {},
    resultBadge(run),
    run.started ? h("span", {}, moment(run.started)) : null,
    run.seconds !== null ? h("span", {}, duration(run.seconds)) : null,
    h("span", {}, counts.map(({ state, count }) => `${count} ${state}`).join(", ")),
    ...marks,
  );
}

// Error texts name whole paths.
function relative(run: RunData, text: string): string {
  return run.root ? text.replaceAll(`${run.root.replace(/\/+$/, "")}/`, "") : text;
}

function notes(run: RunData): HTMLElement[] {
  const failed = run.steps
    .filter((step) => step.state === "failed")
    .map((step) =>
      h("div.note.error", {}, h("strong", {}, `${step.name} failed: `), relative(run, step.error)),
    );
  const findings = run.findings.map((text) => h("div.note.warning", {}, text));
  const problems = run.problems.map(({ where, text }) =>
    h("div.note", {}, h("strong", {}, `${where}: `), "left out here. ", relative(run, text)),
  );
  return [...failed, ...findings, ...problems];
}

function overview(run: RunData): HTMLElement {
  const panel = h("aside.panel", { "aria-live": "polite" });
  const select = (index: number | null) => {
    graph.select(index);
    const step = index === null ? undefined : run.steps[index];
    panel.replaceChildren(
      step ? stepDetail(step, run.root, () => select(null)) : timeTable(run, select),
    );
  };
  const graph = new Graph(run, select);
  const failed = run.steps.findIndex((step) => step.state === "failed");
  select(failed >= 0 ? failed : null);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") select(null);
  });
  const pushed = run.marks.filter(({ name, ok }) => name === "Push" && ok);
  return h(
    "div",
    {},
    ...pushed.map(({ text }) => h("div.note.good", {}, h("strong", {}, "Pushed "), text)),
    h("div.overview", {}, h("div.canvas", {}, graph.element), panel),
  );
}

function tabs(list: Tab[]): { element: HTMLElement; open: (id: string) => void } {
  const bar = h("div.tabs", { role: "tablist", "aria-label": "Parts of the report" });
  const panels = h("main");
  const buttons = new Map<string, HTMLElement>();
  const open = (id: string) => {
    for (const tab of list) {
      const active = tab.id === id;
      tab.content.hidden = !active;
      const button = buttons.get(tab.id);
      button?.setAttribute("aria-selected", String(active));
      button?.setAttribute("tabindex", active ? "0" : "-1");
    }
    window.dispatchEvent(new Event("resize")); // lists measure what has become visible
  };
  list.forEach((tab, i) => {
    const button = h(
      "button",
      { type: "button", role: "tab", id: `tab-${tab.id}`, "aria-controls": tab.id },
      tab.title,
      tab.count === undefined ? null : h(`span.count${tab.alarm ? ".bad" : ""}`, {}, tab.count),
    );
    button.addEventListener("click", () => {
      history.replaceState(null, "", `#${tab.id}`);
      open(tab.id);
    });
    button.addEventListener("keydown", (event) => {
      const step = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
      const next = list[(i + step + list.length) % list.length];
      if (step === 0 || !next) return;
      buttons.get(next.id)?.focus();
      buttons.get(next.id)?.click();
    });
    buttons.set(tab.id, button);
    bar.append(button);
    tab.content.id = tab.id;
    tab.content.classList.add("tabpanel");
    tab.content.setAttribute("role", "tabpanel");
    tab.content.setAttribute("aria-labelledby", `tab-${tab.id}`);
    // Seen on paper only, where there are no tabs.
    tab.content.prepend(h("h2.onpaper", {}, tab.title));
    panels.append(tab.content);
  });
  const wanted = () => list.find(({ id }) => `#${id}` === location.hash)?.id ?? list[0]?.id ?? "";
  window.addEventListener("hashchange", () => open(wanted()));
  open(wanted());
  return { element: h("div", {}, h("nav", {}, bar), panels), open };
}

export function runPage(page: PageData, run: RunData): HTMLElement[] {
  const list: Tab[] = [{ id: "run", title: "Run", content: overview(run) }];
  const viewer = page.statistics ? new StatisticsViewer(page.statistics) : null;
  if (viewer) {
    list.push({ id: "statistics", title: "Statistics", content: h("div", {}, viewer.element) });
  }
  if (run.anomalies) {
    const reveal = (path: string) => {
      if (!viewer) return;
      shown.open("statistics");
      viewer.reveal(path);
    };
    list.push({
      id: "anomalies",
      title: "Anomalies",
      count: run.anomalies.length,
      alarm: run.anomalies.length > 0,
      content: h("div", {}, ...judgements(run.schemas), anomaliesTable(run.anomalies, reveal)),
    });
  }
  if (run.schemas.length > 0) {
    const content = h("div", {}, ...run.schemas.map(schemaBlock));
    list.push({ id: "schema", title: "Schema", content });
  }
  if (run.training.length > 0) {
    const content = h("div", {}, ...run.training.map(trainingBlock));
    list.push({ id: "training", title: "Training", content });
  }
  if (run.evaluations.length > 0) {
    const content = h("div", {}, ...run.evaluations.map(evaluationBlock));
    const failed = run.evaluations.some(({ validation }) => validation && !validation.ok);
    list.push({ id: "evaluation", title: failed ? "Evaluation ✗" : "Evaluation", content });
  }
  list.push({ id: "lineage", title: "Lineage", content: h("div", {}, lineageTable(run)) });
  const shown = tabs(list);
  return [
    h(
      "header.page.run",
      {},
      h("h1", {}, run.pipeline, h("span.runid", {}, ` ${run.runId}`)),
      summary(run),
    ),
    ...notes(run),
    shown.element,
  ];
}
