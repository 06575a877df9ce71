// Measures this project in a process of its own, as the scripts of the peers do, and prints one JSON line.
//
//   node bench/project.mjs '{"name": "ffjord-2d-100", "file": "weights.safetensors", "rows": 100, ...}'

import { readFileSync } from 'node:fs';
import { files, library, measuring } from './library.mjs';

/** @typedef {import('../src/cli/bench/index.ts').TaskName} TaskName */
/** @typedef {import('../src/index.ts').EvaluateOptions} EvaluateOptions */

/**
 * @typedef {object} Request
 * @property {string} name of the workload
 * @property {string} [file] weights and rows of the published FFJORD code; without it the model is made here
 * @property {number} rows
 * @property {'exact' | 'hutchinson'} train the trace in training
 * @property {'exact' | 'hutchinson'} evaluate the trace of densities
 * @property {number} threads
 * @property {number} seconds of each measurement
 * @property {boolean} check whether the accuracy is to be measured, too
 */

/**
 * @typedef {object} Answer
 * @property {number} threads
 * @property {string} engine
 * @property {number} parameters
 * @property {{ mean: number, max: number } | null} nfe of a density pass, per row over all blocks
 * @property {Record<TaskName, number>} seconds the medians
 * @property {Accuracy} [accuracy]
 */

/**
 * How far single precision at tolerance 1e-5 is from double precision at 1e-8, over the same rows and probes.
 *
 * @typedef {object} Accuracy
 * @property {number} largest difference of a log-likelihood
 * @property {number} mean difference, with its sign
 * @property {number} gradient |g - g'| / |g'| of the gradient of the loss, Euclidean
 */

const request = /** @type {Request} */ (JSON.parse(process.argv[2] ?? '{}'));
const { flow, x, noise } = await subject(request);
/** @type {EvaluateOptions} */
const evaluate = { trace: request.evaluate, threads: request.threads };
/** @type {EvaluateOptions} */
const train = { trace: request.train, threads: request.threads };

const { nfe, engine } = await flow.transform(x, evaluate);
const accuracy = request.check ? await measureAccuracy() : undefined;
const budget = { seconds: request.seconds, leastRuns: 3, mostRuns: 1000 };
const seconds = /** @type {Record<TaskName, number>} */ ({});
for (const task of measuring.tasksOf(flow, x, x.rows, { train, evaluate })) {
  seconds[task.name] = (await measuring.timed(task, budget)).median;
}
const { count: parameters } = flow.parameters;
/** @type {Answer} */
const answer = {
  threads: request.threads,
  engine,
  parameters,
  nfe,
  seconds,
  ...(accuracy === undefined ? {} : { accuracy }),
};
console.log(JSON.stringify(answer));

/**
 * @param {Request} request
 */
async function subject({ name, file, rows }) {
  if (file === undefined) {
    const workload = measuring.workloadsOf('native').find((known) => known.name === name);
    if (workload === undefined) throw new Error(`no workload '${name}'`);
    const flow = workload.make();
    return { flow, x: measuring.rowsFor({ ...workload, rows }, flow.dim), noise: undefined };
  }
  const bytes = new Uint8Array(readFileSync(file));
  const { tensors } = files.decodeSafetensors(bytes, file);
  /** @param {string} key */
  const matrix = (key) => {
    const tensor = tensors.get(key);
    if (tensor === undefined) throw new Error(`${file} has no tensor '${key}'`);
    const [rows = 0, cols = 0] = tensor.shape;
    return { data: Float64Array.from(tensor.data, Number), rows, cols };
  };
  return { flow: await library.importFfjord(bytes), x: matrix('x'), noise: matrix('e') };
}

/** @returns {Promise<Accuracy>} */
async function measureAccuracy() {
  /** @type {EvaluateOptions} */
  const fine = { precision: 'float64', rtol: 1e-8, atol: 1e-8 };
  /** @param {EvaluateOptions} options */
  const probed = (options) =>
    noise === undefined || options.trace !== 'hutchinson' ? options : { ...options, noise };
  const found = await flow.logProb(x, probed(evaluate));
  const expected = await flow.logProb(x, probed({ ...evaluate, ...fine }));
  const differences = found.map((value, row) => value - Number(expected[row]));
  const { flat: gradient } = await flow.lossAndGradient(x, probed(train));
  const { flat: truth } = await flow.lossAndGradient(x, probed({ ...train, ...fine }));
  return {
    largest: differences.reduce((most, difference) => Math.max(most, Math.abs(difference)), 0),
    mean: differences.reduce((sum, difference) => sum + difference, 0) / differences.length,
    gradient: norm(gradient.map((g, i) => g - Number(truth[i]))) / norm(truth),
  };
}

/** @param {Float64Array} v */
function norm(v) {
  return Math.sqrt(v.reduce((sum, entry) => sum + entry * entry, 0));
}
