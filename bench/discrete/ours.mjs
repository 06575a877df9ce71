// Measures a discrete flow in a process of its own, as peer.py does, and prints one JSON line.
//
//   node bench/discrete/ours.mjs '{"flow": "MAF", "dim": 6, "rows": 1000, "layers": 5, "hidden": [64, 64],
//     "threads": [1], "seconds": 1, "sample": false, "only": "train"}'

import { library, measuring } from '../library.mjs';

/**
 * @typedef {object} Request
 * @property {'RealNVP' | 'MAF' | 'NSF'} flow
 * @property {number} dim
 * @property {number} rows
 * @property {number} layers
 * @property {number[]} hidden
 * @property {readonly number[]} threads
 * @property {number} seconds of each measurement
 * @property {boolean} sample
 * @property {string} [only] the name of a task; without it all
 */

const request = /** @type {Request} */ (JSON.parse(process.argv[2] ?? '{}'));
const { dim, layers, hidden, rows } = request;
const make = { RealNVP: library.realNVP, MAF: library.maf, NSF: library.nsfAr }[request.flow];
const flow = make({ dim, layers, hidden, seed: 1 });
// The last layers begin at zero, which is no work like any other.
const { flat } = flow.parameters;
flat.forEach((parameter, i) => (flat[i] = parameter + 0.02 * Math.sin(i)));
const x = await flow.sample(rows, { seed: 1 });
const answers = [];
for (const threads of request.threads) {
  const options = { threads, precision: /** @type {const} */ ('float32') };
  const tasks = measuring.tasksOf(flow, x, rows, { train: options, evaluate: options });
  const wanted = tasks.filter(({ name }) =>
    request.only === undefined
      ? name !== 'inverse' && (request.sample || name !== 'sample')
      : name === request.only,
  );
  /** @type {Record<string, number>} */
  const found = { threads };
  for (const task of wanted) {
    const { median } = await measuring.timed(task, {
      seconds: request.seconds,
      leastRuns: 3,
      mostRuns: 1000,
    });
    found[task.name] = median;
  }
  answers.push(found);
}
console.log(JSON.stringify({ parameters: flow.parameters.count, seconds: answers }));
