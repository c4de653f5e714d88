// JSON knows no numbers that are not finite: those of values come as texts.

import type { Num, StatisticsData } from "../model";

function decoded(value: Num | string): Num {
  return typeof value === "string" ? Number(value) : value;
}

// In place; returns its argument.
export function decodeStatistics(data: StatisticsData): StatisticsData {
  for (const { stats } of data.features) {
    for (const one of stats) {
      if (!one?.num) continue;
      const { num } = one;
      for (const key of ["mean", "std", "min", "median", "max"] as const) {
        num[key] = decoded(num[key]);
      }
    }
  }
  return data;
}
