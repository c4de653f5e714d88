import assert from "node:assert/strict";
import { test } from "node:test";
import type { Feature, StatisticsData } from "../src/model";
import { columnsOf, notFinite } from "../src/statistics/columns";
import { decodeStatistics } from "../src/statistics/decode";
import { matcher, type Query, Selection } from "../src/statistics/selection";

function numeric(path: string, mean: number, missing: number): Feature {
  const num = { mean, std: 1, zeros: 0, min: 0, median: 1, max: 2, standard: [0, 1, 50, 1, 2, 50] };
  return {
    path,
    type: "FLOAT",
    kind: "numeric",
    stats: [{ n: 100 - missing, missing, values: 100 - missing, num }, null],
  };
}

const data: StatisticsData = {
  datasets: [
    { name: "a", examples: 100 },
    { name: "b", examples: 100 },
  ],
  compare: [0, null],
  features: [
    numeric("fare", 3, 0),
    numeric("tips", 1, 50),
    numeric("trip_miles", 2, 10),
    { path: "absent", type: "INT", kind: "numeric", stats: [null, null] },
  ],
  anomalies: [{ path: "tips", severity: "error", short: "Missing", text: "" }],
};
const query = (search = ""): Query => ({ search, types: new Set(), onlyAnomalies: false });
const paths = (selection: Selection, key: string, descending: boolean, q = query()) =>
  selection.rows("numeric", q, { key, descending }, [0, null]).map((row) => row.feature.path);

test("order", () => {
  const selection = new Selection(data);
  assert.deepEqual(paths(selection, "order", false), ["fare", "tips", "trip_miles"]);
  assert.deepEqual(paths(selection, "mean", true), ["fare", "trip_miles", "tips"]);
  assert.deepEqual(paths(selection, "missing", false), ["fare", "trip_miles", "tips"]);
  assert.deepEqual(paths(selection, "name", true), ["trip_miles", "tips", "fare"]);
  assert.deepEqual(paths(selection, "anomalies", true), ["tips", "fare", "trip_miles"]);
});

test("search and filters", () => {
  const selection = new Selection(data);
  assert.deepEqual(paths(selection, "order", false, query("TRIP mil")), ["trip_miles"]);
  assert.deepEqual(paths(selection, "order", false, query("/^t.*s$/")), ["tips", "trip_miles"]);
  assert.deepEqual(paths(selection, "order", false, query("/(/")), []);
  assert.deepEqual(paths(selection, "order", false, { ...query(), onlyAnomalies: true }), ["tips"]);
  assert.deepEqual(paths(selection, "order", false, { ...query(), types: new Set(["INT"]) }), []);
  assert.ok(matcher("")("anything"));
});

test("numbers that are not finite", () => {
  const feature = numeric("x", 1, 0);
  const num = feature.stats[0]?.num;
  assert.ok(num);
  Object.assign(num, { mean: "NaN", min: "-Infinity", max: "Infinity", nan: 2, inf: 1 });
  const finite = numeric("y", 5, 0);
  const all: StatisticsData = { ...data, features: [feature, finite] };
  decodeStatistics(all);
  assert.equal(num.min, -Infinity);
  assert.equal(num.max, Infinity);
  assert.equal(num.std, 1);
  assert.equal(notFinite(feature.stats), "2 NaN, 1 infinite");
  assert.equal(notFinite(finite.stats), "");
  const column = columnsOf("numeric").find(({ key }) => key === "min");
  const stats = feature.stats[0];
  assert.ok(column && stats);
  assert.deepEqual(column.cell(stats), { text: "−∞", hint: "−∞", bad: true });
  const selection = new Selection(all);
  assert.deepEqual(paths(selection, "mean", false), ["y", "x"]); // NaN comes last
  assert.deepEqual(paths(selection, "min", false), ["x", "y"]);
});
