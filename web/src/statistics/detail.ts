// What opens below a row: the large charts, the rest of the numbers, schema and anomalies.

import { valueBars } from "../charts/bars";
import { histogram, quantileCurve, type Series } from "../charts/histogram";
import { h } from "../dom";
import { compact, exact } from "../format";
import type { Anomaly, Feature, Stats } from "../model";
import { bucketsOf } from "../scale";

export interface ChartOptions {
  mode: "standard" | "quantiles";
  log: boolean;
}

export interface Shown {
  name: string;
  slot: 0 | 1;
  stats: Stats;
}

function chartBlock(title: string, chart: SVGElement): HTMLElement {
  return h("figure", {}, h("figcaption", {}, title), chart);
}

export function seriesOf(
  shown: Shown[],
  pick: (stats: Stats) => (number | null)[] | undefined,
): Series[] {
  return shown.map(({ name, slot, stats }) => {
    const picked = pick(stats);
    return { name, slot, buckets: bucketsOf(picked), unbounded: (picked?.length ?? 0) > 0 };
  });
}

export function countedOf(shown: Shown[]) {
  return shown.map(({ name, slot, stats }) => ({
    name,
    slot,
    total: stats.values ?? stats.n,
    top: stats.str?.top ?? [],
    complete: (stats.str?.top.length ?? 0) >= (stats.str?.unique ?? Infinity),
  }));
}

function charts(shown: Shown[], options: ChartOptions): HTMLElement {
  const block = h("div.charts");
  if (shown.some(({ stats }) => stats.num)) {
    const quantiles = options.mode === "quantiles";
    const series = seriesOf(shown, ({ num }) => (quantiles ? num?.quantiles : num?.standard));
    block.append(
      quantiles
        ? chartBlock("Share of values up to", quantileCurve(series, options.log))
        : chartBlock("Values", histogram(series, options.log)),
    );
  }
  if (shown.some(({ stats }) => stats.str)) {
    block.append(chartBlock("Most frequent values", valueBars(countedOf(shown), 12)));
  }
  const varies = shown.some(({ stats }) => {
    const [low, , high] = stats.valueCount ?? [null, null, null];
    return low !== high && (stats.valueCountHist?.length ?? 0) > 0;
  });
  if (varies) {
    const series = seriesOf(shown, (stats) => stats.valueCountHist);
    block.append(chartBlock("Values per example", quantileCurve(series, options.log, 560, 150)));
  }
  return block;
}

type Fact = [string, (stats: Stats) => string | null];

const FACTS: Fact[] = [
  ["examples with it", (stats) => exact(stats.n)],
  ["missing", (stats) => exact(stats.missing)],
  ["values", ({ n, values }) => (values === undefined || values === n ? null : exact(values))],
  [
    "values per example",
    ({ valueCount }) => {
      if (!valueCount) return null;
      const [low, mean, high] = valueCount;
      return low === high
        ? compact(low)
        : `${compact(low)}–${compact(high)}, mean ${compact(mean)}`;
    },
  ],
  ["mean", ({ num }) => (num ? compact(num.mean, 6) : null)],
  ["standard deviation", ({ num }) => (num ? compact(num.std, 6) : null)],
  ["zeros", ({ num }) => (num ? exact(num.zeros) : null)],
  ["least", ({ num }) => (num ? exact(num.min) : null)],
  ["median", ({ num }) => (num ? exact(num.median) : null)],
  ["greatest", ({ num }) => (num ? exact(num.max) : null)],
  ["NaN", ({ num }) => (num?.nan ? exact(num.nan) : null)],
  ["infinite", ({ num }) => (num?.inf ? exact(num.inf) : null)],
  ["different values", ({ str, bytes }) => ((str ?? bytes) ? exact((str ?? bytes)?.unique) : null)],
  [
    "mean length, bytes",
    ({ str, bytes }) => (str || bytes ? compact(str ? str.avgLength : bytes?.avg) : null),
  ],
  ["not valid UTF-8", ({ str }) => (str?.invalidUtf8 ? exact(str.invalidUtf8) : null)],
];

const BAD = new Set(["NaN", "infinite"]); // in red

function facts(shown: Shown[], difference: number | null): HTMLElement {
  const names = new Set(shown.flatMap(({ stats }) => (stats.custom ?? []).map(([name]) => name)));
  const custom: Fact[] = [...names].map((name) => [
    name,
    (stats) => {
      const value = stats.custom?.find(([other]) => other === name)?.[1];
      return value === undefined ? null : typeof value === "string" ? value : compact(value, 5);
    },
  ]);
  const table = h("table.facts");
  if (shown.length > 1) {
    table.append(
      h("tr", {}, h("th"), ...shown.map(({ name, slot }) => h(`th.s${slot}`, {}, name))),
    );
  }
  for (const [name, value] of [...FACTS, ...custom]) {
    const cells = shown.map(({ stats }) => value(stats));
    if (cells.every((cell) => cell === null)) continue;
    table.append(
      h(
        "tr",
        {},
        h("th", { scope: "row" }, name),
        ...cells.map((cell) =>
          h(`td${BAD.has(name) && cell !== null ? ".bad" : ""}`, {}, cell ?? "–"),
        ),
      ),
    );
  }
  if (difference !== null) {
    table.append(
      h(
        "tr",
        {},
        h("th", { scope: "row" }, "difference (JSD)"),
        h("td", { colspan: 2 }, difference.toFixed(4)),
      ),
    );
  }
  return table;
}

export function anomalyNote(anomaly: Anomaly): HTMLElement {
  return h(
    `div.note.${anomaly.severity}`,
    {},
    h("strong", {}, anomaly.short || "Anomaly"),
    anomaly.dataset ? h("span.where", {}, ` in ${anomaly.dataset}`) : null,
    anomaly.text && anomaly.text !== anomaly.short ? h("div", {}, anomaly.text) : null,
  );
}

export function detail(
  feature: Feature,
  shown: Shown[],
  anomalies: Anomaly[],
  difference: number | null,
  options: ChartOptions,
): HTMLElement {
  const side = h("div.side");
  side.append(...anomalies.map(anomalyNote), facts(shown, difference));
  if (feature.expected) {
    side.append(h("p.expected", {}, h("span", {}, "Schema "), feature.expected));
  }
  return h("div.detail", {}, charts(shown, options), side);
}
