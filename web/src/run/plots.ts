// ROC curve, precision and recall, and calibration of a slice.

import { type Curve, lineChart } from "../charts/line";
import { h } from "../dom";
import { compact, percent, percentTick } from "../format";
import type { PlotData } from "../model";

interface Matrix {
  threshold: number;
  tp: number;
  fp: number;
  tn: number;
  fn: number;
}

export function matrices(flat: (number | null)[] | undefined): Matrix[] {
  const list: Matrix[] = [];
  for (let i = 0; flat && i + 4 < flat.length; i += 5) {
    const [threshold, tp, fp, tn, fn] = flat.slice(i, i + 5).map((value) => value ?? 0);
    list.push({ threshold: threshold ?? 0, tp: tp ?? 0, fp: fp ?? 0, tn: tn ?? 0, fn: fn ?? 0 });
  }
  return list;
}

const ratio = (part: number, rest: number) => (part + rest > 0 ? part / (part + rest) : null);

export function rocPoints(list: Matrix[]): { x: number; y: number; hint: string }[] {
  return list
    .flatMap(({ threshold, tp, fp, tn, fn }) => {
      const x = ratio(fp, tn);
      const y = ratio(tp, fn);
      if (x === null || y === null) return [];
      const rates = `true positives ${percent(y)}\nfalse positives ${percent(x)}`;
      const hint = `threshold ${compact(threshold)}\n${rates}`;
      return [{ x, y, hint }];
    })
    .sort((a, b) => a.x - b.x || a.y - b.y);
}

export function precisionPoints(list: Matrix[]): { x: number; y: number; hint: string }[] {
  return list
    .flatMap(({ threshold, tp, fp, fn }) => {
      const x = ratio(tp, fn);
      const y = ratio(tp, fp);
      if (x === null || y === null) return [];
      const hint = `threshold ${compact(threshold)}\nprecision ${percent(y)}\nrecall ${percent(x)}`;
      return [{ x, y, hint }];
    })
    .sort((a, b) => a.x - b.x || b.y - a.y);
}

function calibrationPoints(flat: (number | null)[]): { x: number; y: number; hint: string }[] {
  const points: { x: number; y: number; hint: string }[] = [];
  for (let i = 0; i + 4 < flat.length; i += 5) {
    const [, , count, label, prediction] = flat.slice(i, i + 5).map((value) => value ?? 0);
    if (!count || count <= 0) continue;
    const x = (prediction ?? 0) / count;
    const y = (label ?? 0) / count;
    const means = `mean prediction ${compact(x)}\nmean label ${compact(y)}`;
    const hint = `${means}\n${compact(count)} examples`;
    points.push({ x, y, hint });
  }
  return points.sort((a, b) => a.x - b.x);
}

// Slot 1 is the baseline, or whatever model comes second.
function curves(
  plots: PlotData[],
  pick: (plot: PlotData) => Curve["points"],
  dots: boolean,
): Curve[] {
  return plots.slice(0, 2).map((plot, i) => ({
    name: plot.model || "model",
    slot: i as 0 | 1,
    points: pick(plot),
    dots,
  }));
}

function charts(plots: PlotData[]): HTMLElement {
  const row = h("div.plots");
  const unit: [number, number] = [0, 1];
  const thresholds = plots.filter(({ confusion }) => confusion);
  if (thresholds.length > 0) {
    const both = { x: unit, y: unit, xText: percentTick, yText: percentTick };
    row.append(
      lineChart(
        curves(thresholds, (plot) => rocPoints(matrices(plot.confusion)), false),
        {
          label: "ROC curve",
          xTitle: "false positive rate",
          yTitle: "true positive rate (ROC)",
          diagonal: "up",
          ...both,
        },
      ),
      lineChart(
        curves(thresholds, (plot) => precisionPoints(matrices(plot.confusion)), false),
        {
          label: "Precision and recall",
          xTitle: "recall",
          yTitle: "precision",
          ...both,
        },
      ),
    );
  }
  const calibrated = plots.filter(({ calibration }) => calibration);
  if (calibrated.length > 0) {
    row.append(
      lineChart(
        curves(calibrated, (plot) => calibrationPoints(plot.calibration ?? []), true),
        {
          label: "Calibration",
          xTitle: "mean prediction",
          yTitle: "mean label (calibration)",
          diagonal: "up",
        },
      ),
    );
  }
  return row;
}

export function plotsBlock(plots: PlotData[]): HTMLElement | null {
  if (plots.length === 0) return null;
  const groups = new Map<string, PlotData[]>();
  for (const plot of plots) {
    const title = [plot.slice, plot.output, plot.sub].filter(Boolean).join(" · ");
    const list = groups.get(title);
    if (list) list.push(plot);
    else groups.set(title, [plot]);
  }
  const place = h("div");
  const legend = h("div.legend");
  const select = h("select", { "aria-label": "Slice of the plots" });
  select.append(...[...groups.keys()].map((title) => h("option", { value: title }, title)));
  const draw = () => {
    const chosen = groups.get(select.value) ?? [];
    place.replaceChildren(charts(chosen));
    const named = chosen.filter(({ model }) => model).slice(0, 2);
    legend.replaceChildren(
      ...named.map(({ model }, i) => h("span", {}, h(`i.swatch.s${i}`), h("b", {}, model))),
    );
  };
  select.addEventListener("change", draw);
  draw();
  return h(
    "section",
    {},
    h("div.toolbar", {}, h("h3", {}, "Plots"), groups.size > 1 ? select : null, legend),
    place,
  );
}
