import assert from "node:assert/strict";
import { test } from "node:test";
import { metric, percentTick } from "../src/format";
import type { EvaluationData, MetricData, StepData } from "../src/model";
import { flows } from "../src/run/graph";
import { type Edge, place } from "../src/run/graph_layout";
import { chartable, metricRows, sliceValues } from "../src/run/metrics";
import { matrices, rocPoints } from "../src/run/plots";
import { trainingSeconds } from "../src/run/training";
import { shownPath } from "../src/run/step_panel";

const SIZES = { nodeWidth: 100, nodeHeight: 40, gapX: 10, gapY: 30 };

test("a chain is straight, edges point down", () => {
  const edges: Edge[] = [
    { from: 0, to: 1 },
    { from: 1, to: 2 },
  ];
  const placed = place(3, edges, SIZES);
  assert.deepEqual(
    placed.nodes.map(({ x, layer }) => [x, layer]),
    [
      [50, 0],
      [50, 1],
      [50, 2],
    ],
  );
  assert.equal(placed.height, 180);
});

test("random graphs: no overlap, edges point down, circles end", () => {
  let seed = 7;
  const random = (n: number) => (seed = (seed * 1103515245 + 12345) % 2147483648) % n;
  for (let round = 0; round < 60; round++) {
    const count = 2 + random(14);
    const edges: Edge[] = [];
    for (let i = 0; i < count * 2; i++) {
      const from = random(count);
      const to = random(count);
      if (round % 10 === 9 || from < to) edges.push({ from, to });
    }
    const { nodes } = place(count, edges, SIZES);
    nodes.forEach((a, i) =>
      nodes.slice(i + 1).forEach((b) => {
        const apart = a.layer !== b.layer || Math.abs(a.x - b.x) >= SIZES.nodeWidth - 1e-6;
        assert.ok(apart, `round ${round}`);
      }),
    );
    if (round % 10 === 9) continue;
    for (const { from, to } of edges) assert.ok((nodes[from]?.y ?? 0) < (nodes[to]?.y ?? 0));
  }
});

test("flows merge artifacts between two steps and keep pure order", () => {
  const step = (name: string, reads: [string, string][], after: string[] = []): StepData => ({
    name,
    component: name,
    state: "ran",
    reason: "",
    error: "",
    summary: "",
    seconds: 1,
    start: null,
    inputs: reads.map(([from, port]) => ({
      port,
      type: "T",
      uri: "",
      id: 0,
      step: from,
      properties: [],
    })),
    outputs: [],
    params: [],
    after,
  });
  const found = flows([
    step("a", []),
    step("b", [
      ["a", "x"],
      ["a", "y"],
    ]),
    step("c", [], ["a", "b"]),
  ]);
  assert.deepEqual(
    found.map(({ from, to }) => [from, to]),
    [
      [0, 1],
      [0, 2],
      [1, 2],
    ],
  );
  assert.deepEqual(found[0]?.labels, ["x (T)", "y (T)"]);
});

const one = (name: string, model: string, diff: boolean, value: number): MetricData => ({
  name,
  model,
  diff,
  value,
  output: "",
  sub: "",
});
const evaluation: EvaluationData = {
  step: "Evaluator",
  slices: [
    {
      slice: "Overall",
      cross: false,
      metrics: [
        one("auc", "new", false, 0.8),
        one("auc", "old", false, 0.7),
        one("auc", "new", true, 0.1),
        one("example_count", "new", false, 10),
      ],
      thresholds: [
        { metric: "auc", text: "≥ 0.6", diff: false },
        { metric: "auc", text: "change ≥ 0", diff: true },
      ],
    },
    {
      slice: "a: 1",
      cross: false,
      metrics: [one("auc", "new", false, 0.5), one("auc", "new", true, -0.2)],
      thresholds: [{ metric: "auc", text: "change ≥ 0", diff: true }],
    },
  ],
  plots: [],
  baseline: "old",
  validation: {
    ok: false,
    missingThresholds: false,
    rubberStamp: false,
    missingSlices: [],
    failures: [
      {
        slice: "a: 1",
        metric: "auc",
        model: "new",
        diff: true,
        message: "",
        threshold: "",
        value: -0.2,
      },
    ],
  },
};

test("metrics are joined by name; thresholds are judged per slice", () => {
  const [overall, slice] = evaluation.slices.map((each) => metricRows(evaluation, each));
  const auc = overall?.[0];
  assert.deepEqual(
    [auc?.candidate?.value, auc?.baseline?.value, auc?.diff?.value],
    [0.8, 0.7, 0.1],
  );
  assert.deepEqual(
    auc?.thresholds.map(({ ok }) => ok),
    [true, true],
  );
  assert.deepEqual(
    slice?.[0]?.thresholds.map(({ ok }) => ok),
    [false],
  );
});

test("what can be charted by slice", () => {
  const titles = chartable(evaluation).map(({ title }) => title);
  assert.deepEqual(titles, ["auc", "Δ auc", "example_count"]);
  const diff = chartable(evaluation)[1]?.key ?? "";
  const values = sliceValues(evaluation, diff);
  assert.deepEqual(
    values.map(({ metric: found, failed }) => [found?.value, failed]),
    [
      [0.1, false],
      [-0.2, true],
    ],
  );
  assert.equal(values[0]?.examples, 10);
});

test("ROC points run from left to right", () => {
  const points = rocPoints(matrices([0, 10, 10, 0, 0, 0.5, 8, 2, 8, 2, 1, 0, 0, 10, 10]));
  assert.deepEqual(
    points.map(({ x, y }) => [x, y]),
    [
      [0, 0],
      [0.2, 0.8],
      [1, 1],
    ],
  );
});

test("paths and numbers", () => {
  assert.equal(shownPath("/runs/x/Trainer/model/7", "/runs/x/"), "Trainer/model/7");
  assert.equal(shownPath("/elsewhere/7", "/runs/x"), "/elsewhere/7");
  assert.equal(percentTick(0.4), "40\u202f%");
  assert.equal(metric(0.834), "0.8340");
  assert.equal(metric(0.999995), "0.999995");
  assert.equal(metric(65610), "65\u202f610");
  assert.equal(metric(-0.01), "\u22120.0100");
  assert.equal(shownPath("/a", ""), "/a");
});

test("the time of a training is that of its last point", () => {
  const point = { epoch: 1, step: 1, train_loss: 1, eval_loss: 1 };
  assert.equal(trainingSeconds([{ ...point, seconds: 2 }, { ...point, seconds: 5 }]), 5);
  assert.equal(trainingSeconds([{ ...point, seconds: null }]), 0);
  assert.equal(trainingSeconds([]), 0);
});
