// What a trained flow is worth on a toy, in units of the toy.

import { library, quadrature } from '../library.mjs';

const { rowCosts, toyLogDensity } = library;

/** The tolerances whose inverse errors are told; the second is the default. */
export const tolerances = [1e-3, 1e-5, 1e-7];

/** @typedef {import('../../src/flow/index.ts').Flow} Flow */
/** @typedef {import('../../src/data/index.ts').Standardiser} Standardiser */
/** @typedef {import('../../src/matrix.ts').Matrix} Matrix */

/**
 * KL(truth || flow) as the mean of log p - log q over the first rows, with its standard error, and evaluations.
 *
 * @param {Flow} flow
 * @param {string} name
 * @param {Standardiser} scale
 * @param {Matrix} test
 * @param {number} rows
 */
export async function summary(flow, name, scale, test, rows) {
  const part = first(test, rows);
  const x = scale.apply(part);
  const logProb = await flow.logProb(x, { threads: 1, onFailure: 'report' });
  const truth = toyLogDensity[name];
  if (truth === undefined) throw new Error(`there is no toy '${name}'`);
  const gaps = Array.from(logProb, (value, i) => {
    return truth(Number(part.data[2 * i]), Number(part.data[2 * i + 1])) - value - scale.logDet;
  });
  const kl = gaps.reduce((a, b) => a + b) / rows;
  const error = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - kl) ** 2, 0)) / rows;
  const { evaluations } = await rowCosts(flow, x, { threads: 1, onFailure: 'report' });
  const nfe = evaluations.reduce((a, b) => a + b) / rows;
  return { kl, error, nfe, nfeMax: evaluations.reduce((a, b) => Math.max(a, b)) };
}

/**
 * @param {Flow} flow
 * @param {string} name
 * @param {Standardiser} scale
 * @param {Matrix} test
 */
export async function measure(flow, name, scale, test) {
  return {
    ...(await summary(flow, name, scale, test, test.rows)),
    ...(await mass(flow, scale, test)),
    inverse: await inverseErrors(flow, scale, first(test, 1000)),
  };
}

/**
 * The integral of the density over the bounding box of the rows grown by a quarter of its width on every side, and
 * the share of 20,000 samples that lie outside.
 *
 * @param {Flow} flow
 * @param {Standardiser} scale
 * @param {Matrix} test
 */
async function mass(flow, scale, test) {
  const box = [0, 1].map((axis) => {
    const along = Array.from({ length: test.rows }, (_, i) => Number(test.data[2 * i + axis]));
    const [least, most] = [Math.min(...along), Math.max(...along)];
    return /** @type {const} */ ([least - (most - least) / 4, most + (most - least) / 4]);
  });
  const found = await quadrature.integrate(
    async (points) => {
      const logDensity = await flow.logProb(scale.apply(points), { threads: 1 });
      return logDensity.map((value) => Math.exp(value + scale.logDet));
    },
    box,
    { intervals: 128, maxIntervals: 256, tolerance: 1e-4 },
  );
  const samples = scale.invert(await flow.sample(20_000, { threads: 1, seed: 3 }));
  let outside = 0;
  for (let i = 0; i < samples.rows; i++) {
    const isInside = box.every(([least, most], axis) => {
      const at = Number(samples.data[2 * i + axis]);
      return at >= least && at <= most;
    });
    if (!isInside) outside += 1;
  }
  return { integral: found.integral, integralChange: found.change, outside: outside / samples.rows };
}

/**
 * |x - inverse(transform(x))| in units of the toy, its median and maximum at each tolerance; float64 for the last.
 *
 * @param {Flow} flow
 * @param {Standardiser} scale
 * @param {Matrix} test
 */
async function inverseErrors(flow, scale, test) {
  const results = [];
  for (const tolerance of tolerances) {
    const precision = tolerance < 1e-6 ? /** @type {const} */ ('float64') : /** @type {const} */ ('float32');
    const options = { rtol: tolerance, atol: tolerance, precision, threads: 1 };
    const { z } = await flow.transform(scale.apply(test), options);
    const back = scale.invert((await flow.inverse(z, options)).x);
    const errors = Array.from({ length: test.rows }, (_, i) =>
      Math.hypot(...[0, 1].map((axis) => Number(test.data[2 * i + axis]) - Number(back.data[2 * i + axis]))),
    ).toSorted((a, b) => a - b);
    results.push({ tolerance, median: Number(errors[test.rows >> 1]), max: Number(errors.at(-1)) });
  }
  return results;
}

/**
 * @param {Matrix} table
 * @param {number} rows
 * @returns {Matrix}
 */
function first(table, rows) {
  return { data: table.data.subarray(0, rows * table.cols), rows, cols: table.cols };
}
