/**
 * The Box-Muller transform (Box and Muller 1958) in operations that IEEE 754 rounds in one way only: +,
 * -, *, / and sqrt. Math.log and Math.cos may differ in the last bit from one JavaScript engine to the
 * next and from C; these do not, so that a seed gives the same normals, bit for bit, everywhere. Whoever
 * writes them again must keep the order of operations and must not fuse a multiply with an add.
 */

const LN_2 = 0.6931471805599453;
const SQRT_HALF = 0.7071067811865476;
const TWO_PI = 6.283185307179586;
const UNIT = 2 ** -53;
const POWERS_OF_HALF = powersOfHalf(54);

/** 1/(2k+1), k = 0..11: atanh(s)/s as a polynomial in s^2, for s^2 < 0.0295. */
const ATANH = Array.from({ length: 12 }, (_, k) => 1 / (2 * k + 1));
/** (-1)^k/(2k+1)!, k = 0..8, and (-1)^k/(2k)!, k = 0..8: for arguments up to pi/4. */
const SINE = Array.from({ length: 9 }, (_, k) => (k % 2 === 0 ? 1 : -1) / factorial(2 * k + 1));
const COSINE = Array.from({ length: 9 }, (_, k) => (k % 2 === 0 ? 1 : -1) / factorial(2 * k));

/**
 * A standard normal from two odd integers a, b below 2^53, that is from the uniforms u = a 2^-53 and
 * v = b 2^-53: z = sqrt(-2 ln u) cos(2 pi v). No result is beyond sqrt(106 ln 2)  = 8.572 in size.
 */
export function boxMuller(a: number, b: number): number {
  return Math.sqrt(-2 * logOfUnit(a)) * cosineOfTurns(b * UNIT);
}

/**
 * ln(n 2^-53) for an integer 0 < n < 2^53, within 2 units of the last place: n 2^-53 = m 2^e with m in
 * [sqrt(1/2), sqrt(2)), s = (m - 1)/(m + 1), and ln = e ln 2 + 2 s (1 + s^2/3 + s^4/5 + ...).
 */
export function logOfUnit(n: number): number {
  const high = Math.floor(n / 2 ** 32);
  let bits = high > 0 ? 64 - Math.clz32(high) : 32 - Math.clz32(n);
  let m = n * POWERS_OF_HALF[bits]!;
  if (m < SQRT_HALF) {
    m *= 2;
    bits -= 1;
  }
  const s = (m - 1) / (m + 1);
  return (bits - 53) * LN_2 + 2 * s * horner(ATANH, s * s);
}

/**
 * cos(2 pi v) for 0 <= v <= 1, v a multiple of 2^-53, within 2^-52: with q = floor(4v + 1/2) the rest
 * r = v - q/4 is exact, and the answer is cos, -sin, -cos, sin, cos of 2 pi r for q = 0..4.
 */
export function cosineOfTurns(v: number): number {
  const q = Math.floor(4 * v + 0.5);
  const x = (v - q / 4) * TWO_PI;
  const square = x * x;
  const value = q % 2 === 0 ? horner(COSINE, square) : x * horner(SINE, square);
  return q === 1 || q === 2 ? -value : value;
}

/** c[0] + x (c[1] + x (c[2] + ...)), from the innermost outwards. */
function horner(coefficients: readonly number[], x: number): number {
  let sum = coefficients[coefficients.length - 1]!;
  for (let k = coefficients.length - 2; k >= 0; k--) sum = sum * x + coefficients[k]!;
  return sum;
}

function factorial(n: number): number {
  let product = 1;
  for (let k = 2; k <= n; k++) product *= k;
  return product;
}

/** By halving, which is exact; `**` need not be. */
function powersOfHalf(count: number): Float64Array {
  const powers = new Float64Array(count);
  powers[0] = 1;
  for (let k = 1; k < count; k++) powers[k] = powers[k - 1]! / 2;
  return powers;
}
