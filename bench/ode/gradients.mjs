// The ways to a gradient beside each other: accuracy, time and memory, and the drift of backsolve, as the tables of docs/ode.md.
//
//   npm run build && node bench/ode/gradients.mjs [--repeats 15] [--write]
//
// Seconds are those of the processor, the least of the repeats, there and back. Memory is the most that was alive during either,
// seen at every 50th evaluation, beyond what was before.

import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { library } from '../library.mjs';
import { fill, short, table } from '../markdown.mjs';

const { solveWithPullback } = library;
setFlagsFromString('--expose-gc');
const collectGarbage = /** @type {() => void} */ (runInNewContext('gc'));

const { values } = parseArgs({
  options: {
    repeats: { type: 'string', default: '15' },
    write: { type: 'boolean', default: false },
  },
});

/** @typedef {import('../../src/index.ts').DifferentiableField} Field */
/** @type {Readonly<Record<string, import('../../src/index.ts').SolveWithPullbackOptions>>} */
const modes = {
  discrete: { gradient: 'discrete' },
  'backsolve, state': { gradient: 'backsolve', adjointNorm: 'state' },
  'backsolve, full': { gradient: 'backsolve', adjointNorm: 'full' },
  quadrature: { gradient: 'quadrature' },
};

// A ring of 50 pendulums on springs with friction: stiffness, spring and friction of each are the parameters.
const count = 50;
const numbers = Float64Array.from({ length: 3 * count }, (_, i) =>
  i < count ? 1 + 0.3 * Math.sin(i) : i < 2 * count ? 0.5 + 0.2 * Math.cos(i) : 0.05,
);
const at = (/** @type {Float64Array} */ x, /** @type {number} */ i) => Number(x[i]);
const after = (/** @type {number} */ i) => (i + 1) % count;
/** @type {Field} */
const ring = {
  parameters: 3 * count,
  f: (_t, y, dydt) => {
    for (let i = 0; i < count; i++) {
      dydt[i] = at(y, count + i);
      dydt[count + i] = -at(numbers, i) * Math.sin(at(y, i)) - at(numbers, 2 * count + i) * at(y, count + i);
    }
    for (let i = 0; i < count; i++) {
      const pull = at(numbers, count + i) * (at(y, after(i)) - at(y, i));
      dydt[count + i] = at(dydt, count + i) + pull;
      dydt[count + after(i)] = at(dydt, count + after(i)) - pull;
    }
  },
  pullback: (_t, y, v, ofY, ofP) => {
    const add = (/** @type {Float64Array} */ to, /** @type {number} */ i, /** @type {number} */ value) => {
      to[i] = at(to, i) + value;
    };
    for (let i = 0; i < count; i++) {
      const back = at(v, count + i);
      const across = back - at(v, count + after(i));
      add(ofY, count + i, at(v, i) - at(numbers, 2 * count + i) * back);
      add(ofY, i, -at(numbers, i) * Math.cos(at(y, i)) * back - at(numbers, count + i) * across);
      add(ofY, after(i), at(numbers, count + i) * across);
      add(ofP, i, -Math.sin(at(y, i)) * back);
      add(ofP, count + i, (at(y, after(i)) - at(y, i)) * across);
      add(ofP, 2 * count + i, -at(y, count + i) * back);
    }
  },
};
const start = Array.from({ length: 2 * count }, (_, i) => (i < count ? Math.sin(0.7 * i) : 0));
const end = 50;
const cotangent = start.map((_, i) => Math.cos(i));

/**
 * @param {string} mode
 * @param {number} tolerance
 */
function gradientOf(mode, tolerance, solver = 'dopri5', field = ring) {
  const options = { ...modes[mode], solver, rtol: tolerance, atol: tolerance };
  const solution = solveWithPullback(field, start, 0, end, options);
  return { there: solution.steps, ...solution.pullback(cotangent) };
}

