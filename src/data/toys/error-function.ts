const SERIES_BELOW = 2;

/**
 * log(erf(b) - erf(a)) for a < b, without loss of digits in the tails, where the difference underflows or both
 * terms are nearly equal. -Infinity where it is 0.
 */
export function logErfDifference(a: number, b: number): number {
  if (b <= 0) return logErfDifference(-b, -a);
  if (a < 0) return Math.log(erf(b) + erf(-a));
  // erfc(a) - erfc(b), of which exp(-a^2) is taken out.
  return -a * a + Math.log(scaledErfc(a) - Math.exp((a - b) * (a + b)) * scaledErfc(b));
}

/** erf(x) for x >= 0. */
function erf(x: number): number {
  return x < SERIES_BELOW ? erfSeries(x) : 1 - Math.exp(-x * x) * scaledErfc(x);
}

/** exp(x^2) erfc(x) for x >= 0. */
function scaledErfc(x: number): number {
  if (x < SERIES_BELOW) return Math.exp(x * x) * (1 - erfSeries(x));
  // The continued fraction 1/(x + (1/2)/(x + 1/(x + (3/2)/(x + ...)))) / sqrt(pi), DLMF 7.9.1, from its far end.
  let tail = x;
  for (let k = Math.ceil(20 + 240 / (x * x)); k > 0; k--) tail = x + k / 2 / tail;
  return 1 / (tail * Math.sqrt(Math.PI));
}

/** 2/sqrt(pi) exp(-x^2) sum 2^n x^(2n + 1) / (2n + 1)!!, DLMF 7.6.2: all terms are positive. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; term > 1e-17 * sum; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}
