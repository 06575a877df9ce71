// Whether this project and a peer find the same log-densities with the same weights, in float64.

import { files, library } from '../library.mjs';

const { autoregressive, chain, coupling, createFlow, masks, ops, standardNormal, univariates } = library;

/** @typedef {import('../../src/index.ts').Univariate} Univariate */
/** @typedef {import('../../src/index.ts').Flow} Flow */
/** @typedef {import('../../src/program/index.ts').Value} Value */

/** The affine map of zuko: x exp(s) + m with s = raw / (1 + |raw / log 0.001|). */
/** @type {Univariate} */
const softAffine = {
  groups: [1, 1],
  forward(x, [shift, raw]) {
    const s = ops.div(value(raw), ops.add(1, ops.abs(ops.div(value(raw), Math.log(1e-3)))));
    return { y: ops.add(ops.mul(x, ops.exp(s)), value(shift)), logDerivative: s };
  },
  inverse() {
    throw new Error('only densities are compared');
  },
};

const bins = 8;
const spline = univariates.spline({ bins, bound: 5 });
/** What the raw slopes of nflows lack: there a raw slope of 0 is log 2 + 0.001. */
const slopeOffset = Math.log(Math.expm1(1 - 1e-3));
/** The splines of nflows. */
/** @type {Univariate} */
const nflowsSpline = {
  groups: spline.groups,
  forward: (x, [widths, heights, slopes]) =>
    spline.forward(x, [value(widths), value(heights), ops.sub(value(slopes), slopeOffset)]),
  inverse() {
    throw new Error('only densities are compared');
  },
};

/**
 * @param {Value | undefined} x
 * @returns {Value}
 */
function value(x) {
  if (x === undefined) throw new Error('a group of parameters is missing');
  return x;
}

/**
 * The largest difference of a log-density, nats.
 *
 * @param {{ peer: string, flow: string, dim: number, layers: number, hidden: readonly number[] }} settings
 * @param {Uint8Array} bytes what peer.py exported
 */
export async function disagreement({ peer, flow: kind, dim, layers, hidden }, bytes) {
  const affine = peer === 'zuko' ? softAffine : nflowsSpline;
  const common = { dim, hidden: [...hidden], activation: /** @type {const} */ ('relu'), univariate: affine };
  const parts = Array.from({ length: layers }, (_, i) => {
    const order = Array.from({ length: dim }, (_, j) => (i % 2 === 0 ? j : dim - 1 - j));
    return kind === 'RealNVP'
      ? coupling({ ...common, kept: masks.alternating(dim, i) })
      : autoregressive({ ...common, order, degrees: 'cyclic' });
  });
  const flow = createFlow({
    name: 'weights of a peer',
    transform: chain(parts),
    base: standardNormal(dim),
    configuration: { model: 'weights of a peer', options: {} },
  });
  const arrays = async (/** @type {string} */ key) => (await files.decodeNpz(bytes, key)).data;
  const depth = hidden.length + 1;
  const names = flow.parameters.names().filter((name) => name.endsWith('.weight'));
  for (const [index, name] of names.entries()) {
    const bias = name.replace(/weight$/, 'bias');
    let weight = Float64Array.from(await arrays(`${index}.weight`), Number);
    let shift = Float64Array.from(await arrays(`${index}.bias`), Number);
    const layer = Math.floor(index / depth);
    // nflows turns the features round between the layers, where we turn the order round.
    const turned = peer === 'nflows' && layer % 2 === 1;
    if (index % depth === 0 && turned) weight = reversedColumns(weight, dim);
    if (index % depth === depth - 1) {
      const cols = Number(hidden.at(-1));
      const features = shift.length / outputsOf(affine);
      const rows = grouped(affine.groups, features, turned);
      weight = Float64Array.from(rows.flatMap((row) => [...weight.subarray(row * cols, (row + 1) * cols)]));
      shift = Float64Array.from(rows, (row) => Number(shift[row]));
    }
    flow.parameters.set(name, weight);
    flow.parameters.set(bias, shift);
  }
  const [x, expected] = [await arrays('x'), await arrays('log_prob')];
  const data = Float64Array.from(x, Number);
  const found = await flow.logProb({ data, rows: data.length / dim, cols: dim }, { precision: 'float64' });
  return found.reduce((most, log, row) => Math.max(most, Math.abs(log - Number(expected[row]))), 0);
}

/** @param {Univariate} univariate */
function outputsOf({ groups }) {
  return groups.reduce((sum, count) => sum + count, 0);
}

/**
 * Peers have the outputs feature by feature, we group by group: which of theirs each of ours is.
 *
 * @param {readonly number[]} groups
 * @param {number} features
 * @param {boolean} turned
 */
function grouped(groups, features, turned) {
  const all = groups.reduce((sum, count) => sum + count, 0);
  let start = 0;
  return groups.flatMap((count) => {
    const first = (start += count) - count;
    return Array.from({ length: features }, (_, j) => {
      const feature = turned ? features - 1 - j : j;
      return Array.from({ length: count }, (_, k) => feature * all + first + k);
    }).flat();
  });
}

/**
 * @param {Float64Array<ArrayBuffer>} weight
 * @param {number} cols
 */
function reversedColumns(weight, cols) {
  return weight.map((_, i) => Number(weight[i - (i % cols) + cols - 1 - (i % cols)]));
}
