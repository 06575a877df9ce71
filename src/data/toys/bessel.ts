/**
 * log I_0(x) for x >= 0, I_0 the modified Bessel function of order 0: its power series
 * sum (x^2/4)^k / k!^2 below 25, where all terms are positive, and the asymptotic series
 * exp(x) / sqrt(2 pi x) * sum ((2k - 1)!!)^2 / (k! (8x)^k) above (DLMF 10.25.2 and 10.40.1). Both to
 * rounding: the smallest term of the asymptotic series is about exp(-2x).
 */
export function logBesselI0(x: number): number {
  let term = 1;
  let sum = 1;
  if (x < 25) {
    for (let k = 1; term > 1e-17 * sum; k++) {
      term *= (x * x) / (4 * k * k);
      sum += term;
    }
    return Math.log(sum);
  }
  for (let k = 1; term > 1e-17; k++) {
    term *= (2 * k - 1) ** 2 / (8 * k * x);
    sum += term;
  }
  return x - 0.5 * Math.log(2 * Math.PI * x) + Math.log(sum);
}
