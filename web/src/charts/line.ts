// Curves over a common x axis: training losses, ROC, precision and recall, calibration.

import { picture, s } from "../dom";
import { compact } from "../format";
import { linear } from "../scale";
import { axes, frame, polyline, type TickText } from "./axes";

export interface Curve {
  name: string;
  slot: 0 | 1;
  points: { x: number; y: number; hint: string }[];
  dots?: boolean;
}

export interface LineOptions {
  label: string;
  width?: number;
  height?: number;
  x?: [number, number];
  y?: [number, number];
  xTitle: string;
  yTitle: string;
  xText?: TickText;
  yText?: TickText;
  diagonal?: "up"; // the line of chance or of perfect calibration
  wholeX?: boolean; // ticks at whole numbers only
}

function span(
  values: number[],
  fixed: [number, number] | undefined,
  pad: number,
): [number, number] {
  if (fixed) return fixed;
  const low = Math.min(...values);
  const high = Math.max(...values);
  if (!(low < high)) return [low - (Math.abs(low) || 1) * 0.1, high + (Math.abs(high) || 1) * 0.1];
  return [low - (high - low) * pad, high + (high - low) * pad];
}

export function lineChart(curves: Curve[], options: LineOptions): SVGElement {
  const width = options.width ?? 320;
  const height = options.height ?? 260;
  const svg = picture(width, height, options.label, "chart");
  const points = curves.flatMap((curve) => curve.points);
  if (points.length === 0) {
    svg.append(
      s("text.none", { x: width / 2, y: height / 2, "text-anchor": "middle" }, "No points"),
    );
    return svg;
  }
  const area = { ...frame(width, height), top: 22, bottom: height - 38 };
  const [xLow, xHigh] = span(
    points.map(({ x }) => x),
    options.x,
    0,
  );
  const [yLow, yHigh] = span(
    points.map(({ y }) => y),
    options.y,
    0.06,
  );
  const x = linear(xLow, xHigh, area.left + 4, area.right - 6, Math.floor(width / 80));
  if (options.wholeX) x.ticks = x.ticks.filter(Number.isInteger);
  const y = linear(yLow, yHigh, area.bottom, area.top, 5);
  svg.append(
    axes(area, x, y, options.xText ?? compact, options.yText ?? compact),
    s(
      "text.title",
      { x: (area.left + area.right) / 2, y: height - 4, "text-anchor": "middle" },
      options.xTitle,
    ),
    s("text.title", { x: 2, y: 10 }, options.yTitle),
  );
  if (options.diagonal) {
    const low = Math.max(xLow, yLow);
    const high = Math.min(xHigh, yHigh);
    svg.append(s("line.ideal", { x1: x(low), y1: y(low), x2: x(high), y2: y(high) }));
  }
  for (const curve of curves) {
    const line = curve.points.map((point) => [x(point.x), y(point.y)] as const);
    svg.append(s(`path.line.s${curve.slot}`, { d: polyline(line) }));
    curve.points.forEach((point, i) => {
      const [cx, cy] = line[i] ?? [0, 0];
      const name = curve.dots ? `circle.dot.s${curve.slot}` : `circle.spot.s${curve.slot}`;
      svg.append(s(name, { cx, cy, r: curve.dots ? 3 : 6, "data-hint": point.hint }));
    });
  }
  return svg;
}
