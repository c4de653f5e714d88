import assert from "node:assert/strict";
import { test } from "node:test";
import { compact, duration, exact, moment, percent, plural } from "../src/format";

const plain = (text: string) => text.replaceAll("\u202f", " ").replaceAll("\u2212", "-");

test("compact keeps three digits and a suffix", () => {
  const cases: [number | null, string][] = [
    [0, "0"],
    [7, "7"],
    [0.1, "0.1"],
    [0.0345678, "0.0346"],
    [12.3456, "12.3"],
    [999.4, "999"],
    [999.6, "1000"],
    [1349.6, "1350"],
    [9999, "9999"],
    [9999.7, "10 k"],
    [12345, "12.3 k"],
    [999949, "1 M"],
    [1234567, "1.23 M"],
    [2.5e12, "2.5 T"],
    [-1234567, "-1.23 M"],
    [0.00001234, "1.23e-5"],
    [1e21, "1e21"],
    [NaN, "NaN"],
    [Infinity, "∞"],
    [-Infinity, "-∞"],
    [null, "–"],
  ];
  for (const [value, text] of cases) assert.equal(plain(compact(value)), text, String(value));
});

test("exact shows every digit", () => {
  assert.equal(plain(exact(1234567.25)), "1 234 567.25");
  assert.equal(plain(exact(-42)), "-42");
  assert.equal(exact(undefined), "–");
});

test("percent never rounds something to nothing or to all", () => {
  const cases: [number, string][] = [
    [0, "0 %"],
    [0.00001, "<0.01 %"],
    [0.0034, "0.34 %"],
    [0.02, "2.0 %"],
    [0.5, "50.0 %"],
    [0.99999, ">99.99 %"],
    [1, "100 %"],
    [1.25, "125 %"],
  ];
  for (const [value, text] of cases) assert.equal(plain(percent(value)), text, String(value));
});

test("durations and moments", () => {
  assert.equal(plain(duration(0.0421)), "42 ms");
  assert.equal(plain(duration(3.21)), "3.2 s");
  assert.equal(plain(duration(59.97)), "1 min 00 s");
  assert.equal(plain(duration(7384)), "2 h 03 min");
  assert.equal(duration(null), "–");
  assert.equal(moment("2026-11-23T13:05:09Z"), "2026-11-23 13:05 UTC");
  assert.equal(moment("yesterday"), "yesterday");
});

test("plurals", () => {
  assert.equal(plural(1, "feature"), "1 feature");
  assert.equal(plural(3, "anomaly"), "3 anomalies");
  assert.equal(plural(2, "key"), "2 keys");
});
