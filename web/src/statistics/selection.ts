// Which features are shown, and in which order. No drawing here.

import type { Anomaly, Feature, Kind, Num, Stats, StatisticsData } from "../model";
import { bucketsOf, divergence, range, rebin } from "../scale";
import { columnsOf } from "./columns";

export interface Query {
  search: string; // part of a name, or /regular expression/
  types: Set<string>; // empty: all
  onlyAnomalies: boolean;
}

export interface Order {
  key: string; // "order", "name", "difference", "anomalies" or a column
  descending: boolean;
}

export interface Row {
  index: number; // in data.features
  feature: Feature;
  anomalies: Anomaly[];
}

export type Pair = [number, number | null];

export function matcher(search: string): (path: string) => boolean {
  const text = search.trim();
  const pattern = /^\/(.+)\/?$/.exec(text)?.[1]?.replace(/\/$/, "");
  if (pattern) {
    try {
      const expression = new RegExp(pattern, "i");
      return (path) => expression.test(path);
    } catch {
      return () => false; // half-typed
    }
  }
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return (path) => words.every((word) => path.toLowerCase().includes(word));
}

// How far apart two data sets are in a feature, 0 to 1, where that was not measured before (see
// Feature.differences): the Jensen-Shannon divergence of their histograms. An estimate, since
// histograms with unlike bounds are brought to common ones, and only the top values are known.
export function difference(a: Stats | null | undefined, b: Stats | null | undefined): Num {
  if (!a || !b) return null;
  if (a.num && b.num) {
    const left = bucketsOf(a.num.standard);
    const right = bucketsOf(b.num.standard);
    const span = range([left, right]);
    if (!span) return null;
    const counts = (buckets: typeof left) =>
      rebin(buckets, span[0], span[1], 20).map((bucket) => bucket.count);
    return divergence(counts(left), counts(right));
  }
  if (a.str && b.str) {
    const labels = [...new Set([...a.str.top, ...b.str.top].map(([label]) => label))];
    const counts = (stats: Stats) => {
      const lookup = new Map(stats.str?.top);
      const listed = labels.map((label) => lookup.get(label) ?? 0);
      const rest = (stats.values ?? stats.n) - listed.reduce((x, y) => x + y, 0);
      return [...listed, Math.max(0, rest)];
    };
    return divergence(counts(a), counts(b));
  }
  return null;
}

const RANK = { error: 2, warning: 1, unknown: 0 };

export class Selection {
  private readonly anomalies = new Map<string, Anomaly[]>();
  private readonly differences = new Map<string, Num>();

  constructor(private readonly data: StatisticsData) {
    for (const anomaly of data.anomalies) {
      const list = this.anomalies.get(anomaly.path);
      if (list) list.push(anomaly);
      else this.anomalies.set(anomaly.path, [anomaly]);
    }
  }

  anomaliesOf(path: string): Anomaly[] {
    return this.anomalies.get(path) ?? [];
  }

  differenceOf(index: number, pair: Pair): Num {
    if (pair[1] === null) return null;
    const key = `${index} ${pair[0]} ${pair[1]}`;
    let value = this.differences.get(key);
    if (value === undefined) {
      const feature = this.data.features[index];
      const measured = feature?.differences?.[this.pairIndex(pair[0], pair[1])];
      const stats = feature?.stats;
      value = measured ?? difference(stats?.[pair[0]], stats?.[pair[1]]);
      this.differences.set(key, value);
    }
    return value;
  }

  private pairIndex(one: number, other: number): number {
    const [a, b] = one < other ? [one, other] : [other, one];
    return a * this.data.datasets.length - (a * (a + 1)) / 2 + (b - a - 1);
  }

  rows(kind: Kind, query: Query, order: Order, pair: Pair): Row[] {
    const matches = matcher(query.search);
    const rows: Row[] = [];
    this.data.features.forEach((feature, index) => {
      if (feature.kind !== kind || !matches(feature.path)) return;
      if (query.types.size > 0 && !query.types.has(feature.type)) return;
      const shown = pair.some((slot) => slot !== null && feature.stats[slot]);
      const anomalies = this.anomaliesOf(feature.path);
      if (!shown && anomalies.length === 0) return;
      if (query.onlyAnomalies && anomalies.length === 0) return;
      rows.push({ index, feature, anomalies });
    });
    return this.sorted(rows, kind, order, pair);
  }

  private sorted(rows: Row[], kind: Kind, order: Order, pair: Pair): Row[] {
    if (order.key === "order") return order.descending ? rows.reverse() : rows;
    const keyed = rows.map((row) => ({ row, key: this.sortKey(row, kind, order.key, pair) }));
    keyed.sort((a, b) => {
      // What has no value comes last in both directions.
      if (a.key === null || b.key === null) {
        return a.key === b.key ? a.row.index - b.row.index : a.key === null ? 1 : -1;
      }
      const sign = order.descending ? -1 : 1;
      const compared =
        typeof a.key === "string" || typeof b.key === "string"
          ? String(a.key).localeCompare(String(b.key), undefined, { numeric: true })
          : a.key === b.key // infinities have no difference
            ? 0
            : a.key - b.key;
      return compared === 0 ? a.row.index - b.row.index : sign * compared;
    });
    return keyed.map(({ row }) => row);
  }

  private sortKey(row: Row, kind: Kind, key: string, pair: Pair): Num | string {
    if (key === "name") return row.feature.path;
    if (key === "difference") return this.differenceOf(row.index, pair);
    if (key === "anomalies") {
      const worst = Math.max(-1, ...row.anomalies.map((anomaly) => RANK[anomaly.severity]));
      return worst < 0 ? null : worst * 100 + row.anomalies.length;
    }
    const column = columnsOf(kind).find((one) => one.key === key);
    if (!column) return row.index;
    for (const slot of pair) {
      const stats = slot === null ? null : row.feature.stats[slot];
      if (!stats) continue;
      const value = column.value(stats);
      return Number.isNaN(value) ? null : value;
    }
    return null;
  }
}
