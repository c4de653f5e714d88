// Distributions: histograms of one data set or two over each other, and quantile curves.

import { picture, s } from "../dom";
import { compact, exact, percent, percentTick } from "../format";
import type { Bucket, Scale } from "../scale";
import { cumulative, linear, range, rebin, symlog, total } from "../scale";
import { axes, frame, polyline } from "./axes";

export interface Series {
  name: string;
  slot: 0 | 1; // colour
  buckets: Bucket[];
  unbounded?: boolean; // there were buckets; those without any finite bound are left out
}

const COMMON_BINS = 20;

function sameBounds(series: Series[]): boolean {
  const [a, b] = series;
  if (!a || !b) return true;
  return (
    a.buckets.length === b.buckets.length &&
    a.buckets.every((bucket, i) => {
      const other = b.buckets[i];
      return other !== undefined && bucket.low === other.low && bucket.high === other.high;
    })
  );
}

// Brings series to common bounds.
export function aligned(series: Series[], bins = COMMON_BINS): Series[] {
  const filled = series.filter((one) => one.buckets.length > 0);
  if (filled.length < 2 || sameBounds(filled)) return filled;
  const span = range(filled.map((one) => one.buckets));
  if (!span) return [];
  return filled.map((one) => ({ ...one, buckets: rebin(one.buckets, span[0], span[1], bins) }));
}

// The second data set is drawn as an outline over the filled first: both stay readable.
function outline(one: Series, x: Scale, y: (bar: Bar) => number, floor: number): SVGElement {
  const points: [number, number][] = [];
  for (const bar of bars(one, x)) {
    const at = y(bar);
    const last = points[points.length - 1];
    if (!last || Math.abs(last[0] - bar.x0) > 0.01) {
      if (last) points.push([last[0], floor]);
      points.push([bar.x0, floor]);
    }
    points.push([bar.x0, at], [bar.x1, at]);
  }
  const last = points[points.length - 1];
  if (last) points.push([last[0], floor]);
  return s(`path.outline.s${one.slot}`, { d: polyline(points) });
}

interface Bar {
  x0: number;
  x1: number;
  bucket: Bucket;
  share: number;
}

function bars(one: Series, x: Scale): Bar[] {
  const sum = total(one.buckets) || 1;
  return one.buckets.map((bucket) => {
    let x0 = x(bucket.low);
    let x1 = x(bucket.high);
    if (x1 - x0 < 2) {
      const middle = (x0 + x1) / 2;
      x0 = middle - 3;
      x1 = middle + 3;
    }
    return { x0, x1, bucket, share: bucket.count / sum };
  });
}

// With two data sets of unlike size only shares compare: the height is a share then, else a count.
export function histogram(series: Series[], log: boolean, width = 560, height = 210): SVGElement {
  const shown = aligned(series);
  const svg = picture(width, height, "Histogram", "chart");
  const span = range(shown.map((one) => one.buckets));
  if (!span) return emptyChart(svg, width, height, series);
  const [low, high] = span[0] < span[1] ? span : [span[0] - 0.5, span[1] + 0.5];
  const shares = shown.length > 1;
  const area = frame(width, height);
  const x = linear(low, high, area.left + 4, area.right - 4, 7);
  const height_of = (bar: Bar) => (shares ? bar.share : bar.bucket.count);
  const drawn = shown.map((one) => ({ one, bars: bars(one, x) }));
  const top = Math.max(...drawn.flatMap(({ bars }) => bars.map(height_of)), 1e-12);
  const least = shares ? 1e-4 : 1;
  const y = log
    ? symlog(0, top, area.bottom, area.top, least)
    : linear(0, top, area.bottom, area.top, 4);
  svg.append(axes(area, x, y, compact, shares ? percentTick : compact));
  drawn.forEach(({ one, bars }, order) => {
    if (order > 0) {
      svg.append(outline(one, x, (bar) => y(height_of(bar)), area.bottom));
      return;
    }
    for (const bar of bars) {
      const at = y(height_of(bar));
      svg.append(
        s(`rect.bar.s${one.slot}`, {
          x: bar.x0 + 0.5,
          y: at,
          width: Math.max(1, bar.x1 - bar.x0 - 1),
          height: Math.max(0, area.bottom - at),
        }),
      );
    }
  });
  svg.append(columnHints(drawn, area.top, area.bottom));
  return svg;
}

