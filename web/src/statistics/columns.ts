// What the two tables of features show, and when a number is worth a red mark.

import { compact, exact, percent } from "../format";
import type { Kind, Num, Stats } from "../model";

// Shares above these are shown in red.
export const MISSING_LIMIT = 0.05;
export const ZEROS_LIMIT = 0.5;

export interface Cell {
  text: string;
  hint: string;
  bad: boolean;
  quiet?: boolean; // nothing to see
}

// How wide the window is; statistics.css says in pixels.
export type Room = "medium" | "wide";

export interface Column {
  key: string;
  title: string;
  hint: string;
  width: string; // of a CSS grid track
  text?: boolean; // left-aligned, sorted as text
  from?: Room; // the least room in which it is shown; none: always
  value: (stats: Stats) => Num | string;
  cell: (stats: Stats) => Cell;
}

export function examplesOf(stats: Stats): number {
  return stats.n + stats.missing;
}

function missingShare(stats: Stats): Num {
  const all = examplesOf(stats);
  return all > 0 ? stats.missing / all : null;
}

function zeroShare(stats: Stats): Num {
  const values = stats.values ?? stats.n;
  return stats.num && values > 0 ? stats.num.zeros / values : null;
}

function topShare(stats: Stats): Num {
  const values = stats.values ?? stats.n;
  const count = stats.str?.top[0]?.[1];
  return count !== undefined && values > 0 ? count / values : null;
}

function number(
  key: string,
  title: string,
  hint: string,
  value: (stats: Stats) => Num | undefined,
): Column {
  return {
    key,
    title,
    hint,
    width: "minmax(52px, 1fr)",
    value: (stats) => value(stats) ?? null,
    cell: (stats) => {
      const shown = value(stats);
      const bad = typeof shown === "number" && !Number.isFinite(shown);
      return { text: compact(shown), hint: exact(shown), bad };
    },
  };
}

function share(
  key: string,
  title: string,
  hint: string,
  value: (stats: Stats) => Num,
  limit: number,
  count: (stats: Stats) => number | undefined,
): Column {
  return {
    key,
    title,
    hint,
    width: "minmax(56px, 1fr)",
    value,
    cell: (stats) => {
      const part = value(stats);
      return {
        text: percent(part),
        hint: exact(count(stats)),
        bad: part !== null && part > limit,
        quiet: part === 0,
      };
    },
  };
}

const COUNT = number("count", "count", "Examples that have the feature", (stats) => stats.n);
const MISSING = share(
  "missing",
  "missing",
  "Share of the examples without the feature",
  missingShare,
  MISSING_LIMIT,
  (stats) => stats.missing,
);

const NUMERIC: Column[] = [
  COUNT,
  MISSING,
  number("mean", "mean", "Arithmetic mean of the values", (stats) => stats.num?.mean),
  number("std", "std dev", "Standard deviation of the values", (stats) => stats.num?.std),
  share(
    "zeros",
    "zeros",
    "Share of the values that are zero",
    zeroShare,
    ZEROS_LIMIT,
    (stats) => stats.num?.zeros,
  ),
  number("min", "min", "Least value", (stats) => stats.num?.min),
  number("median", "median", "Median", (stats) => stats.num?.median),
  number("max", "max", "Greatest value", (stats) => stats.num?.max),
];

const CATEGORICAL: Column[] = [
  COUNT,
  MISSING,
  number(
    "unique",
    "unique",
    "Number of different values",
    (stats) => stats.str?.unique ?? stats.bytes?.unique,
  ),
  {
    key: "top",
    title: "top",
    hint: "The most frequent value",
    width: "minmax(90px, 1.7fr)",
    text: true,
    value: (stats) => stats.str?.top[0]?.[0] ?? null,
    cell: (stats) => {
      const label = stats.str?.top[0]?.[0];
      return {
        text: label === undefined ? "–" : label || "(empty)",
        hint: label ?? "",
        bad: false,
      };
    },
  },
  share(
    "freq",
    "freq top",
    "Share of the values that are the most frequent one",
    topShare,
    Infinity,
    (stats) => stats.str?.top[0]?.[1],
  ),
  number(
    "length",
    "avg length",
    "Mean length of the values, in bytes",
    (stats) => stats.str?.avgLength ?? stats.bytes?.avg,
  ),
];

const ROOM: Record<string, Room> = {
  count: "wide",
  std: "wide",
  min: "wide",
  max: "wide",
  length: "wide",
  mean: "medium",
  median: "medium",
  zeros: "medium",
  top: "medium",
  freq: "medium",
};
for (const column of [...NUMERIC, ...CATEGORICAL]) {
  const room = ROOM[column.key];
  if (room) column.from = room;
}

// What a feature has of values that are no numbers to reckon with: "2 NaN, 1 infinite", or "".
export function notFinite(all: (Stats | null | undefined)[]): string {
  const count = (pick: (num: NonNullable<Stats["num"]>) => number | undefined) =>
    all.reduce((sum, stats) => sum + ((stats?.num && pick(stats.num)) ?? 0), 0);
  const nan = count((num) => num.nan);
  const inf = count((num) => num.inf);
  const parts = [nan > 0 ? `${compact(nan)} NaN` : "", inf > 0 ? `${compact(inf)} infinite` : ""];
  return parts.filter(Boolean).join(", ");
}

export function columnsOf(kind: Kind): Column[] {
  return kind === "numeric" ? NUMERIC : CATEGORICAL;
}