/** y' = -rate (y - cos t) forgets its start as exp(-rate t), and z' = p y^2 remembers where it was; the loss is z(1). */
function drifting() {
  return [1, 5, 10, 15, 20].map((rate) => {
    const p = 0.5;
    /** @type {Field} */
    const field = {
      parameters: 2,
      f: (t, y, dydt) => {
        dydt[0] = -rate * (at(y, 0) - Math.cos(t));
        dydt[1] = p * at(y, 0) ** 2;
      },
      pullback: (t, y, v, ofY, ofP) => {
        ofY[0] = at(ofY, 0) - rate * at(v, 0) + 2 * p * at(y, 0) * at(v, 1);
        ofP[0] = at(ofP, 0) - (at(y, 0) - Math.cos(t)) * at(v, 0);
        ofP[1] = at(ofP, 1) + at(y, 0) ** 2 * at(v, 1);
      },
    };
    const foundBy = (/** @type {string} */ mode, tolerance = 1e-6, solver = 'dopri5') =>
      solveWithPullback(field, [0, 0], 0, 1, {
        ...modes[mode],
        solver,
        rtol: tolerance,
        atol: tolerance,
      }).pullback([0, 1]);
    const truth = foundBy('discrete', 1e-13, 'vern9').parameters;
    const found = ['discrete', 'quadrature', 'backsolve, state'].map((mode) => foundBy(mode));
    const errors = found.map(({ parameters }) => away(parameters, truth).toExponential(1));
    return [
      String(rate),
      Math.exp(rate).toExponential(0),
      ...errors,
      Number(found[2]?.drift).toExponential(1),
    ];
  });
}

/**
 * @param {Float64Array} found
 * @param {Float64Array} truth
 * @returns {number} the largest error, of the largest entry
 */
function away(found, truth) {
  const size = (/** @type {Float64Array} */ x) =>
    x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return size(found.map((value, i) => value - at(truth, i))) / size(truth);
}

function compared() {
  const truth = gradientOf('discrete', 1e-13, 'vern9').parameters;
  return [1e-4, 1e-6, 1e-8].flatMap((tolerance) => {
    const names = Object.keys(modes);
    const seconds = names.map(() => Infinity);
    for (let i = 0; i <= Number(values.repeats); i++) {
      names.forEach((mode, which) => {
        const began = processorSeconds();
        gradientOf(mode, tolerance);
        seconds[which] = Math.min(Number(seconds[which]), processorSeconds() - began);
      });
    }
    return names.map((mode, which) => {
      const { parameters, there, steps, nfe, pullbacks } = gradientOf(mode, tolerance);
      return [
        tolerance.toExponential(),
        mode,
        away(parameters, truth).toExponential(1),
        short(1000 * Number(seconds[which])),
        (memoryOf(mode, tolerance) / 2 ** 20).toFixed(1),
        `${there} / ${steps}`,
        `${nfe} / ${pullbacks}`,
      ];
    });
  });
}

/**
 * @param {string} mode
 * @param {number} tolerance
 * @returns {number} bytes
 */
function memoryOf(mode, tolerance) {
  const before = alive();
  let [most, calls] = [before, 0];
  const look = () => {
    calls++;
    if (calls % 50 === 0) most = Math.max(most, alive());
  };
  /** @type {Field} */
  const watched = {
    ...ring,
    f: (...given) => {
      look();
      ring.f(...given);
    },
    pullback: (...given) => {
      look();
      ring.pullback(...given);
    },
  };
  gradientOf(mode, tolerance, 'dopri5', watched);
  return most - before;
}

function alive() {
  // The second one waits until the first has given buffers back.
  collectGarbage();
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function processorSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

const head = [
  'tolerance',
  'gradient',
  'error, of the largest entry',
  'milliseconds',
  'memory, MiB',
  'steps there / back',
  'f / pullback, back',
];
const rates = ['rate', 'exp(rate)', 'discrete', 'quadrature', 'backsolve', 'drift of backsolve'];
const tables = { gradients: table(head, compared()), drift: table(rates, drifting()) };
console.log(`${tables.gradients}\n\n${tables.drift}`);
if (values.write) {
  const document = new URL('../../docs/ode.md', import.meta.url);
  writeFileSync(document, fill(readFileSync(document, 'utf8'), tables));
}
