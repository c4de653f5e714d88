// The training curve: loss per epoch on the training and on the evaluation data.

import { lineChart } from "../charts/line";
import { h } from "../dom";
import { compact, duration } from "../format";
import type { CurvePoint, Num, TrainingData } from "../model";

function bestPoint(points: CurvePoint[]): CurvePoint | null {
  let best: CurvePoint | null = null;
  for (const point of points) {
    if (point.eval_loss === null) continue;
    if (best === null || point.eval_loss < (best.eval_loss ?? Infinity)) best = point;
  }
  return best;
}

// The points count from the beginning of the training.
export function trainingSeconds(points: CurvePoint[]): number {
  return Math.max(0, ...points.map(({ seconds }) => seconds ?? 0));
}

function figure(name: string, value: string): HTMLElement {
  return h("div.figure", {}, h("dt", {}, name), h("dd", {}, value));
}

export function trainingBlock(training: TrainingData): HTMLElement {
  const { points } = training;
  const byEpoch = new Set(points.map(({ epoch }) => epoch)).size === points.length;
  const x = (point: CurvePoint, i: number) => (byEpoch ? point.epoch : (point.step ?? i));
  const xTitle = byEpoch ? "epoch" : "step";
  const curve = (name: string, slot: 0 | 1, loss: (point: CurvePoint) => Num) => ({
    name,
    slot,
    dots: points.length <= 60,
    points: points.flatMap((point, i) => {
      const y = loss(point);
      if (y === null) return [];
      return [{ x: x(point, i), y, hint: `${name}: ${compact(y, 5)}\n${xTitle} ${x(point, i)}` }];
    }),
  });
  const curves = [
    curve("training", 0, (point) => point.train_loss),
    curve("evaluation", 1, (point) => point.eval_loss),
  ].filter((one) => one.points.length > 0);
  const best = bestPoint(points);
  const last = points[points.length - 1];
  const seconds = trainingSeconds(points);
  return h(
    "div.training",
    {},
    h("p.soft", {}, [training.step, training.learner, training.task].filter(Boolean).join(" · ")),
    h(
      "dl.figures",
      {},
      figure("last training loss", compact(last?.train_loss, 4)),
      figure("last evaluation loss", compact(last?.eval_loss, 4)),
      figure(
        `best evaluation loss`,
        best ? `${compact(best.eval_loss, 4)} (epoch ${best.epoch})` : "–",
      ),
      figure("points", String(points.length)),
      seconds > 0 ? figure("time", duration(seconds)) : null,
    ),
    h(
      "div.legend",
      {},
      ...curves.map(({ name, slot }) => h("span", {}, h(`i.swatch.s${slot}`), h("b", {}, name))),
    ),
    lineChart(curves, {
      label: "Training curve",
      width: 860,
      height: 320,
      xTitle,
      wholeX: true,
      yTitle: "loss",
    }),
  );
}
