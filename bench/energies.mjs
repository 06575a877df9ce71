// Variational inference on the four test energies of Rezende and Mohamed (2015): planar layers, radial layers, an inverse
// autoregressive flow and a continuous flow are brought to each by `reverseKL`, without data. Free energy, KL(q || p) by the
// normaliser from quadrature, that normaliser by importance sampling, and samples as a picture.
//
//   node bench/energies.mjs [--steps 3000] [--threads 1] [--out FILE.json] [--picture docs/figures/energies.svg]

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const built = (/** @type {string} */ path) => import(new URL(`../dist/${path}`, import.meta.url).href);
const library = /** @type {typeof import('../src/index.ts')} */ (await built('index.js'));
const random = /** @type {typeof import('../src/random/index.ts')} */ (await built('random/index.js'));
const {
  chain,
  createFlow,
  energies,
  estimateReverseKL,
  ffjord,
  fit,
  formula,
  iaf,
  invert,
  ops,
  planar,
  radial,
} = library;
const { reverseKL, standardNormal } = library;

const { values } = parseArgs({
  options: {
    steps: { type: 'string', default: '3000' },
    threads: { type: 'string', default: '1' },
    out: { type: 'string' },
    picture: { type: 'string' },
  },
});
const [steps, threads] = [Number(values.steps), Number(values.threads)];
const [batchSize, layers, shown] = [256, 32, 500];

/** Layers in the direction of sampling, as in the paper: the noise goes through their closed forms. */
const layered = (/** @type {import('../src/index.ts').Transform} */ layer, /** @type {string} */ name) =>
  createFlow({
    name,
    transform: chain(Array.from({ length: layers }, () => invert(layer))),
    base: standardNormal(2),
    configuration: { model: name, options: {} },
    seed: 3,
  });
/** @type {Record<string, { make: () => import('../src/index.ts').Flow, steps: number, learningRate: number }>} */
const models = {
  planar: { make: () => layered(planar({ dim: 2 }), 'planar layers'), steps, learningRate: 5e-3 },
  radial: { make: () => layered(radial({ dim: 2 }), 'radial layers'), steps, learningRate: 5e-3 },
  iaf: { make: () => iaf({ dim: 2, layers: 6, hidden: [32, 32], seed: 3 }), steps, learningRate: 3e-3 },
  cnf: {
    make: () => ffjord({ dim: 2, hidden: [32, 32], endTime: 1, seed: 3 }),
    steps: Math.ceil(steps / 3),
    learningRate: 1e-2,
  },
};
const solver = { rtol: 1e-4, atol: 1e-4 };
const rows = { data: new Float64Array(2 * batchSize), rows: batchSize, cols: 2 };

const results = [];
/** @type {{ title: string, points: readonly number[] }[][]} */
const columns = [];
for (const [energy, { text, logNormaliser }] of Object.entries(energies)) {
  const U = await formula(text, ['x']);
  const target = (/** @type {import('../src/index.ts').Value} */ x) => ops.neg(U({ x }));
  const pictures = [{ title: energy, points: await draws(target) }];
  for (const [name, { make, steps: count, learningRate }] of Object.entries(models)) {
    const began = process.cpuUsage();
    const flow = make();
    await fit(flow, rows, {
      objective: reverseKL(target),
      steps: count,
      batchSize,
      learningRate,
      schedule: 'cosine',
      clipNorm: 10,
      threads,
      seed: 1,
      ...solver,
    });
    const { user, system } = process.cpuUsage(began);
    const found = await estimateReverseKL(flow, target, { samples: 20_000, seed: 77, threads, ...solver });
    results.push({
      energy,
      model: name,
      parameters: flow.parameters.count,
      steps: count,
      freeEnergy: found.freeEnergy,
      kl: found.freeEnergy + logNormaliser,
      standardError: found.standardError,
      logNormaliser: found.logNormaliser,
      logNormaliserByQuadrature: logNormaliser,
      effectiveShare: found.effectiveShare,
      cpuSeconds: (user + system) / 1e6,
    });
    console.log(JSON.stringify(results.at(-1)));
    const points = Array.from((await flow.sample(shown)).data);
    pictures.push({ title: `${name}, KL ${(found.freeEnergy + logNormaliser).toFixed(2)}`, points });
  }
  columns.push(pictures);
}
if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(results)}\n`);
if (values.picture !== undefined) writeFileSync(values.picture, picture());

/**
 * Samples of the target itself, by rejection from a square.
 * @param {(x: import('../src/index.ts').Value) => import('../src/index.ts').Value} target
 */
async function draws(target) {
  const { Program, input } = /** @type {typeof import('../src/program/index.ts')} */ (
    await built('program/index.js')
  );
  const count = 40_000;
  const data = new Float64Array(2 * count);
  random.fillUniform(data, 5, random.namedStream('square'));
  for (let i = 0; i < data.length; i++) data[i] = 9 * Number(data[i]) - 4.5;
  const x = input('x', 2);
  const program = new Program('target', [x], { y: target(x) });
  const none = { trained: new Float64Array(0), state: new Float64Array(0) };
  const { y = new Float64Array(0) } = await library.chooseEngine().run(program, none, count, { x: data });
  const most = y.reduce((a, b) => Math.max(a, b), -Infinity);
  const stream = random.namedStream('rejection');
  const kept = [];
  for (let row = 0; row < count && kept.length < 2 * shown; row++) {
    if (random.uniform(5, stream, row) < Math.exp(Number(y[row]) - most)) {
      kept.push(Number(data[2 * row]), Number(data[2 * row + 1]));
    }
  }
  return kept;
}

function picture() {
  const [size, reach] = [180, 4.5];
  const at = (/** @type {number} */ x) => (size / 2) * (1 + x / reach);
  const panels = columns.flatMap((pictures, row) =>
    pictures.map(({ title, points }, column) => {
      const dots = [];
      for (let i = 0; i < points.length; i += 2) {
        const [x, y] = [at(Number(points[i])), at(-Number(points[i + 1]))];
        if (x > 0 && x < size && y > 0 && y < size) dots.push(`M${x.toFixed(0)} ${y.toFixed(0)}h0`);
      }
      const colour = column === 0 ? '#444' : '#0072b2';
      return `<g transform="translate(${column * (size + 10)},${row * (size + 26) + 20})"><text x="4" y="-6">${title}</text><rect width="${size}" height="${size}" fill="none" stroke="#ccc"/><path d="${dots.join('')}" stroke="${colour}" stroke-width="2" stroke-linecap="round" stroke-opacity="0.5"/></g>`;
    }),
  );
  const [width, height] = [5 * (size + 10), columns.length * (size + 26)];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>${panels.join('')}</svg>\n`;
}
