// The toys with a continuous flow trained by flow matching, by likelihood, by one after the other, and by regularised
// likelihood: KL to the truth against seconds and evaluations, one line of JSON for each, and a table at the end.
//
//   node bench/continuous/toys.mjs [--toys moons,rings] [--recipes matching,likelihood,both,regularised]
//     [--seconds 600] [--out results.jsonl]
//
// Each recipe of each toy gets `--seconds` of training. With the default 600, eight toys and four recipes take more
// than five hours; run it alone on the machine.

import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const built = (/** @type {string} */ path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
const library = /** @type {typeof import('../../src/index.ts')} */ (await built('index.js'));
const { cnfFm, fit, flowMatching, regularised, rowCosts, toyEntropy } = library;

const { values } = parseArgs({
  options: {
    toys: {
      type: 'string',
      default: '8gaussians,checkerboard,circles,moons,pinwheel,rings,swissroll,2spirals',
    },
    recipes: { type: 'string', default: 'matching,likelihood,both,regularised' },
    seconds: { type: 'string', default: '600' },
    hidden: { type: 'string', default: '64-64-64' },
    out: { type: 'string' },
  },
});
const budget = Number(values.seconds);

/** @typedef {{ objective?: import('../../src/flow/index.ts').Objective, share: number, learningRate: number, batchSize: number }} Stage */
/** @type {Record<string, Stage[]>} */
const recipes = {
  matching: [{ objective: flowMatching(), share: 1, learningRate: 5e-3, batchSize: 512 }],
  likelihood: [{ share: 1, learningRate: 2e-3, batchSize: 256 }],
  both: [
    { objective: flowMatching(), share: 0.5, learningRate: 5e-3, batchSize: 512 },
    { share: 0.5, learningRate: 5e-4, batchSize: 512 },
  ],
  regularised: [
    {
      objective: regularised({ kinetic: 0.01, jacobian: 0.01 }),
      share: 1,
      learningRate: 2e-3,
      batchSize: 256,
    },
  ],
};

const results = [];
for (const name of values.toys.split(',')) {
  const train = draw(name, 50_000, 1);
  const test = draw(name, 10_000, 2);
  for (const recipe of values.recipes.split(',')) {
    const flow = cnfFm({ dim: 2, hidden: values.hidden.split('-').map(Number), activation: 'tanh', seed: 1 });
    const began = performance.now();
    let steps = 0;
    for (const stage of recipes[recipe] ?? []) {
      steps += await trainStage(flow, train, stage, budget * stage.share);
    }
    const seconds = (performance.now() - began) / 1000;
    const logProb = await flow.logProb(test);
    const mean = logProb.reduce((a, b) => a + b) / logProb.length;
    const spread = Math.sqrt(logProb.reduce((sum, x) => sum + (x - mean) ** 2, 0)) / logProb.length;
    const { evaluations } = await rowCosts(flow, test);
    const nfe = evaluations.reduce((a, b) => a + b) / evaluations.length;
    const result = {
      toy: name,
      recipe,
      steps,
      seconds,
      kl: -mean - Number(toyEntropy[name]),
      error: spread,
      nfe,
    };
    results.push(result);
    const line = JSON.stringify(result);
    console.error(line);
    if (values.out !== undefined) appendFileSync(values.out, `${line}\n`);
  }
}
console.log('| toy | recipe | KL, nats | standard error | evaluations | steps | seconds |');
console.log('| --- | --- | --- | --- | --- | --- | --- |');
for (const { toy: name, recipe, kl, error, nfe, steps, seconds } of results) {
  console.log(
    `| ${name} | ${recipe} | ${kl.toFixed(3)} | ${error.toFixed(3)} | ${nfe.toFixed(1)} | ${steps} | ${seconds.toFixed(0)} |`,
  );
}

/**
 * Measures the time of a step first, then takes as many as fit, with a cosine schedule over all of them.
 *
 * @param {import('../../src/flow/index.ts').Flow} flow
 * @param {import('../../src/matrix.ts').Matrix} x
 * @param {Stage} stage
 * @param {number} seconds
 */
async function trainStage(flow, x, { objective, learningRate, batchSize }, seconds) {
  const common = { batchSize, learningRate, clipNorm: 10, ...(objective !== undefined && { objective }) };
  const probe = 10;
  const began = performance.now();
  await fit(flow, x, { ...common, steps: probe });
  const each = (performance.now() - began) / 1000 / probe;
  const steps = Math.max(probe, Math.floor((seconds - probe * each) / each));
  await fit(flow, x, { ...common, steps, schedule: 'cosine', seed: 1 });
  return steps + probe;
}

/**
 * @param {string} name
 * @param {number} count
 * @param {number} seed
 */
function draw(name, count, seed) {
  const make = library.toy[name];
  if (make === undefined) throw new Error(`there is no toy '${name}'`);
  return make(count, { seed });
}
