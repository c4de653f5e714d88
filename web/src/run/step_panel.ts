// Beside the graph: where the time went, or one step in detail.

import { h } from "../dom";
import { duration } from "../format";
import type { ArtifactData, RunData, StepData } from "../model";

// A path below the root of the run is shown without the root.
export function shownPath(uri: string, root: string): string {
  const base = root.replace(/\/+$/, "");
  return base && uri.startsWith(`${base}/`) ? uri.slice(base.length + 1) : uri;
}

// A long path breaks after its slashes.
export function pathNode(uri: string, root: string): HTMLElement {
  const node = h("code.path", { title: uri });
  shownPath(uri, root)
    .split(/(?<=\/)/)
    .forEach((part) => node.append(part, h("wbr")));
  return node;
}

export function badge(state: string, text = state): HTMLElement {
  return h(`span.badge.${state}`, {}, text);
}

function artifactList(title: string, artifacts: ArtifactData[], root: string): HTMLElement | null {
  if (artifacts.length === 0) return null;
  const list = h("ul.artifacts");
  for (const { port, type, uri, step } of artifacts) {
    list.append(
      h(
        "li",
        {},
        h("b", {}, port),
        h("span.soft", {}, ` ${type}${step ? ` from ${step}` : ""}`),
        pathNode(uri, root),
      ),
    );
  }
  return h("div", {}, h("h4", {}, title), list);
}

function paramsTable(params: [string, string][]): HTMLElement | null {
  if (params.length === 0) return null;
  return h(
    "details",
    params.length <= 6 ? { open: true } : {},
    h("summary", {}, "Parameters"),
    h(
      "table.facts.params",
      {},
      ...params.map(([name, value]) =>
        h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, h("code", {}, value))),
      ),
    ),
  );
}

export function stepDetail(step: StepData, root: string, onClose: () => void): HTMLElement {
  const close = h("button.close", { type: "button", "aria-label": "Back to all steps" }, "×");
  close.addEventListener("click", onClose);
  return h(
    "div.stepdetail",
    {},
    h("div.title", {}, h("h3", {}, step.name), badge(step.state), close),
    h(
      "p.soft",
      {},
      step.component !== step.name ? `${step.component} · ` : "",
      step.state === "ran" || step.state === "failed" ? duration(step.seconds) : "did not run",
    ),
    step.error ? h("pre.error", {}, step.error) : null,
    step.reason
      ? h("ul.reasons", {}, ...step.reason.split("\n").map((line) => h("li", {}, line)))
      : null,
    step.summary ? h("pre.summary", {}, step.summary) : null,
    artifactList("Reads", step.inputs, root),
    artifactList("Writes", step.outputs, root),
    paramsTable(step.params),
  );
}

export function timeTable(run: RunData, onSelect: (index: number) => void): HTMLElement {
  const longest = Math.max(...run.steps.map(({ seconds }) => seconds ?? 0), 1e-9);
  const table = h("table.times", {});
  run.steps.forEach((step, index) => {
    const ran = step.state === "ran" || step.state === "failed";
    const name = h("button.link", { type: "button" }, step.name);
    name.addEventListener("click", () => onSelect(index));
    const share = ran ? ((step.seconds ?? 0) / longest) * 100 : 0;
    table.append(
      h(
        "tr",
        {},
        h("td", {}, name),
        h("td", {}, badge(step.state)),
        h(
          "td.bar",
          {},
          h(`i.${step.state}`, { style: `width:${Math.max(0.5, share).toFixed(1)}%` }),
        ),
        h("td.number", {}, ran ? duration(step.seconds) : "–"),
      ),
    );
  });
  return h("div", {}, h("h4", {}, "Time per step"), table);
}
