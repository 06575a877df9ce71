/** The mean of numbers and its standard error s / sqrt(n), null for fewer than two. */
export function meanOf(values: ArrayLike<number>): { mean: number; standardError: number | null } {
  const { mean, standardDeviation } = momentsOf(values);
  return {
    mean,
    standardError: standardDeviation === null ? null : standardDeviation / Math.sqrt(values.length),
  };
}

/** The mean and the sample standard deviation, null for fewer than two. */
export function momentsOf(values: ArrayLike<number>): { mean: number; standardDeviation: number | null } {
  const n = values.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += values[i]!;
  const mean = sum / n;
  if (n < 2) return { mean, standardDeviation: null };
  let squares = 0;
  for (let i = 0; i < n; i++) squares += (values[i]! - mean) ** 2;
  return { mean, standardDeviation: Math.sqrt(squares / (n - 1)) };
}

/** The value that half of the numbers are below; NaN for none. */
export function median(values: ArrayLike<number>): number {
  const sorted = Float64Array.from(values).sort();
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  return (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** From so many degrees of freedom on, Student's distribution is taken as normal. */
const NORMAL_FROM = 1e5;

/** Intervals of Simpson's rule, even. */
const INTERVALS = 2000;

/**
 * The probability that |T| of Student's distribution with `freedom` degrees of freedom is beyond |t|. With
 * T = sqrt(freedom) tan(theta) the density is proportional to cos(theta)^(freedom - 1), which Simpson's rule integrates
 * to about 1e-9.
 */
export function twoSidedP(t: number, freedom: number): number {
  const degrees = Math.min(freedom, NORMAL_FROM);
  const density = (theta: number): number => Math.cos(theta) ** (degrees - 1);
  // Beyond so many standard deviations nothing is left.
  const tail = (from: number): number =>
    simpson(density, from, Math.min(Math.PI / 2, from + 15 / Math.sqrt(degrees)));
  return tail(Math.atan(Math.abs(t) / Math.sqrt(degrees))) / tail(0);
}

function simpson(f: (x: number) => number, a: number, b: number): number {
  const h = (b - a) / INTERVALS;
  let sum = f(a) + f(b);
  for (let i = 1; i < INTERVALS; i++) sum += (i % 2 === 1 ? 4 : 2) * f(a + i * h);
  return (sum * h) / 3;
}
