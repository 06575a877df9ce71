// Stiff problems, with their ends from the Test Set for IVP Solvers (Mazzia, Magherini, University of Bari), or of Hairer and
// Wanner.

/**
 * @typedef {{ name: string, field: import('../../src/ode/index.ts').OdeField, jacobian?:
 *   import('../../src/ode/index.ts').Jacobian, t0: number, t1: number, y0: number[], end: number[], scale: number[] }} StiffProblem
 *   Absolute tolerances are `scale` times the relative one.
 */

/** @typedef {[number, number, number, number, number, number, number, number]} Eight */

const eight = (/** @type {Float64Array} */ y) => /** @type {Eight} */ (/** @type {unknown} */ (y));

// Robertson's reactions, to t = 1e11.
/** @type {StiffProblem} */
export const robertson = {
  name: 'Robertson',
  field: (_t, y, dydt) => {
    dydt[0] = -0.04 * Number(y[0]) + 1e4 * Number(y[1]) * Number(y[2]);
    dydt[2] = 3e7 * Number(y[1]) * Number(y[1]);
    dydt[1] = -Number(dydt[0]) - Number(dydt[2]);
  },
  jacobian: (_t, y, dfdy) => {
    const [b, c] = [Number(y[1]), Number(y[2])];
    dfdy.set([-0.04, 1e4 * c, 1e4 * b, 0.04, -1e4 * c - 6e7 * b, -1e4 * b, 0, 6e7 * b, 0]);
  },
  t0: 0,
  t1: 1e11,
  y0: [1, 0, 0],
  end: [0.2083340149701255e-7, 0.8333360770334713e-13, 0.999999979166505],
  scale: [1e-4, 1e-8, 1e-4],
};

// Van der Pol's oscillator with mu = 1000.
/** @type {StiffProblem} */
export const vanDerPol = {
  name: 'Van der Pol',
  field: (_t, y, dydt) => {
    dydt[0] = Number(y[1]);
    dydt[1] = 1000 * (1 - Number(y[0]) * Number(y[0])) * Number(y[1]) - Number(y[0]);
  },
  jacobian: (_t, y, dfdy) =>
    dfdy.set([0, 1, -2000 * Number(y[0]) * Number(y[1]) - 1, 1000 * (1 - Number(y[0]) * Number(y[0]))]),
  t0: 0,
  t1: 2000,
  y0: [2, 0],
  end: [1.706167732170469, -0.8928097010248125e-3],
  scale: [1, 1e-3],
};

// HIRES: eight reactants of a plant's response to light.
/** @type {StiffProblem} */
export const hires = {
  name: 'HIRES',
  field: (_t, y, dydt) => {
    const [a, b, c, d, e, f, g, h] = eight(y);
    dydt[0] = -1.71 * a + 0.43 * b + 8.32 * c + 0.0007;
    dydt[1] = 1.71 * a - 8.75 * b;
    dydt[2] = -10.03 * c + 0.43 * d + 0.035 * e;
    dydt[3] = 8.32 * b + 1.71 * c - 1.12 * d;
    dydt[4] = -1.745 * e + 0.43 * f + 0.43 * g;
    dydt[5] = -280 * f * h + 0.69 * d + 1.71 * e - 0.43 * f + 0.69 * g;
    dydt[6] = 280 * f * h - 1.81 * g;
    dydt[7] = -280 * f * h + 1.81 * g;
  },
  t0: 0,
  t1: 321.8122,
  y0: [1, 0, 0, 0, 0, 0, 0, 0.0057],
  end: [
    0.7371312573325668e-3, 0.1442485726316185e-3, 0.5888729740967575e-4, 0.1175651343283149e-2,
    0.2386356198831331e-2, 0.6238968252742796e-2, 0.2849998395185769e-2, 0.2850001604814231e-2,
  ],
  scale: Array.from({ length: 8 }, () => 1e-4),
};

// The Brusselator of two components.
/** @type {StiffProblem} */
export const brusselator = {
  name: 'Brusselator',
  field: (_t, y, dydt) => {
    const square = Number(y[0]) * Number(y[0]) * Number(y[1]);
    dydt[0] = 1 + square - 4 * Number(y[0]);
    dydt[1] = 3 * Number(y[0]) - square;
  },
  t0: 0,
  t1: 20,
  y0: [1.5, 3],
  end: [0.4986370712683478, 4.596780349452011],
  scale: [1, 1],
};

export const stiff = [robertson, vanDerPol, hires, brusselator];
