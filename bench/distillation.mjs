// Probability density distillation: an IAF student from a MAF teacher, on moons and on a mixture of five Gaussians in 8
// dimensions. The student is first fitted to draws of the teacher, which shows it all modes, then distilled.
// KL(student || teacher) with its standard error, after both stages, and what 1000 samples cost: of the student, and of the teacher by
// its two inverses, incremental (`autoregressive`) and naive (as many passes of the network as there are features).
//
//   node bench/distillation.mjs [--data moons|mixture] [--first 3000] [--steps 5000] [--threads 1] [--out FILE.json]
//
// Costs are seconds of the processor, of one thread.

import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

const built = (/** @type {string} */ path) => import(new URL(`../dist/${path}`, import.meta.url).href);
const library = /** @type {typeof import('../src/index.ts')} */ (await built('index.js'));
const random = /** @type {typeof import('../src/random/index.ts')} */ (await built('random/index.js'));
const networks = /** @type {typeof import('../src/discrete/made.ts')} */ (await built('discrete/made.js'));
const { groupsOf } = /** @type {typeof import('../src/discrete/univariate.ts')} */ (
  await built('discrete/univariate.js')
);
const { zeros } = /** @type {typeof import('../src/program/index.ts')} */ (await built('program/index.js'));
const { bijection, chain, createFlow, distillation, estimateReverseKL, fit, iaf, maf, ops, standardNormal } =
  library;

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    first: { type: 'string', default: '3000' },
    steps: { type: 'string', default: '5000' },
    threads: { type: 'string', default: '1' },
    out: { type: 'string' },
  },
});
const threads = Number(values.threads);
const common = { batchSize: 512, schedule: /** @type {const} */ ('cosine'), threads, seed: 1 };
const [layers, hidden] = [5, [64, 64]];
// The inverse of a layer of the teacher is a layer of an IAF with the same order, by functions that see further back: as
// many layers, wider ones.
const studentHidden = [128, 128];

