// The problems of DETEST: Hull, Enright, Fellen, Sedgwick, Comparing numerical methods for ordinary differential equations,
// SIAM Journal on Numerical Analysis 9 (1972) 603-637; and Lorenz's. Classes: A single equations, B small systems, C moderate
// ones, D orbits, E equations of higher order. All from t = 0.

/**
 * @typedef {(t: number, y: Float64Array, dydt: Float64Array) => void} Field
 * @typedef {{ readonly name: string, readonly what: string, readonly field: Field, readonly y0: readonly number[],
 *   readonly t1: number }} Problem
 */

/**
 * A field of a function that returns the derivatives.
 *
 * @param {(t: number, ...y: number[]) => number[]} f
 * @returns {Field}
 */
const of = (f) => (t, y, dydt) => dydt.set(f(t, ...y));

/**
 * @param {string} name
 * @param {string} what
 * @param {readonly number[]} y0
 * @param {Field} field
 * @returns {Problem}
 */
const problem = (name, what, y0, field) => ({ name, what, field, y0, t1: 20 });

/**
 * @param {number} n
 * @returns {number[]}
 */
const first = (n) => Array.from({ length: n }, (_, i) => (i === 0 ? 1 : 0));

/** @type {Field} */
const chain = (_t, y, dydt) => {
  const n = y.length;
  for (let i = 0; i < n; i++) {
    dydt[i] = (i > 0 ? Number(y[i - 1]) : 0) - 2 * Number(y[i]) + (i < n - 1 ? Number(y[i + 1]) : 0);
  }
};

/** @type {Field} */
const decay = (_t, y, dydt) => {
  for (let i = 0; i < 10; i++) dydt[i] = (i > 0 ? Number(y[i - 1]) : 0) - (i < 9 ? Number(y[i]) : 0);
};

/** @type {Field} */
const fasterDecay = (_t, y, dydt) => {
  for (let i = 0; i < 10; i++) {
    dydt[i] = (i > 0 ? i * Number(y[i - 1]) : 0) - (i < 9 ? (i + 1) * Number(y[i]) : 0);
  }
};

// Sun, and five planets from Jupiter on, with the squares of time in 100 days.
const gravity = 2.95912208286;
const sun = 1.00000597682;
const masses = [
  0.000954786104043, 0.000285583733151, 0.0000437273164546, 0.0000517759138449, 0.00000277777777778,
];
const places = [
  [3.42947415189, 3.35386959711, 1.35494901715],
  [6.6414554255, 5.97156957878, 2.18231499728],
  [11.2630437207, 14.6952576794, 6.27960525067],
  [-30.1552268759, 1.65699966404, 1.43785752721],
  [-21.123835338, 28.4465098142, 15.3882659679],
];
const speeds = [
  [-0.557160570446, 0.505696783289, 0.230578543901],
  [-0.415570776342, 0.365682722812, 0.169143213293],
  [-0.325325669158, 0.189706021964, 0.087726532278],
  [-0.024047625417, -0.287659532608, -0.117219543175],
  [-0.176860753121, -0.216393453025, -0.014864789309],
];

/** @type {Field} */
const planets = (_t, y, dydt) => {
  const at = (/** @type {number} */ planet, /** @type {number} */ axis) => Number(y[3 * planet + axis]);
  const cube = (/** @type {number} */ a, /** @type {number} */ b, /** @type {number} */ c) =>
    (a * a + b * b + c * c) ** 1.5;
  const fromSun = masses.map((_, i) => cube(at(i, 0), at(i, 1), at(i, 2)));
  for (let i = 0; i < 5; i++) {
    for (let axis = 0; axis < 3; axis++) {
      let sum = (-(sun + Number(masses[i])) * at(i, axis)) / Number(fromSun[i]);
      for (let j = 0; j < 5; j++) {
        if (j === i) continue;
        const apart = cube(at(j, 0) - at(i, 0), at(j, 1) - at(i, 1), at(j, 2) - at(i, 2));
        sum += Number(masses[j]) * ((at(j, axis) - at(i, axis)) / apart - at(j, axis) / Number(fromSun[j]));
      }
      dydt[3 * i + axis] = Number(y[15 + 3 * i + axis]);
      dydt[15 + 3 * i + axis] = gravity * sum;
    }
  }
};

const orbit = of((_t, x, y, u, v) => {
  const cube = (x * x + y * y) ** 1.5;
  return [u, v, -x / cube, -y / cube];
});

