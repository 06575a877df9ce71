// The toys with a continuous flow trained by flow matching, by one after the other, and by likelihood: KL to the truth
// against processor seconds and evaluations, whether the density integrates to 1, how well the inverse inverts.
//
//   node bench/continuous/toys.mjs [--toys moons,rings] [--recipes matching,both] [--out FILE.json] [--folder MODELS]
//   node bench/continuous/toys-report.mjs
//
// A result is written as soon as it is there, and what the file has already is not computed again. One thread computes,
// and seconds are those of the processor, so that other work on the machine changes little. The second command makes
// tables and figures of docs/ from the results.

import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { library } from '../library.mjs';
import { measure, summary } from './measure.mjs';
import { recipes, regularisedBy, regularisedToys, weights } from './recipes.mjs';
import { addResult, readResults, resultsFile } from './results.mjs';

const { fit, load, save, standardiser, toy } = library;

const { values } = parseArgs({
  options: {
    toys: {
      type: 'string',
      default: 'rings,checkerboard,2spirals,moons,pinwheel,swissroll,circles,8gaussians',
    },
    recipes: { type: 'string', default: 'matching,both,likelihood,defaults,regularised' },
    out: { type: 'string', default: resultsFile },
    folder: { type: 'string', default: 'liouville-out/toys' },
  },
});
/** Rows drawn for training: toys have no end of them. */
const trainingRows = 500_000;
const testRows = 10_000;

mkdirSync(values.folder, { recursive: true });
for (const name of values.toys.split(',')) {
  for (const recipe of values.recipes.split(',')) {
    if (recipe !== 'regularised') await result(name, recipe, recipes[recipe]);
    else if (regularisedToys.includes(name)) {
      for (const weight of weights) await result(name, `regularised ${weight}`, regularisedBy(weight));
    }
  }
}

/**
 * @param {string} name of a toy
 * @param {string} key of the recipe
 * @param {import('./recipes.mjs').Recipe | undefined} recipe
 */
async function result(name, key, recipe) {
  if (recipe === undefined) throw new Error(`there is no recipe '${key}'`);
  const known = readResults(values.out)[name] ?? {};
  if (known[key] !== undefined) return;
  const train = draw(name, trainingRows, 1);
  const test = draw(name, testRows, 2);
  const scale = standardiser({ matrix: train, columns: ['x', 'y'] });
  const { after, stage } = recipe;
  const flow = after === undefined ? recipe.model() : await load(modelFile(name, after));
  const already = after === undefined ? 0 : Number(known[after]?.seconds);
  const { steps } = stage;
  const began = processorSeconds();
  /** @type {{ seconds: number, flat: Float64Array }[]} */
  const halts = [];
  const { history } = await fit(flow, scale.apply(train), {
    clipNorm: 10,
    ...stage,
    schedule: 'cosine',
    threads: 1,
    seed: 1,
    onStep: ({ step }) => {
      const isHalt =
        step === steps || [0.1, 0.2, 0.35, 0.5, 0.7].some((part) => step === Math.round(part * steps));
      if (isHalt) halts.push({ seconds: processorSeconds() - began, flat: flow.parameters.flat.slice() });
    },
  });
  await save(flow, modelFile(name, key));
  const trained = flow.parameters.flat.slice();
  const curve = [];
  for (const { seconds, flat } of halts) {
    flow.parameters.flat.set(flat);
    const { kl, nfe } = await summary(flow, name, scale, test, 1000);
    curve.push({ seconds: already + seconds, kl, nfe });
  }
  flow.parameters.flat.set(trained);
  /** @type {import('./results.mjs').ToyResult} */
  const found = {
    recipe: recipe.label,
    steps,
    seconds: already + Number(halts.at(-1)?.seconds),
    evaluationsInTraining: thinned(history.map(({ nfe = 1 }) => nfe)),
    curve,
    ...(recipe.isMeasuredFully
      ? await measure(flow, name, scale, test)
      : await summary(flow, name, scale, test, test.rows)),
  };
  addResult(values.out, name, key, found);
  console.error(`${name}, ${recipe.label}: ${found.kl.toFixed(4)} nats, ${found.seconds.toFixed(0)} s`);
}

/**
 * @param {string} name
 * @param {string} key
 */
function modelFile(name, key) {
  return `${values.folder}/${name}-${key}.safetensors`;
}

/** Means of forty parts of a training. */
function thinned(/** @type {number[]} */ all) {
  const size = Math.ceil(all.length / 40);
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => {
    const part = all.slice(i * size, (i + 1) * size);
    return Number((part.reduce((a, b) => a + b) / part.length).toPrecision(5));
  });
}

function processorSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/**
 * @param {string} name
 * @param {number} count
 * @param {number} seed
 */
function draw(name, count, seed) {
  const make = toy[name];
  if (make === undefined) throw new Error(`there is no toy '${name}'`);
  return make(count, { seed });
}
