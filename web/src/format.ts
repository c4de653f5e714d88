// Numbers and times as people read them.

import type { Num } from "./model";

const THIN = "\u202f"; // narrow no-break space
const MINUS = "\u2212";

const SUFFIXES: readonly [number, string][] = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];

// Drops zeros after the decimal point.
function trimmed(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function signed(value: number, text: string): string {
  return value < 0 ? MINUS + text : text;
}

// At most `digits` significant digits: 1.23 M, 45.2 k, 678, 0.0345, 1.2e−7. Null is a dash.
export function compact(value: Num | undefined, digits = 3): string {
  if (value === null || value === undefined) return "–";
  if (Number.isNaN(value)) return "NaN";
  const size = Math.abs(value);
  if (!Number.isFinite(size)) return signed(value, "∞");
  if (size === 0) return "0";
  if (size >= 1e15 || size < 1e-4) {
    const [mantissa, exponent] = size.toExponential(digits - 1).split("e");
    return signed(
      value,
      `${trimmed(mantissa ?? "")}e${(exponent ?? "").replace("+", "").replace("-", MINUS)}`,
    );
  }
  // Four digits are as short as three and a suffix.
  if (size >= 999.5 && size < 9999.5) return signed(value, String(Math.round(size)));
  for (const [unit, suffix] of SUFFIXES) {
    // 999.95 k rounds up to 1 M.
    if (Number((size / unit).toPrecision(digits)) < 1) continue;
    return signed(value, trimmed((size / unit).toPrecision(digits)) + THIN + suffix);
  }
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return signed(value, trimmed(size.toFixed(Math.min(decimals, 8))));
}

function grouped(size: number): string {
  return size < 10000 ? String(size) : String(size).replace(/\B(?=(\d{3})+(?!\d))/g, THIN);
}

// All digits, grouped: for tooltips.
export function exact(value: Num | undefined): string {
  if (value === null || value === undefined) return "–";
  if (!Number.isFinite(value)) return compact(value);
  if (Math.abs(value) >= 1e15 || (value !== 0 && Math.abs(value) < 1e-6)) return String(value);
  const [whole, fraction] = String(Math.abs(value)).split(".");
  return signed(value, grouped(Number(whole)) + (fraction ? `.${fraction}` : ""));
}

// A share between 0 and 1 as a percentage: 0 %, <0.01 %, 0.34 %, 12.0 %, 100 %.
export function percent(share: Num | undefined): string {
  if (share === null || share === undefined || Number.isNaN(share)) return "–";
  if (share === 0) return `0${THIN}%`;
  const value = share * 100;
  const size = Math.abs(value);
  if (size < 0.01) return `<0.01${THIN}%`;
  if (share < 1 && value > 99.99) return `>99.99${THIN}%`;
  const digits = size < 1 ? 2 : size < 99.95 ? 1 : size < 100 ? 2 : 0;
  return signed(value, size.toFixed(digits)) + THIN + "%";
}

// The same for axes, where ticks are round: 40 %, 2.5 %.
export function percentTick(share: number): string {
  return trimmed((share * 100).toPrecision(3)) + THIN + "%";
}

// A metric, to four decimals so that a column lines up: 0.8340, 12.5000, 65 610.
export function metric(value: Num): string {
  if (value === null || !Number.isFinite(value)) return compact(value);
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e9) return signed(value, grouped(size));
  if (size < 5e-4 || size >= 1e5) return compact(value, 5);
  const text = size.toFixed(size < 100 ? 4 : 1);
  // 0.999995 is not 1.
  return Number.isInteger(Number(text)) ? compact(value, 6) : signed(value, text);
}

// 840 ms, 3.2 s, 4 min 05 s, 2 h 03 min.
export function duration(seconds: Num | undefined): string {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)}${THIN}ms`;
  if (seconds < 59.95) return `${trimmed(seconds.toFixed(1))}${THIN}s`;
  const whole = Math.round(seconds);
  const pad = (part: number) => String(part).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)}${THIN}min ${pad(whole % 60)}${THIN}s`;
  return `${Math.floor(whole / 3600)}${THIN}h ${pad(Math.floor((whole % 3600) / 60))}${THIN}min`;
}

// "2026-11-23 13:05 UTC" from ISO 8601; other text stays as it is.
export function moment(iso: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2})/.exec(iso);
  return match ? `${match[1]} ${match[2]} UTC` : iso;
}

export function plural(count: number, noun: string): string {
  if (count === 1) return `1 ${noun}`;
  return `${compact(count)} ${/[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`}`;
}

// Text that fits: the end is cut; the caller gives the whole as a tooltip.
export function clipped(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
