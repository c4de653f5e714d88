// The evaluation: verdict, metrics of all the data, metrics by slice, plots.

import { DataTable } from "../data_table";
import { h, s, picture } from "../dom";
import { compact, exact, metric as number, plural } from "../format";
import type { EvaluationData, MetricData, Num } from "../model";
import { linear, type Scale } from "../scale";
import {
  chartable,
  isCount,
  type MetricRow,
  metricRows,
  sliceValues,
  type SliceValue,
} from "./metrics";
import { plotsBlock } from "./plots";

function verdict(evaluation: EvaluationData): HTMLElement | null {
  const { validation } = evaluation;
  if (!validation) return null;
  const { ok, failures, missingSlices, missingThresholds, rubberStamp } = validation;
  const note = h(
    `div.note.${ok ? "good" : "error"}`,
    {},
    h("strong", {}, ok ? "The model passed validation" : "The model did not pass validation"),
    rubberStamp ? " without a baseline to compare with" : "",
    missingThresholds ? " : no thresholds are configured" : "",
  );
  const list = h("ul");
  for (const failure of failures) {
    list.append(
      h(
        "li",
        {},
        h("b", {}, failure.metric),
        ` in ${failure.slice}: `,
        failure.value === null
          ? ""
          : `${failure.diff ? "change " : ""}${compact(failure.value, 5)}`,
        failure.threshold ? `, wanted ${failure.threshold}. ` : ". ",
        h("span.soft", {}, failure.message),
      ),
    );
  }
  for (const slice of missingSlices) {
    list.append(h("li", {}, `No example falls into the slice ${slice}, which has a threshold.`));
  }
  if (list.childElementCount > 0) note.append(list);
  return note;
}

function valueText(metric: MetricData | null): HTMLElement | string {
  if (!metric) return "–";
  if (metric.value === null) return metric.text ?? "–";
  return h("span", { "data-hint": exact(metric.value) }, number(metric.value));
}

function interval(metric: MetricData | null): string {
  if (metric?.low === undefined || metric.high === undefined) return "";
  return `${number(metric.low)} – ${number(metric.high)}`;
}

function thresholdCell(row: MetricRow): HTMLElement | string {
  if (row.thresholds.length === 0) return "";
  return h(
    "span.thresholds",
    {},
    ...row.thresholds.map(({ text, ok, message }) =>
      h(
        `span.threshold${ok === null ? "" : ok ? ".ok" : ".fail"}`,
        { "data-hint": message },
        `${ok === null ? "" : ok ? "✓ " : "✗ "}${text}`,
      ),
    ),
  );
}

function overallTable(evaluation: EvaluationData): HTMLElement | null {
  const overall =
    evaluation.slices.find(({ slice }) => slice === "Overall") ?? evaluation.slices[0];
  if (!overall) return null;
  const rows = metricRows(evaluation, overall);
  const has = (pick: (row: MetricRow) => boolean) => rows.some(pick);
  const columns = [
    {
      title: "metric",
      value: (row: MetricRow) => row.name,
      cell: (row: MetricRow) =>
        h("span", {}, h("b", {}, row.name), row.about ? h("span.soft", {}, ` ${row.about}`) : null),
    },
    {
      title: has((row) => row.baseline !== null) ? "candidate" : "value",
      kind: "number" as const,
      cell: (row: MetricRow) => valueText(row.candidate),
    },
  ];
  if (has((row) => row.candidate?.low !== undefined)) {
    columns.push({
      title: "95 % interval",
      kind: "number",
      cell: (row) => interval(row.candidate),
    });
  }
  if (has((row) => row.baseline !== null)) {
    columns.push({ title: "baseline", kind: "number", cell: (row) => valueText(row.baseline) });
  }
  if (has((row) => row.diff !== null)) {
    columns.push({ title: "difference", kind: "number", cell: (row) => valueText(row.diff) });
  }
  if (has((row) => row.thresholds.length > 0)) {
    columns.push({ title: "threshold", cell: thresholdCell } as (typeof columns)[number]);
  }
  const table = new DataTable<MetricRow>(columns, { label: `Metrics, ${overall.slice}` });
  return h("section", {}, h("h3", {}, overall.slice), table.set(rows).element);
}

const BAR_WIDTH = 260;
const BAR_HEIGHT = 16;

