// What the fields of src/cnf cost: the density of rows, a training step by likelihood, and one by flow matching.

import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCompiler } from '../scripts/native/compiler.mjs';
import { library, measuring } from './library.mjs';
import { short, table } from './markdown.mjs';
import { peakOf } from './peak.mjs';

const { adam, cnfFm, ffjord, flowMatching, otflow } = library;

/** @typedef {import('../src/index.ts').EvaluateOptions} EvaluateOptions */

/**
 * @typedef {object} FieldWorkload
 * @property {string} title
 * @property {() => import('../src/flow/index.ts').Flow} make
 * @property {number} rows
 * @property {EvaluateOptions} evaluate
 * @property {EvaluateOptions} train
 * @property {number | null} products multiply-adds of the matrix products of an evaluation for one row of a density;
 *   null where they are not counted
 */

const exact = { trace: /** @type {const} */ ('exact') };
const hidden = [64, 64, 64];

/** @type {readonly FieldWorkload[]} */
export const fieldWorkloads = [
  .../** @type {const} */ (['ignore', 'concat', 'squash', 'blend']).map((layer) =>
    inPlane(`2-D, ${layer}, 64-64-64`, () => ffjord({ dim: 2, hidden, layer, seed: 1 }), {
      // The time is one more input of each layer; a blend has two matrices.
      products: (layer === 'blend' ? 2 : 1) * products([2, ...hidden, 2], 2, layer === 'concat' ? 1 : 0),
    }),
  ),
  inPlane('2-D, concatsquash, 64-64-64, context of 16', () => ffjord({ dim: 2, contextDim: 16, hidden }), {
    products: products([18, ...hidden, 2], 2) - 2 * 16 * 64,
  }),
  inPlane(
    '2-D, cnf-fm, swish, Fourier features of time and row',
    () => cnfFm({ dim: 2, hidden, activation: 'swish', timeFrequencies: 3, rowFrequencies: 4 }),
    { products: products([18, ...hidden, 2], 2) },
  ),
  inPlane('2-D, otflow, width 32, closed-form trace', () => otflow({ dim: 2, width: 32 }), {
    products: null,
  }),
  {
    title: '63-D, cnf-fm, 256-256, Hutch++ of 6 probes; Hutchinson in training',
    make: () => cnfFm({ dim: 63, hidden: [256, 256], activation: 'swish', timeFrequencies: 2 }),
    rows: 500,
    evaluate: { trace: 'hutch++', probes: 6 },
    train: { trace: 'hutchinson' },
    // A third of the probes are multiplied twice.
    products: products([63, 256, 256, 63], 8),
  },
];

/**
 * @param {string} title
 * @param {FieldWorkload['make']} make
 * @param {Pick<FieldWorkload, 'products'>} more
 * @returns {FieldWorkload}
 */
function inPlane(title, make, more) {
  return { title, make, rows: 1000, evaluate: exact, train: exact, ...more };
}

/**
 * The network once for the value and once for each tangent.
 *
 * @param {readonly number[]} widths
 * @param {number} tangents
 * @param {number} [more] inputs of each layer that the value alone has
 */
function products(widths, tangents, more = 0) {
  const layers = widths.slice(1).map((width, i) => ({ inputs: Number(widths[i]), width }));
  const square = layers.reduce((sum, { inputs, width }) => sum + inputs * width, 0);
  return (1 + tangents) * square + more * layers.reduce((sum, { width }) => sum + width, 0);
}

/**
 * @typedef {object} FieldMeasurement
 * @property {string} title
 * @property {number} rows
 * @property {number} threads
 * @property {number} nfe mean evaluations of a row
 * @property {number} density seconds
 * @property {number | null} share of the multiply-add peak of so many cores, percent, in the density
 * @property {number} likelihood seconds of a training step
 * @property {number} matching seconds of a training step
 */

/**
 * @param {object} options
 * @param {number} options.seconds of each measurement
 * @param {(text: string) => void} options.say
 * @returns {Promise<FieldMeasurement[]>}
 */
export async function measureFields({ seconds, say }) {
  const peak = peakHere();
  const budget = { seconds, leastRuns: 3, mostRuns: 1000 };
  /** @type {FieldMeasurement[]} */
  const found = [];
  for (const { title, make, rows, evaluate, train, products: counted } of fieldWorkloads) {
    say(title);
    const flow = make();
    const x = normalRows(rows, flow.dim, 1);
    const context = flow.contextDim === 0 ? {} : { context: normalRows(rows, flow.contextDim, 2) };
    for (const threads of new Set([1, availableParallelism()])) {
      const common = { threads, ...context };
      const { nfe } = await flow.transform(x, { ...evaluate, ...common });
      const tasks = measuring.tasksOf(flow, x, rows, {
        train: { ...train, ...common },
        evaluate: { ...evaluate, ...common },
      });
      /** @param {'density' | 'train'} name */
      const time = async (name) => {
        const task = tasks.find((each) => each.name === name);
        if (task === undefined) throw new Error(`there is no task '${name}'`);
        return (await measuring.timed(task, budget)).median;
      };
      const density = await time('density');
      const operations = counted === null || nfe === null ? null : 2 * counted * nfe.mean * rows;
      found.push({
        title,
        rows,
        threads,
        nfe: nfe?.mean ?? 0,
        density,
        share: operations === null || peak === null ? null : (100 * operations) / density / (peak * threads),
        likelihood: await time('train'),
        matching: (await measuring.timed(matchingStep(flow, x, common), budget)).median,
      });
    }
  }
  return found;
}

/**
 * @param {import('../src/flow/index.ts').Flow} flow
 * @param {import('../src/matrix.ts').Matrix} x
 * @param {EvaluateOptions} options
 * @returns {import('../src/cli/bench/index.ts').Task}
 */
function matchingStep(flow, x, options) {
  const objective = flowMatching({ coupling: 'independent' });
  const optimiser = adam();
  const engine = library.chooseEngine();
  const { flat } = flow.parameters;
  const before = flat.slice();
  let state = optimiser.start(flat.length);
  return {
    name: 'train',
    async run() {
      const { loss, flat: gradient } = await objective.evaluate(flow, x, options);
      optimiser.update(state, flat, gradient, 1e-4, engine);
      return [[loss], gradient, flat];
    },
    reset() {
      flat.set(before);
      state = optimiser.start(flat.length);
    },
  };
}

/** @returns {number | null} operations per second of one core; null where there is no compiler to measure them with */
function peakHere() {
  const found = findCompiler(process.env);
  if (!('compiler' in found)) return null;
  const folder = mkdtempSync(join(tmpdir(), 'liouville-bench-'));
  try {
    return peakOf(found.compiler.command, folder)();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {number} rows
 * @param {number} cols
 * @param {number} seed
 */
function normalRows(rows, cols, seed) {
  const data = new Float64Array(rows * cols);
  library.chooseEngine().fill('normal', data, seed, 1);
  return { data, rows, cols };
}

/**
 * @param {readonly FieldMeasurement[]} measured
 * @returns {Record<string, string>} markdown by the name of its place in the document
 */
export function fieldSections(measured) {
  const head = [
    'field',
    'rows',
    'threads',
    'evaluations',
    'density, s',
    'share of the peak',
    'likelihood step, s',
    'matching step, s',
  ];
  return {
    fields: table(
      head,
      measured.map(({ title, rows, threads, nfe, density, share, likelihood, matching }) => [
        title,
        String(rows),
        String(threads),
        short(nfe),
        short(density),
        share === null ? '' : `${short(share)}%`,
        short(likelihood),
        short(matching),
      ]),
    ),
  };
}