/** @type {readonly Problem[]} */
export const detest = [
  problem(
    'A1',
    'decay',
    [1],
    of((_t, y) => [-y]),
  ),
  problem(
    'A2',
    'Riccati',
    [1],
    of((_t, y) => [-(y ** 3) / 2]),
  ),
  problem(
    'A3',
    'oscillation',
    [1],
    of((t, y) => [y * Math.cos(t)]),
  ),
  problem(
    'A4',
    'logistic curve',
    [1],
    of((_t, y) => [(y / 4) * (1 - y / 20)]),
  ),
  problem(
    'A5',
    'spiral',
    [4],
    of((t, y) => [(y - t) / (y + t)]),
  ),
  problem(
    'B1',
    'two populations',
    [1, 3],
    of((_t, a, b) => [2 * (a - a * b), -(b - a * b)]),
  ),
  problem(
    'B2',
    'linear reaction',
    [2, 0, 1],
    of((_t, a, b, c) => [b - a, a - 2 * b + c, b - c]),
  ),
  problem(
    'B3',
    'nonlinear reaction',
    [1, 0, 0],
    of((_t, a, b) => [-a, a - b * b, b * b]),
  ),
  problem(
    'B4',
    'on a torus',
    [3, 0, 0],
    of((_t, x, y, z) => {
      const r = Math.hypot(x, y);
      return [-y - (x * z) / r, x - (y * z) / r, x / r];
    }),
  ),
  problem(
    'B5',
    'rigid body',
    [0, 1, 1],
    of((_t, a, b, c) => [b * c, -a * c, -0.51 * a * b]),
  ),
  problem('C1', 'radioactive chain', first(10), decay),
  problem('C2', 'radioactive chain', first(10), fasterDecay),
  problem('C3', 'heat, 10 points', first(10), chain),
  problem('C4', 'heat, 51 points', first(51), chain),
  problem('C5', 'five planets', [...places.flat(), ...speeds.flat()], planets),
  ...[0.1, 0.3, 0.5, 0.7, 0.9].map((e, i) =>
    problem(`D${i + 1}`, `orbit, eccentricity ${e}`, [1 - e, 0, 0, Math.sqrt((1 + e) / (1 - e))], orbit),
  ),
  problem(
    'E1',
    'Bessel',
    [0.671396707141803, 0.09540051444747446],
    of((t, y, v) => [v, -(v / (t + 1) + (1 - 0.25 / (t + 1) ** 2) * y)]),
  ),
  problem(
    'E2',
    'Van der Pol, mu = 1',
    [2, 0],
    of((_t, y, v) => [v, (1 - y * y) * v - y]),
  ),
  problem(
    'E3',
    'Duffing',
    [0, 0],
    of((t, y, v) => [v, y ** 3 / 6 - y + 2 * Math.sin(2.78535 * t)]),
  ),
  problem(
    'E4',
    'falling body',
    [30, 0],
    of((_t, _y, v) => [v, 0.032 - 0.4 * v * v]),
  ),
  problem(
    'E5',
    'pursuit',
    [0, 0],
    of((t, _y, v) => [v, Math.sqrt(1 + v * v) / (25 - t)]),
  ),
  problem(
    'Lorenz',
    'chaotic',
    [1, 0, 0],
    of((_t, a, b, c) => [10 * (b - a), a * (28 - c) - b, a * b - (8 / 3) * c]),
  ),
];

/** By solver the finest tolerance that suits its order; from 1e-3 down by thousands, and it. */
export const finest = /** @type {const} */ ({
  heun2: 1e-4,
  ralston: 1e-4,
  bosh3: 1e-6,
  fehlberg45: 1e-8,
  cashkarp: 1e-9,
  dopri5: 1e-9,
  tsit5: 1e-9,
  vern6: 1e-10,
  vern7: 1e-12,
  dop853: 1e-12,
  vern8: 1e-12,
  vern9: 1e-12,
  odex: 1e-12,
  adams: 1e-12,
  rodas5p: 1e-7,
  kvaerno5: 1e-7,
});

/**
 * @param {number} least
 * @returns {number[]}
 */
export const tolerancesTo = (least) => [
  ...[1e-3, 1e-6, 1e-9].filter((tolerance) => tolerance > 1.5 * least),
  least,
];

/**
 * The largest error of a component over its tolerance, tolerance (1 + |y|).
 *
 * @param {ArrayLike<number>} y
 * @param {ArrayLike<number>} exact
 * @param {number} tolerance
 */
export const errorOver = (y, exact, tolerance) =>
  Array.from(y).reduce((most, value, i) => {
    const right = Number(exact[i]);
    return Math.max(most, Math.abs(value - right) / (tolerance * (1 + Math.abs(right))));
  }, 0);

/**
 * The most that an error at any time is multiplied by up to the end, in components over 1 + |y|: by differences at 40 times.
 *
 * @param {Problem} problem
 * @param {(field: Field, y0: ArrayLike<number>, t0: number, t1: number, options: object) => { y: Float64Array,
 *   at?: Float64Array[] }} solve
 */
export function amplification({ field, y0, t1 }, solve) {
  const options = { solver: 'vern7', rtol: 1e-10, atol: 1e-10, maxSteps: 100_000 };
  const times = Array.from({ length: 40 }, (_, i) => (i / 40) * t1);
  const { at, y: end } = solve(field, y0, 0, t1, { ...options, times });
  let most = 1;
  for (const [i, y] of /** @type {Float64Array[]} */ (at).entries()) {
    for (let j = 0; j < y.length; j++) {
      const by = 1e-6 * (1 + Math.abs(Number(y[j])));
      const moved = y.map((value, k) => (k === j ? value + by : value));
      most = Math.max(most, errorOver(solve(field, moved, Number(times[i]), t1, options).y, end, 1e-6));
    }
  }
  return most;
}
