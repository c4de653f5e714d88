// Metrics of a slice as rows: candidate, baseline, difference, threshold. No drawing here.

import type { EvaluationData, MetricData, Num, SliceMetrics } from "../model";

export interface MetricRow {
  key: string;
  name: string;
  about: string; // output and sub key
  candidate: MetricData | null;
  baseline: MetricData | null;
  diff: MetricData | null;
  thresholds: { text: string; ok: boolean | null; message: string }[];
}

export function metricKey(metric: MetricData): string {
  return [metric.name, metric.output, metric.sub].join("\u0000");
}

// The name of the model that is judged: any but the baseline.
function isBaseline(metric: MetricData, baseline: string): boolean {
  return baseline !== "" && metric.model === baseline;
}

export function metricRows(evaluation: EvaluationData, slice: SliceMetrics): MetricRow[] {
  const rows = new Map<string, MetricRow>();
  for (const metric of slice.metrics) {
    const key = metricKey(metric);
    const row: MetricRow = rows.get(key) ?? {
      key,
      name: metric.name,
      about: [metric.output, metric.sub].filter(Boolean).join(", "),
      candidate: null,
      baseline: null,
      diff: null,
      thresholds: [],
    };
    if (metric.diff) row.diff = metric;
    else if (isBaseline(metric, evaluation.baseline)) row.baseline = metric;
    else row.candidate ??= metric;
    rows.set(key, row);
  }
  const { validation } = evaluation;
  for (const threshold of slice.thresholds) {
    for (const row of rows.values()) {
      if (row.name !== threshold.metric) continue;
      const failure = validation?.failures.find(
        ({ metric, diff, slice: where }) =>
          metric === row.name && diff === threshold.diff && where === slice.slice,
      );
      const applies = threshold.diff ? row.diff !== null : row.candidate !== null;
      row.thresholds.push({
        text: threshold.text,
        ok: failure ? false : validation && applies ? true : null,
        message: failure?.message ?? (applies ? "" : "no baseline to compare with"),
      });
    }
  }
  return [...rows.values()];
}

export function isCount(name: string): boolean {
  return /count/.test(name);
}

// What can be charted by slice: the candidate's numbers, and the differences.
export function chartable(
  evaluation: EvaluationData,
): { key: string; title: string; diff: boolean }[] {
  const found = new Map<string, { key: string; title: string; diff: boolean }>();
  for (const { metrics } of evaluation.slices) {
    for (const metric of metrics) {
      if (metric.value === null || isBaseline(metric, evaluation.baseline)) continue;
      const key = `${metric.diff ? "d" : "v"}${metricKey(metric)}`;
      const about = [metric.output, metric.sub].filter(Boolean).join(", ");
      const title = `${metric.diff ? "Δ " : ""}${metric.name}${about ? ` (${about})` : ""}`;
      if (!found.has(key)) found.set(key, { key, title, diff: metric.diff });
    }
  }
  // Counts last: nobody opens a report for them first.
  return [...found.values()].sort((a, b) => Number(isCount(a.title)) - Number(isCount(b.title)));
}

export interface SliceValue {
  slice: string;
  examples: Num;
  metric: MetricData | null;
  failed: boolean;
}

export function sliceValues(evaluation: EvaluationData, key: string, cross = false): SliceValue[] {
  const diff = key.startsWith("d");
  const slices = evaluation.slices.filter((one) => one.cross === cross);
  return slices.map(({ slice, metrics }) => {
    const own = metrics.filter((metric) => !isBaseline(metric, evaluation.baseline));
    const metric = own.find((one) => one.diff === diff && metricKey(one) === key.slice(1)) ?? null;
    const counts = ["example_count", "weighted_example_count"];
    const count = own.find((one) => !one.diff && counts.includes(one.name));
    const failed =
      evaluation.validation?.failures.some(
        (failure) =>
          failure.slice === slice && failure.metric === metric?.name && failure.diff === diff,
      ) ?? false;
    return { slice, examples: count?.value ?? null, metric, failed };
  });
}