// Counts are bars from zero; other values are dots, on a scale that shows how they differ.
function sliceMark(
  { metric, failed }: SliceValue,
  x: Scale,
  overall: Num,
  bars: boolean,
): SVGElement | null {
  if (!metric || metric.value === null) return null;
  const svg = picture(BAR_WIDTH, BAR_HEIGHT, `${metric.name} ${compact(metric.value)}`, "slicebar");
  const at = x(metric.value);
  const y = BAR_HEIGHT / 2;
  const slot = failed ? "fail" : "s0";
  svg.append(s("line.track", { x1: 0, x2: BAR_WIDTH, y1: y, y2: y }));
  if (overall !== null) {
    const line = x(overall);
    svg.append(s("line.reference", { x1: line, x2: line, y1: 0, y2: BAR_HEIGHT }));
  }
  const { low, high } = metric;
  if (low !== undefined && high !== undefined && low !== null && high !== null) {
    svg.append(s(`line.interval.${slot}`, { x1: x(low), x2: x(high), y1: y, y2: y }));
  }
  svg.append(
    bars
      ? s(`rect.bar.${slot}`, {
          x: x(0),
          y: 3,
          width: Math.max(1, at - x(0)),
          height: BAR_HEIGHT - 6,
        })
      : s(`circle.value.${slot}`, { cx: at, cy: y, r: 4.5 }),
  );
  return svg;
}

function sliceTable(all: SliceValue[], label: string): HTMLElement | null {
  const rows = all.filter(({ metric }) => metric !== null);
  if (rows.length === 0) return null;
  const values = rows.flatMap(({ metric }) =>
    [metric?.value, metric?.low, metric?.high].filter((v): v is number => typeof v === "number"),
  );
  const bars = rows.some(({ metric }) => metric !== null && isCount(metric.name));
  const low = Math.min(...values, bars ? 0 : Infinity);
  const high = Math.max(...values, bars ? 1e-9 : -Infinity);
  const x = linear(low, high, 6, BAR_WIDTH - 6);
  const overall = rows.find(({ slice }) => slice === "Overall")?.metric?.value ?? null;
  const table = new DataTable<SliceValue>(
    [
      { title: label, value: (row) => row.slice, cell: (row) => h("b", {}, row.slice) },
      {
        title: "examples",
        kind: "number",
        value: (row) => row.examples,
        cell: (row) => h("span", { "data-hint": exact(row.examples) }, compact(row.examples)),
      },
      {
        title: "value",
        kind: "number",
        value: (row) => row.metric?.value ?? null,
        cell: (row) => valueText(row.metric),
      },
      { title: "interval", kind: "number", cell: (row) => interval(row.metric) },
      {
        title: bars ? "" : `${number(low)} to ${number(high)}`,
        kind: "wide",
        cell: (row) => sliceMark(row, x, overall, bars),
      },
    ],
    { label: "Metric by slice", limit: 100, rowClass: (row) => (row.failed ? "fail" : "") },
  );
  return table.set(rows).element;
}

function slicesBlock(evaluation: EvaluationData): HTMLElement | null {
  const options = chartable(evaluation);
  const first = options[0];
  if (evaluation.slices.length < 2 || !first) return null;
  const place = h("div");
  const select = h("select", { "aria-label": "Metric" });
  select.append(...options.map(({ key, title }) => h("option", { value: key }, title)));
  const draw = () => {
    const values = sliceTable(sliceValues(evaluation, select.value), "slice");
    const differences = sliceTable(sliceValues(evaluation, select.value, true), "difference of");
    place.replaceChildren(...[values, differences].filter((table) => table !== null));
  };
  select.addEventListener("change", draw);
  draw();
  return h(
    "section",
    {},
    h(
      "div.toolbar",
      {},
      h("h3", {}, "By slice", h("span.count", {}, ` ${plural(evaluation.slices.length, "slice")}`)),
      select,
      h("span.soft", {}, "The dashed line is the value over all data."),
    ),
    place,
  );
}

export function evaluationBlock(evaluation: EvaluationData): HTMLElement {
  return h(
    "div.evaluation",
    {},
    verdict(evaluation),
    overallTable(evaluation),
    plotsBlock(evaluation.plots),
    slicesBlock(evaluation),
  );
}
