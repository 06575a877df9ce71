/** The scalar functions whose plain form overflows, cancels, or is missing from Math. */

export function sigmoid(x: number): number {
  if (x >= 0) return 1 / (1 + Math.exp(-x));
  const e = Math.exp(x);
  return e / (1 + e);
}

/** log(1 + exp(x)) */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

/**
 * The error function by erf(x) = 2/sqrt(pi) exp(-x^2) sum 2^i x^(2i+1) / (1 3 5 ... (2i+1))
 * (Abramowitz and Stegun 7.1.6): all terms have one sign, so nothing cancels.
 */
export function erf(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let i = 1; Math.abs(term) > 1e-17 * Math.abs(sum); i++) {
    term *= (2 * x * x) / (2 * i + 1);
    sum += term;
  }
  const value = (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
  return Math.max(-1, Math.min(1, value));
}

/** 1 above zero, else 0; NaN stays NaN. */
export function step(x: number): number {
  return Number.isNaN(x) ? NaN : Number(x > 0);
}
