import { number, pair, record, text } from './values.ts';
import type { Json } from './values.ts';

/** One axis of a panel: where its numbers lie on the paper. */
export interface Axis {
  /** Both ends, in the numbers of the axis (powers of ten on a logarithmic one). */
  readonly range: readonly [number, number];
  /** A value's place on the paper; NaN where it has none. */
  readonly at: (value: number | string) => number;
  readonly ticks: readonly { readonly at: number; readonly label: string }[];
  readonly title: string;
}

/** What an axis needs besides its place: its range and what a value means on it. */
export interface AxisScale {
  readonly range: readonly [number, number];
  readonly numberOf: (value: number | string) => number;
  readonly options: Json;
  readonly categories: readonly string[];
}

/** The scale of an axis from its options and every value on it. `spread` is the room left beyond the values. */
export function scaleOf(
  options: Json,
  values: readonly (number | string)[],
  { spread = 0.04, fromZero = false } = {},
): AxisScale {
  const isLog = options['type'] === 'log';
  const words = values.filter((value): value is string => typeof value === 'string');
  const categories = [...new Set(words)];
  const numberOf = (value: number | string): number => {
    if (typeof value === 'string') return categories.indexOf(value);
    return isLog ? Math.log10(value) : value;
  };
  const given = pair(options['range']);
  if (given !== undefined) return { range: given, numberOf, options, categories };
  if (categories.length > 0) {
    return { range: [-0.5, categories.length - 0.5], numberOf, options, categories };
  }
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    const place = numberOf(value);
    if (!Number.isFinite(place)) continue;
    low = Math.min(low, place);
    high = Math.max(high, place);
  }
  if (low > high) [low, high] = [0, 1];
  const rests = fromZero || options['rangemode'] === 'tozero';
  if (rests && !isLog) [low, high] = [Math.min(0, low), Math.max(0, high)];
  const room = spread * (high - low) || 0.5;
  return {
    range: [rests && low === 0 ? 0 : low - room, rests && high === 0 ? 0 : high + room],
    numberOf,
    options,
    categories,
  };
}

/** Lays a scale from one place of the paper to another. */
export function layAxis(scale: AxisScale, start: number, end: number): Axis {
  const { numberOf, options, categories } = scale;
  const [low, high] = scale.range;
  const place = (value: number): number => start + ((value - low) / (high - low || 1)) * (end - start);
  const count = number(options['nticks'], Math.max(3, Math.round(Math.abs(end - start) / 50)));
  const ticks =
    options['showticklabels'] === false
      ? []
      : categories.length > 0
        ? categories.map((label, i) => ({ at: place(i), label }))
        : tickValues(low, high, count, options['type'] === 'log').map(({ value, label }) => ({
            at: place(value),
            label,
          }));
  return {
    range: scale.range,
    at: (value) => place(numberOf(value)),
    ticks,
    title: text(record(options['title'])['text']),
  };
}

/** Round numbers between the ends: 1, 2 or 5 times a power of ten apart. */
function tickValues(
  low: number,
  high: number,
  count: number,
  isLog: boolean,
): { value: number; label: string }[] {
  const span = high - low;
  if (!(span > 0)) return [];
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const least = isLog ? 1 : 0;
  const step = Math.max(least, [1, 2, 5, 10].find((factor) => factor * power >= rough)! * power);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => {
    const value = (first + i) * step;
    return { value, label: isLog ? shortNumber(10 ** value) : shortNumber(value, digits) };
  });
}

function shortNumber(value: number, digits = 0): string {
  const magnitude = Math.abs(value);
  if (magnitude >= 1e5 || (magnitude !== 0 && magnitude < 1e-4)) {
    return value.toExponential(0).replace('e+', 'e');
  }
  if (digits > 0) return value.toFixed(digits).replace('-', '−');
  return String(Number(value.toPrecision(6))).replace('-', '−');
}
