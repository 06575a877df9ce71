/** Nodes and weights of a rule for integrals over an interval: sum of weights[i] f(nodes[i]). */
export interface Quadrature {
  nodes: Float64Array;
  weights: Float64Array;
}

/**
 * Gauss-Legendre quadrature with n nodes on [from, to], exact for polynomials of degree 2n - 1. The nodes
 * are found by Newton's method on the Legendre polynomial P_n, begun at cos(pi (i + 3/4)/(n + 1/2)).
 */
export function gaussLegendre(n: number, from: number, to: number): Quadrature {
  const nodes = new Float64Array(n);
  const weights = new Float64Array(n);
  const half = (to - from) / 2;
  for (let i = 0; i < n; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 1;
    // Convergence is quadratic from a start this good; five steps are more than it takes.
    for (let step = 0; step < 5; step++) {
      const legendre = evaluateLegendre(n, x);
      slope = legendre.slope;
      x -= legendre.value / slope;
    }
    nodes[i] = from + half * (1 + x);
    weights[i] = (2 * half) / ((1 - x * x) * slope * slope);
  }
  return { nodes, weights };
}

/** P_n and its derivative inside (-1, 1), by the three-term recurrence. */
function evaluateLegendre(n: number, x: number): { value: number; slope: number } {
  let previous = 1;
  let value = x;
  for (let k = 2; k <= n; k++) {
    const next = ((2 * k - 1) * x * value - (k - 1) * previous) / k;
    previous = value;
    value = next;
  }
  return { value, slope: (n * (x * value - previous)) / (x * x - 1) };
}
