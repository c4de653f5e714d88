import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bucketsOf,
  cumulative,
  divergence,
  linear,
  niceTicks,
  rebin,
  symlog,
  total,
} from "../src/scale";

test("ticks are round and inside", () => {
  assert.deepEqual(niceTicks(0, 1, 5), [0, 0.2, 0.4, 0.6, 0.8, 1]);
  assert.deepEqual(niceTicks(-3, 12, 3), [0, 5, 10]);
  assert.deepEqual(niceTicks(4, 4, 5), [4]);
});

test("scales map their ends", () => {
  const x = linear(10, 20, 0, 100);
  assert.equal(x(10), 0);
  assert.equal(x(20), 100);
  const y = symlog(-100, 100, 0, 200);
  assert.ok(Math.abs(y(0) - 100) < 1e-9);
  assert.ok(y(10) > 150);
  assert.deepEqual(
    [...y.ticks].sort((a, b) => a - b),
    y.ticks,
  );
});

test("buckets skip what has no bounds and keep half-open ones", () => {
  assert.deepEqual(bucketsOf([0, 1, 5, null, 2, 3, null, null, 9]), [
    { low: 0, high: 1, count: 5 },
    { low: 2, high: 2, count: 3 },
  ]);
  assert.deepEqual(bucketsOf(undefined), []);
});

test("rebinning keeps the total and the place", () => {
  const buckets = bucketsOf([0, 10, 100, 10, 20, 50]);
  const bins = rebin(buckets, 0, 40, 8);
  assert.ok(Math.abs(total(bins) - 150) < 1e-9);
  assert.deepEqual(
    bins.map((bin) => bin.count),
    [50, 50, 25, 25, 0, 0, 0, 0],
  );
  const point = rebin([{ low: 40, high: 40, count: 7 }], 0, 40, 8);
  assert.equal(point[7]?.count, 7);
  const flat = rebin([{ low: 3, high: 3, count: 7 }], 3, 3, 4);
  assert.equal(total(flat), 7);
});

test("rebinning of random histograms keeps the total", () => {
  let seed = 12345;
  const random = () => (seed = (seed * 1103515245 + 12345) % 2147483648) / 2147483648;
  for (let round = 0; round < 200; round++) {
    let at = random() * 10 - 5;
    const buckets = Array.from({ length: 1 + Math.floor(random() * 12) }, () => {
      const low = at;
      at += random() < 0.2 ? 0 : random() * 3;
      return { low, high: at, count: Math.floor(random() * 100) };
    });
    const low = (buckets[0]?.low ?? 0) - random();
    const high = at + random();
    const bins = rebin(buckets, low, high, 20);
    assert.ok(Math.abs(total(bins) - total(buckets)) < 1e-6, `round ${round}`);
  }
});

test("cumulative shares end at one", () => {
  const points = cumulative(bucketsOf([0, 1, 1, 1, 5, 3]));
  assert.deepEqual(points, [
    [0, 0],
    [1, 0.25],
    [5, 1],
  ]);
  assert.deepEqual(cumulative([]), []);
});

test("divergence is 0 for equal, 1 for disjoint", () => {
  assert.equal(divergence([1, 2, 3], [2, 4, 6]), 0);
  assert.equal(divergence([1, 0], [0, 5]), 1);
  const middle = divergence([1, 1], [1, 3]);
  assert.ok(middle !== null && middle > 0.04 && middle < 0.06);
  assert.equal(divergence([0], [1]), null);
});
