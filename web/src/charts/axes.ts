// The frame of a chart: plot area, light grid lines, tick labels.

import { s } from "../dom";
import { compact } from "../format";
import type { Scale } from "../scale";

export interface Frame {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export function frame(width: number, height: number, left = 48): Frame {
  return { width, height, left, right: width - 10, top: 10, bottom: height - 24 };
}

export type TickText = (value: number) => string;

export function axes(
  area: Frame,
  x: Scale | null,
  y: Scale | null,
  xText: TickText = compact,
  yText: TickText = compact,
): SVGElement {
  const group = s("g.axes");
  for (const tick of y?.ticks ?? []) {
    const at = y ? y(tick) : 0;
    group.append(
      s("line.grid", { x1: area.left, x2: area.right, y1: at, y2: at }),
      s("text.tick", { x: area.left - 6, y: at + 3.5, "text-anchor": "end" }, yText(tick)),
    );
  }
  group.append(s("line.base", { x1: area.left, x2: area.right, y1: area.bottom, y2: area.bottom }));
  for (const tick of x?.ticks ?? []) {
    const at = x ? x(tick) : 0;
    group.append(
      s("line.base", { x1: at, x2: at, y1: area.bottom, y2: area.bottom + 4 }),
      s("text.tick", { x: at, y: area.bottom + 16, "text-anchor": "middle" }, xText(tick)),
    );
  }
  return group;
}

export function polyline(points: readonly (readonly [number, number])[]): string {
  return points
    .map(([x, y], i) => `${i === 0 ? "M" : "L"}${x.toFixed(1)},${y.toFixed(1)}`)
    .join("");
}