// Invisible columns that tell the numbers of every series at a bucket.
function columnHints(
  drawn: { one: Series; bars: Bar[] }[],
  top: number,
  bottom: number,
): SVGElement {
  const group = s("g.columns");
  (drawn[0]?.bars ?? []).forEach((bar, i) => {
    const lines = drawn.map(({ one, bars }) => {
      const count = Math.round(bars[i]?.bucket.count ?? 0);
      return `${one.name}: ${percent(bars[i]?.share)} (${exact(count)})`;
    });
    lines.push(`${compact(bar.bucket.low, 5)} to ${compact(bar.bucket.high, 5)}`);
    group.append(
      s("rect.column", {
        x: bar.x0,
        y: top,
        width: bar.x1 - bar.x0,
        height: bottom - top,
        "data-hint": lines.join("\n"),
      }),
    );
  });
  return group;
}

// Share of the values at or below each value; dots at the quantiles. `log` bends the value axis.
export function quantileCurve(
  series: Series[],
  log: boolean,
  width = 560,
  height = 210,
): SVGElement {
  const svg = picture(width, height, "Quantiles", "chart");
  const span = range(series.map((one) => one.buckets));
  if (!span) return emptyChart(svg, width, height, series);
  const [low, high] = span[0] < span[1] ? span : [span[0] - 0.5, span[1] + 0.5];
  const area = frame(width, height);
  const unit = Math.max(Math.abs(low), Math.abs(high)) / 1e4 || 1;
  const bend = Math.pow(10, Math.floor(Math.log10(Math.max(unit, 1e-12))));
  const x = log
    ? symlog(low, high, area.left + 4, area.right - 4, bend)
    : linear(low, high, area.left + 4, area.right - 4, 7);
  const y = linear(0, 1, area.bottom, area.top, 4);
  svg.append(axes(area, x, y, compact, percentTick));
  for (const one of series) {
    const points = cumulative(one.buckets);
    svg.append(
      s(`path.line.s${one.slot}`, {
        d: polyline(points.map(([value, share]) => [x(value), y(share)] as const)),
      }),
    );
    for (const [value, share] of points) {
      svg.append(
        s(`circle.dot.s${one.slot}`, {
          cx: x(value),
          cy: y(share),
          r: 3.5,
          "data-hint": `${one.name}: ${percent(share)} of values ≤ ${compact(value, 5)}`,
        }),
      );
    }
  }
  return svg;
}

// The small picture in a table row.
export function sparkline(series: Series[], width = 150, height = 36): SVGElement {
  const svg = picture(width, height, "Distribution", "spark");
  const shown = aligned(series);
  const span = range(shown.map((one) => one.buckets));
  if (!span) return svg;
  const [low, high] = span[0] < span[1] ? span : [span[0] - 0.5, span[1] + 0.5];
  const x = linear(low, high, 1, width - 1);
  const drawn = shown.map((one) => ({ one, bars: bars(one, x) }));
  const top = Math.max(...drawn.flatMap(({ bars }) => bars.map((bar) => bar.share)), 1e-12);
  const tallness = (bar: Bar) =>
    bar.share > 0 ? Math.max(1, (bar.share / top) * (height - 3)) : 0;
  drawn.forEach(({ one, bars }, order) => {
    if (order > 0) {
      svg.append(outline(one, x, (bar) => height - 1 - tallness(bar), height - 1));
      return;
    }
    for (const bar of bars) {
      const tall = tallness(bar);
      if (tall === 0) continue;
      svg.append(
        s(`rect.bar.s${one.slot}`, {
          x: bar.x0 + 0.25,
          y: height - 1 - tall,
          width: Math.max(1, bar.x1 - bar.x0 - 0.5),
          height: tall,
        }),
      );
    }
  });
  svg.append(s("line.base", { x1: 0, x2: width, y1: height - 0.5, y2: height - 0.5 }));
  return svg;
}

function emptyChart(
  svg: SVGElement,
  width: number,
  height: number,
  series: Series[],
): SVGElement {
  const text = series.some(({ unbounded }) => unbounded) ? "No finite values" : "No values";
  svg.append(s("text.none", { x: width / 2, y: height / 2, "text-anchor": "middle" }, text));
  return svg;
}
