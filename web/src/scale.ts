// Scales, ticks and the arithmetic of histograms.

import type { Buckets, Num } from "./model";

export interface Scale {
  (value: number): number;
  ticks: number[];
}

// Round values inside [low, high], about `count` of them.
export function niceTicks(low: number, high: number, count: number): number[] {
  if (!(high > low)) return [low];
  const raw = (high - low) / Math.max(1, count);
  const power = Math.pow(10, Math.floor(Math.log10(raw)));
  const step = ([1, 2, 5, 10].find((factor) => factor * power >= raw * 0.75) ?? 10) * power;
  const ticks: number[] = [];
  // An index, not a running sum: sums of 0.1 drift.
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
    ticks.push(Number((i * step).toPrecision(12)));
  }
  return ticks;
}

export function linear(low: number, high: number, from: number, to: number, count = 5): Scale {
  const span = high > low ? high - low : 1;
  const scale = ((value: number) => from + ((value - low) / span) * (to - from)) as Scale;
  scale.ticks = niceTicks(low, high, count);
  return scale;
}

// Logarithmic from 0: linear below `unit`, logarithmic above, mirrored for negative values.
export function symlog(low: number, high: number, from: number, to: number, unit = 1): Scale {
  const bend = (value: number) => Math.sign(value) * Math.log1p(Math.abs(value) / unit);
  const inner = linear(bend(low), bend(high), from, to);
  const scale = ((value: number) => inner(bend(value))) as Scale;
  scale.ticks = [];
  for (let size = unit; size <= Math.max(Math.abs(low), Math.abs(high)); size *= 10) {
    if (size >= low && size <= high) scale.ticks.push(size);
    if (-size >= low && -size <= high) scale.ticks.unshift(-size);
  }
  if (low <= 0 && high >= 0) scale.ticks.push(0);
  scale.ticks.sort((a, b) => a - b);
  if (scale.ticks.length < 3) {
    // Within a decade or two: the round values between.
    for (let size = unit; size <= Math.max(Math.abs(low), Math.abs(high)); size *= 10) {
      for (const factor of [2, 5]) {
        for (const tick of [factor * size, -factor * size]) {
          if (tick >= low && tick <= high) scale.ticks.push(tick);
        }
      }
    }
    scale.ticks.sort((a, b) => a - b);
  }
  while (scale.ticks.length > 6) scale.ticks = scale.ticks.filter((_, i) => i % 2 === 0);
  return scale;
}

export interface Bucket {
  low: number;
  high: number;
  count: number;
}

// The buckets with finite bounds, in order. A bound that is infinite is dropped to the other one.
export function bucketsOf(flat: Buckets | undefined): Bucket[] {
  const buckets: Bucket[] = [];
  for (let i = 0; flat && i + 2 < flat.length; i += 3) {
    const low = flat[i] ?? flat[i + 1];
    const high = flat[i + 1] ?? flat[i];
    const count = flat[i + 2];
    if (low === null || low === undefined || high === null || high === undefined) continue;
    buckets.push({ low, high, count: count ?? 0 });
  }
  return buckets;
}

export function total(buckets: Bucket[]): number {
  return buckets.reduce((sum, bucket) => sum + bucket.count, 0);
}

export function range(all: Bucket[][]): [number, number] | null {
  let low = Infinity;
  let high = -Infinity;
  for (const bucket of all.flat()) {
    low = Math.min(low, bucket.low);
    high = Math.max(high, bucket.high);
  }
  return low <= high ? [low, high] : null;
}

// Spreads counts over `bins` bins of equal width, each bucket evenly over its own width. Two
// histograms with different bounds become comparable; the total is kept.
export function rebin(buckets: Bucket[], low: number, high: number, bins: number): Bucket[] {
  const width = (high - low) / bins;
  const out: Bucket[] = Array.from({ length: bins }, (_, i) => ({
    low: low + i * width,
    high: i === bins - 1 ? high : low + (i + 1) * width,
    count: 0,
  }));
  const binOf = (value: number) =>
    width > 0 ? Math.min(bins - 1, Math.max(0, Math.floor((value - low) / width))) : 0;
  for (const bucket of buckets) {
    const first = binOf(bucket.low);
    const last = binOf(bucket.high);
    const span = bucket.high - bucket.low;
    for (let i = first; i <= last; i++) {
      const bin = out[i];
      if (!bin) continue;
      const overlap = Math.min(bin.high, bucket.high) - Math.max(bin.low, bucket.low);
      const share = first === last ? 1 : span > 0 ? Math.max(0, overlap) / span : 0;
      bin.count += bucket.count * share;
    }
  }
  return out;
}

// Cumulative shares: [value, share of the mass at or below it] at every bucket bound.
export function cumulative(buckets: Bucket[]): [number, number][] {
  const sum = total(buckets);
  const first = buckets[0];
  if (!first || sum <= 0) return [];
  const points: [number, number][] = [[first.low, 0]];
  let running = 0;
  for (const bucket of buckets) {
    running += bucket.count;
    points.push([bucket.high, running / sum]);
  }
  return points;
}

// Jensen-Shannon divergence in bits, 0 (equal) to 1 (disjoint), of two lists of counts.
export function divergence(a: number[], b: number[]): Num {
  const sumA = a.reduce((x, y) => x + y, 0);
  const sumB = b.reduce((x, y) => x + y, 0);
  if (sumA <= 0 || sumB <= 0) return null;
  let result = 0;
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const p = (a[i] ?? 0) / sumA;
    const q = (b[i] ?? 0) / sumB;
    const m = (p + q) / 2;
    if (p > 0) result += (p * Math.log2(p / m)) / 2;
    if (q > 0) result += (q * Math.log2(q / m)) / 2;
  }
  return Math.min(1, Math.max(0, result));
}
