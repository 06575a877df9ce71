// Tables of docs/results.md and figures of docs/ from what toys.mjs has found.
//
//   node bench/continuous/toys-report.mjs [FILE.json]

import { readFileSync, writeFileSync } from 'node:fs';
import { fill, table } from '../markdown.mjs';
import { panelsSvg } from './drawing.mjs';
import { recipes, regularisedToys, weights } from './recipes.mjs';
import { readResults, resultsFile } from './results.mjs';

/** Best KL of PyTorch, 64-64-64, on 2 cores, in up to six minutes. */
const quoted = {
  circles: 0,
  '8gaussians': 0,
  moons: 0.01,
  swissroll: 0.01,
  pinwheel: 0.01,
  '2spirals': 0.11,
  checkerboard: 0.16,
  rings: 0.34,
};

const found = readResults(process.argv[2] ?? resultsFile);
const toys = Object.entries(quoted).filter(([name]) => found[name] !== undefined);
const trained = ['matching', 'both', 'likelihood', 'defaults'];
const compared = trained.slice(0, 3);

const kl = table(
  ['toy', 'PyTorch', ...trained.map((key) => recipes[key]?.label ?? key)],
  toys.map(([name, best]) => [
    name,
    best.toFixed(2),
    ...trained.map((key) => {
      const result = found[name]?.[key];
      if (result === undefined) return '';
      const { kl: value, error, seconds, nfe } = result;
      return `${value.toFixed(3)} ± ${error.toFixed(3)}, ${seconds.toFixed(0)} s, ${nfe.toFixed(0)}`;
    }),
  ]),
);
const sound = table(
  ['toy', 'trained by', 'integral', 'samples outside', 'inverse at 1e-3', 'at 1e-5', 'at 1e-7'],
  toys.flatMap(([name]) =>
    compared.flatMap((key) => {
      const result = found[name]?.[key];
      if (result === undefined) return [];
      const { recipe, integral = NaN, outside = NaN, inverse = [] } = result;
      const errors = inverse.map(({ median, max }) => `${median.toExponential(1)}, ${max.toExponential(1)}`);
      return [[name, recipe, integral.toFixed(5), outside.toFixed(5), ...errors]];
    }),
  ),
);
const regularised = table(
  ['toy', 'weight of both penalties', 'KL, nats', 'evaluations', 'seconds of training'],
  regularisedToys.flatMap((name) =>
    weights.flatMap((weight) => {
      const result = found[name]?.[`regularised ${weight}`];
      if (result === undefined) return [];
      const { kl: value, error, nfe, seconds } = result;
      return [
        [
          name,
          String(weight),
          `${value.toFixed(3)} ± ${error.toFixed(3)}`,
          nfe.toFixed(1),
          seconds.toFixed(1),
        ],
      ];
    }),
  ),
);

const document = new URL('../../docs/results.md', import.meta.url);
const sections = { 'toys, KL': kl, 'toys, soundness': sound, 'toys, penalties': regularised };
writeFileSync(document, fill(readFileSync(document, 'utf8'), sections));

draw('toys-kl', 4, {
  text: 'KL to the truth, nats, against processor seconds of training; dashed: the goal',
  xTicks: [0.5, 1, 3, 10, 30, 100],
  yTicks: [0.002, 0.01, 0.03, 0.1, 0.3, 1],
  panels: toys.map(([name, best]) => ({
    title: name,
    goal: Math.max(0.02, best / 2),
    lines: compared.flatMap((key) => {
      const result = found[name]?.[key];
      if (result === undefined) return [];
      return [
        { label: result.recipe, points: result.curve.map(({ seconds, kl: value }) => [seconds, value]) },
      ];
    }),
  })),
});
draw('toys-penalties', 2, {
  text: 'KL to the truth, nats, against evaluations of the field, for each weight',
  xTicks: [20, 30, 40, 50],
  yTicks: [0.05, 0.1, 0.2, 0.4, 0.8],
  panels: regularisedToys.map((name) => ({
    title: name,
    lines: [
      {
        label: `kinetic and Jacobian penalties of ${weights.toReversed().join(', ')}, from left to right`,
        points: weights.flatMap((weight) => {
          const result = found[name]?.[`regularised ${weight}`];
          return result === undefined ? [] : [/** @type {const} */ ([result.nfe, result.kl])];
        }),
      },
    ],
  })),
});

/**
 * @param {string} name
 * @param {number} columns
 * @param {import('./drawing.mjs').Panels} drawing
 */
function draw(name, columns, drawing) {
  writeFileSync(new URL(`../../docs/figures/${name}.svg`, import.meta.url), panelsSvg(drawing, columns));
}
