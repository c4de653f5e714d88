// Frequencies of values: horizontal bars with labels, and the small picture in a table row.

import { picture, s } from "../dom";
import { clipped, compact, exact, percent } from "../format";

export interface Counted {
  name: string;
  slot: 0 | 1;
  total: number; // what shares are of
  top: [string, number][];
  complete: boolean; // the list holds every value
}

export interface ValueRow {
  label: string;
  counts: (number | null)[]; // by data set; null: not among its listed values
}

// The most frequent values of all data sets, at most `limit`: by the best rank in any of them, so
// that sets without a common value have equal parts, then by their greatest share.
export function valueRows(sets: Counted[], limit: number): ValueRow[] {
  const lookups = sets.map((set) => new Map(set.top));
  const labels: string[] = [];
  const seen = new Set<string>();
  for (const set of sets) {
    for (const [label] of set.top) {
      if (!seen.has(label)) labels.push(label);
      seen.add(label);
    }
  }
  const best = (label: string) =>
    Math.max(...sets.map((set, i) => (lookups[i]?.get(label) ?? 0) / (set.total || 1)));
  const rank = new Map<string, number>();
  for (const set of sets) {
    set.top.forEach(([label], i) => rank.set(label, Math.min(i, rank.get(label) ?? i)));
  }
  const order = new Map(labels.map((label, i) => [label, i]));
  const at = (map: Map<string, number>, label: string) => map.get(label) ?? 0;
  const chosen = labels
    .slice()
    .sort(
      (a, b) =>
        at(rank, a) - at(rank, b) || best(b) - best(a) || at(order, a) - at(order, b),
    )
    .slice(0, limit)
    .sort((a, b) => best(b) - best(a) || at(order, a) - at(order, b));
  return chosen.map((label) => ({
    label,
    counts: lookups.map((lookup) => lookup.get(label) ?? null),
  }));
}

function shown(label: string): string {
  return label === "" ? "(empty)" : label.trim() === "" ? `“${label}”` : label;
}

export function valueBars(sets: Counted[], limit = 10, width = 560): SVGElement {
  const rows = valueRows(sets, limit);
  const thick = sets.length > 1 ? 11 : 13;
  const pitch = thick * sets.length + 7;
  const height = Math.max(40, rows.length * pitch + 6);
  const svg = picture(width, height, "Most frequent values", "chart");
  if (rows.length === 0) {
    svg.append(s("text.none", { x: width / 2, y: 24, "text-anchor": "middle" }, "No values"));
    return svg;
  }
  const left = 150;
  const right = width - 92;
  const share = (set: Counted, count: number | null) => (count ?? 0) / (set.total || 1);
  const top = Math.max(
    ...rows.flatMap((row) => sets.map((set, i) => share(set, row.counts[i] ?? null))),
    1e-12,
  );
  rows.forEach((row, index) => {
    const y = 4 + index * pitch;
    svg.append(
      s(
        "text.label",
        {
          x: left - 8,
          y: y + (pitch - 7) / 2 + 4,
          "text-anchor": "end",
          "data-hint": shown(row.label),
        },
        clipped(shown(row.label), 22),
      ),
    );
    sets.forEach((set, i) => {
      const count = row.counts[i] ?? null;
      const part = share(set, count);
      const length = (part / top) * (right - left);
      const at = y + i * thick;
      svg.append(
        s(`rect.bar.s${set.slot}`, {
          x: left,
          y: at,
          width: Math.max(count ? 1 : 0, length),
          height: thick - 1,
          "data-hint": `${set.name}: ${shown(row.label)}\n${
            count === null
              ? set.complete
                ? "none"
                : "not among the listed values"
              : `${exact(count)} (${percent(part)})`
          }`,
        }),
        s(
          "text.value",
          { x: left + length + 6, y: at + thick / 2 + 3 },
          count === null
            ? set.complete
              ? "none"
              : "–"
            : sets.length > 1
              ? percent(part)
              : `${compact(count)} · ${percent(part)}`,
        ),
      );
    });
  });
  return svg;
}

export function valueSpark(sets: Counted[], width = 150, height = 36): SVGElement {
  const svg = picture(width, height, "Most frequent values", "spark");
  const rows = valueRows(sets, 12);
  if (rows.length === 0) return svg;
  const pitch = Math.min(24, (width - 2) / rows.length);
  const share = (set: Counted, count: number | null) => (count ?? 0) / (set.total || 1);
  const top = Math.max(
    ...rows.flatMap((row) => sets.map((set, i) => share(set, row.counts[i] ?? null))),
    1e-12,
  );
  rows.forEach((row, index) => {
    sets.forEach((set, i) => {
      const part = share(set, row.counts[i] ?? null);
      if (part <= 0) return;
      const tall = Math.max(1, (part / top) * (height - 3));
      const bar = (pitch - 2) / sets.length;
      svg.append(
        s(`rect.bar.s${set.slot}`, {
          x: 1 + index * pitch + i * bar,
          y: height - 1 - tall,
          width: Math.max(0.75, bar - 0.25),
          height: tall,
        }),
      );
    });
  });
  svg.append(s("line.base", { x1: 0, x2: width, y1: height - 0.5, y2: height - 0.5 }));
  return svg;
}
