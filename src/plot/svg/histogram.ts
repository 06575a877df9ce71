import { column, number, numbers, record } from './values.ts';
import type { Json } from './values.ts';

/** One bar: its place on the x axis and how high it is. */
export interface Bar {
  readonly from: number | string;
  readonly to: number | string;
  readonly height: number;
}

/** The bars of a trace of the type 'bar' or 'histogram'. */
export function bars(trace: Json): Bar[] {
  if (trace['type'] === 'bar') return barsOf(column(trace['x']), numbers(trace['y']));
  const values = numbers(trace['x']).filter(Number.isFinite);
  if (values.length === 0) return [];
  const { start, size, count } = bins(record(trace['xbins']), values);
  const counts = new Float64Array(count);
  for (const value of values) {
    const bin = Math.floor((value - start) / size);
    if (bin >= 0 && bin < count) counts[bin]! += 1;
  }
  const unit = trace['histnorm'] === 'probability density' ? 1 / (values.length * size) : 1;
  return Array.from(counts, (height, i) => ({
    from: start + i * size,
    to: start + (i + 1) * size,
    height: height * unit,
  }));
}

function barsOf(x: readonly (number | string)[], heights: readonly number[]): Bar[] {
  const width = typeof x[0] === 'number' && typeof x[1] === 'number' ? 0.4 * (x[1] - x[0]) : 0.4;
  return x.map((at, i) => ({
    from: typeof at === 'string' ? at : at - width,
    to: typeof at === 'string' ? at : at + width,
    height: heights[i]!,
  }));
}

/** As asked for; else about 30, or one for each whole number. */
function bins(asked: Json, values: readonly number[]): { start: number; size: number; count: number } {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  const isWhole = values.every(Number.isInteger);
  const size = number(
    asked['size'],
    isWhole ? Math.max(1, Math.ceil((high - low) / 40)) : (high - low) / 30 || 1,
  );
  const start = number(asked['start'], isWhole ? low - 0.5 : low);
  const end = number(asked['end'], high);
  return { start, size, count: Math.max(1, Math.ceil((end - start) / size - 1e-9)) };
}
