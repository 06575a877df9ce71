// What is measured side by side with other projects, and what was promised of each ratio.

/** @typedef {import('../src/cli/bench/index.ts').TaskName} TaskName */

/**
 * @typedef {object} Workload
 * @property {string} name
 * @property {string} title
 * @property {'ffjord' | 'zuko'} peer
 * @property {number} rows
 * @property {Readonly<Record<string, unknown>>} settings what the script of the peer is told
 * @property {'exact' | 'hutchinson'} trace in training
 * @property {number} iterations runs of the peer in one process, besides a first that is not counted
 * @property {Partial<Record<TaskName, number>>} floors the least ratio that was promised
 */

const plane = { dim: 2, dims: '64-64-64', nonlinearity: 'tanh' };

/** @type {readonly Workload[]} */
export const workloads = [
  continuous('ffjord-2d-100', 'FFJORD 2-D, 64-64-64, exact trace', 100, 5, plane, {
    train: 30,
    density: 30,
    sample: 30,
  }),
  continuous('ffjord-2d-1000', 'FFJORD 2-D, 64-64-64, exact trace', 1000, 3, plane, {
    train: 15,
    density: 15,
    sample: 15,
  }),
  continuous('ffjord-2d-10000', 'FFJORD 2-D, 64-64-64, exact trace', 10_000, 1, plane, {
    train: 10,
    density: 12,
    sample: 12,
  }),
  continuous(
    'ffjord-2d-hutchinson-1000',
    'FFJORD 2-D, 64-64-64, Hutchinson in training',
    1000,
    3,
    { ...plane, divergence: 'approximate' },
    {},
  ),
  continuous(
    'ffjord-6d-1000',
    'FFJORD 6-D, 5 blocks of 60-60-60, Hutchinson',
    1000,
    1,
    { dim: 6, dims: '60-60-60', nonlinearity: 'softplus', divergence: 'approximate', num_blocks: 5 },
    { train: 12 },
  ),
  continuous(
    'ffjord-43d-1000',
    'FFJORD 43-D, 860-860, Hutchinson',
    1000,
    1,
    { dim: 43, dims: '860-860', nonlinearity: 'softplus', divergence: 'approximate' },
    { train: 4 },
  ),
  {
    name: 'realnvp-6d-1000',
    title: 'RealNVP 6-D, 5 couplings of 128-128',
    peer: 'zuko',
    rows: 1000,
    settings: { flow: 'RealNVP', dim: 6, transforms: 5, hidden: [128, 128], batch: 1000, iters: 20 },
    trace: 'exact',
    iterations: 20,
    floors: { train: 8 },
  },
];

/**
 * @param {string} name
 * @param {string} title
 * @param {number} rows
 * @param {number} iterations
 * @param {Readonly<Record<string, unknown>>} model
 * @param {Workload['floors']} floors
 * @returns {Workload}
 */
function continuous(name, title, rows, iterations, model, floors) {
  const divergence = model['divergence'] ?? 'exact';
  return {
    name,
    title,
    peer: 'ffjord',
    rows,
    settings: { divergence, ...model, batch: rows, iters: iterations },
    trace: divergence === 'exact' ? 'exact' : 'hutchinson',
    iterations,
    floors,
  };
}

/** What two threads gain over one, from this many rows on. */
export const scaling = { floor: 1.7, fromRows: 1000 };

/** Shares of the multiply-add peak in percent: of the matrix kernels by width, and of a whole density pass. */
export const shares = {
  kernels: new Map([
    [64, 60],
    [256, 70],
    [860, 70],
  ]),
  densityPass: 50,
};

/**
 * @param {string | undefined} only names or their beginnings, whole words, with commas between them
 * @returns {readonly Workload[]}
 */
export function chosen(only) {
  if (only === undefined) return workloads;
  const beginnings = only.split(',').map((beginning) => beginning.trim());
  const found = workloads.filter(({ name }) =>
    beginnings.some((beginning) => `${name}-`.startsWith(`${beginning}-`)),
  );
  if (found.length > 0) return found;
  const known = workloads.map(({ name }) => name).join(', ');
  throw new Error(`--only: no workload has the name or the beginning '${only}'; known are ${known}`);
}

/**
 * @param {readonly Workload[]} workloads
 * @param {number | undefined} rows
 * @returns {readonly Workload[]} with so many rows, and nothing promised of them
 */
export function withRows(workloads, rows) {
  if (rows === undefined) return workloads;
  return workloads.map((workload) => ({
    ...workload,
    rows,
    settings: { ...workload.settings, batch: rows },
    floors: {},
  }));
}