const { moons } = library.toy;
if (moons === undefined) throw new Error('the toys have changed');
const results = [];
for (const [name, x] of Object.entries({
  moons: moons(20_000, { seed: 1 }),
  mixture: mixture(20_000),
})) {
  if (values.data !== undefined && values.data !== name) continue;
  const dim = x.cols;
  const teacher = maf({ dim, layers, hidden, seed: 1 });
  await fit(teacher, x, {
    ...common,
    steps: 2000,
    learningRate: 2e-3,
    clipNorm: 10,
  });
  const student = iaf({ dim, layers, hidden: studentHidden, seed: 2 });
  /** @type {(learningRate: number) => import('../src/index.ts').FitOptions} */
  const training = (learningRate) => ({ ...common, learningRate, clipNorm: 10 });
  const distance = () =>
    estimateReverseKL(student, teacher, { samples: 50_000, seed: 99, threads, precision: 'float64' });
  const began = cpu();
  const draws = await teacher.sample(100_000, { seed: 3, threads });
  await fit(student, draws, { ...training(2e-3), steps: Number(values.first) });
  const fitted = cpu() - began;
  const before = await distance();
  const again = cpu();
  const objective = distillation(teacher);
  await fit(student, x, { ...training(1e-3), steps: Number(values.steps), objective });
  const distilled = cpu() - again;
  const kl = await distance();
  const naive = naively(teacher, dim);
  const apart = await furthest(teacher, naive);
  results.push({
    data: name,
    dim,
    klStudentTeacher: kl.freeEnergy,
    standardError: kl.standardError,
    effectiveShare: kl.effectiveShare,
    afterFirstStage: { klStudentTeacher: before.freeEnergy, standardError: before.standardError },
    trainCpuSeconds: { first: fitted, distillation: distilled },
    cpuMillisecondsPer1000Samples: {
      student: await cost(student),
      teacherIncremental: await cost(teacher),
      teacherNaive: await cost(naive),
    },
    largestDifferenceOfInverses: apart,
  });
  console.log(JSON.stringify(results.at(-1), null, 1));
}
if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(results)}\n`);

/** Five Gaussians with deviations of 0.5 around random means of length about 4, in 8 dimensions. */
function mixture(/** @type {number} */ rows) {
  const [cols, components] = [8, 5];
  const [means, draws, which] = ['means', 'draws', 'which'].map((name) =>
    random.namedStream(`mixture ${name}`),
  );
  const data = new Float64Array(rows * cols);
  for (let row = 0; row < rows; row++) {
    const k = random.integerBelow(components, 1, Number(which), row);
    for (let j = 0; j < cols; j++) {
      const mean = 1.5 * random.normal(1, Number(means), k * cols + j);
      data[row * cols + j] = mean + 0.5 * random.normal(1, Number(draws), row * cols + j);
    }
  }
  return { data, rows, cols };
}

/**
 * The teacher with the inverse of the textbooks: the network as often as there are features, each time on all of them.
 * @param {import('../src/index.ts').Flow} teacher
 * @param {number} dim
 */
function naively(teacher, dim) {
  const univariate = library.univariates.affine();
  const transform = chain(
    Array.from({ length: layers }, (_, layer) => {
      const order = Array.from({ length: dim }, (__, i) => (layer % 2 === 0 ? i : dim - 1 - i));
      /** @type {import('../src/discrete/made.ts').MadeOptions} */
      const made = {
        dim,
        contextDim: 0,
        order,
        hidden,
        activation: 'relu',
        groups: univariate.groups,
        degrees: 'equal',
      };
      const wiring = networks.wiringOf(made);
      const rawAt = (
        /** @type {import('../src/index.ts').Scope} */ scope,
        /** @type {import('../src/index.ts').Value} */ x,
      ) =>
        groupsOf(
          univariate,
          networks.made(networks.maskedLayers(scope.at('conditioner'), made, wiring), x, null),
          dim,
        );
      return bijection({
        dim,
        forward(scope, x) {
          const { y, logDerivative } = univariate.forward(x, rawAt(scope, x));
          return { x: y, logDet: ops.sum(logDerivative, 'n') };
        },
        inverse(scope, z) {
          /** @type {import('../src/index.ts').Value} */
          let x = zeros({ k: 1, n: dim });
          /** @type {import('../src/index.ts').Value} */
          let logDet = x;
          for (let pass = 0; pass < dim; pass++) {
            const { y, logDerivative } = univariate.inverse(z, rawAt(scope, x));
            x = y;
            logDet = ops.sum(logDerivative, 'n');
          }
          return { x, logDet };
        },
      });
    }),
  );
  const flow = createFlow({
    name: 'naive',
    transform,
    base: standardNormal(dim),
    configuration: { model: 'naive', options: {} },
  });
  flow.parameters.flat.set(teacher.parameters.flat);
  return flow;
}

/** @param {import('../src/index.ts').Flow} a @param {import('../src/index.ts').Flow} b */
async function furthest(a, b) {
  const options = /** @type {const} */ ({ seed: 3, threads, precision: 'float64' });
  const [x, y] = await Promise.all([a.sample(1000, options), b.sample(1000, options)]);
  return Array.from(x.data, (value, i) => Math.abs(value - Number(y.data[i]))).reduce(
    (most, apart) => Math.max(most, apart),
    0,
  );
}

/** Milliseconds of the processor for 1000 samples: the least of several rounds of ten, so that what goes on beside it counts little. */
async function cost(/** @type {import('../src/index.ts').Flow} */ flow) {
  await flow.sample(1000, { threads });
  let least = Infinity;
  for (let round = 0; round < 7; round++) {
    const began = process.cpuUsage();
    for (let i = 0; i < 10; i++) await flow.sample(1000, { threads, seed: i });
    const { user, system } = process.cpuUsage(began);
    least = Math.min(least, (user + system) / 1e4);
  }
  return least;
}

function cpu() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}
