// Every model on all toys, as one report: runs `liouville compare` for each data set and joins what they found in
// OUT/report.html, whose tables lead to the reports of the data sets.
//
//   node bench/comparison.mjs [--data moons,rings] [--models all] [--steps 1000] [--out FOLDER] [--write docs/results.md]
//
// Each data set has its own report and results.json below --out; a data set that is there already is not run again, so
// that a run that was stopped goes on. LIOUVILLE_THREADS says how many threads.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as prettier from 'prettier';
import { fill, short, table } from './markdown.mjs';
import { output } from './processes.mjs';

/** @typedef {import('../src/compare/index.ts').ComparisonResults} Results */
/** @typedef {Results['models'][number]} Row */

const root = fileURLToPath(new URL('..', import.meta.url));
const toys = '8gaussians,checkerboard,circles,moons,pinwheel,rings,swissroll,2spirals,siggraph';

const { values } = parseArgs({
  options: {
    data: { type: 'string', default: toys },
    models: { type: 'string', default: 'all' },
    steps: { type: 'string', default: '1000' },
    out: { type: 'string', default: 'liouville-out' },
    write: { type: 'string' },
  },
});
const document = values.write === undefined ? undefined : readFileSync(values.write, 'utf8');
const results = values.data.split(',').map(compared);
const { overviewHtml } = /** @type {typeof import('../src/plot/index.ts')} */ (
  await import(new URL('../dist/plot/index.js', import.meta.url).href)
);
const pages = results.map((one) => ({ results: one, report: `${one.data.name}/report.html` }));
writeFileSync(join(values.out, 'report.html'), overviewHtml(pages));
const sections = { 'toys-kl': divergences(results), 'toys-cost': costs(results) };
if (values.write === undefined || document === undefined) {
  console.log(Object.values(sections).join('\n\n'));
} else {
  const options = (await prettier.resolveConfig(join(root, 'package.json'))) ?? {};
  const text = await prettier.format(fill(document, sections), { ...options, parser: 'markdown' });
  writeFileSync(values.write, text);
}

/**
 * @param {string} data
 * @returns {Results}
 */
function compared(data) {
  const out = join(values.out, data);
  const file = join(out, 'results.json');
  if (!existsSync(file)) {
    console.error(`${data}: comparing`);
    const main = join(root, 'dist/cli/main.js');
    const isBegun = existsSync(join(out, 'comparison.json'));
    const chosen = ['--data', data, '--models', values.models, '--steps', values.steps, '--out', out];
    const task = isBegun ? ['--resume', out] : chosen;
    output(process.execPath, [main, 'compare', ...task, '--json'], process.env);
  }
  return /** @type {Results} */ (JSON.parse(readFileSync(file, 'utf8')));
}

/**
 * KL to the truth, a column for each data set, the best of each and what lies within 0.01 nats of it in bold.
 *
 * @param {readonly Results[]} results
 */
function divergences(results) {
  const best = results.map(({ models }) => Math.min(...models.map(({ klToTruth }) => klToTruth ?? Infinity)));
  const lines = namesOf(results).map((name) => [
    name,
    ...results.map((result, i) => {
      const row = rowOf(result, name);
      if (row === undefined || row.klToTruth === null) return row?.status ?? '';
      const text = row.klToTruth.toFixed(3);
      return row.klToTruth <= Number(best[i]) + 0.01 ? `**${text}**` : text;
    }),
  ]);
  return table(['model', ...results.map(({ data }) => data.name)], lines);
}

/**
 * What each model costs, as medians over the data sets, and where it does worst.
 *
 * @param {readonly Results[]} results
 */
function costs(results) {
  const lines = namesOf(results).map((name) => {
    const rows = results.flatMap((result) => {
      const row = rowOf(result, name);
      return row === undefined || row.status === 'failed' ? [] : [{ data: result.data.name, row }];
    });
    const of = (/** @type {(row: Row) => number | null} */ quantity) => {
      const numbers = rows.flatMap(({ row }) => quantity(row) ?? []).toSorted((a, b) => a - b);
      const median = numbers[Math.floor(numbers.length / 2)];
      return median === undefined ? '' : median >= 1000 ? rounded(median) : short(median);
    };
    const byError = rows.toSorted((a, b) => Number(b.row.klToTruth) - Number(a.row.klToTruth));
    const worst =
      byError[0] === undefined ? '' : `${byError[0].data} ${Number(byError[0].row.klToTruth).toFixed(2)}`;
    const stray = rows.find(({ data }) => data === 'checkerboard')?.row.reverseKl?.outsideSupport;
    return [
      name,
      of(({ parameters }) => parameters),
      of(({ trainSeconds }) => trainSeconds),
      of(({ densityRowsPerSecond }) => densityRowsPerSecond),
      of(({ samplesPerSecond }) => samplesPerSecond),
      of(({ inverseError }) => inverseError.max),
      stray === undefined ? '' : `${(100 * stray).toFixed(1)}%`,
      worst,
    ];
  });
  const head = [
    'model',
    'parameters',
    'training, s',
    'densities/s',
    'samples/s',
    'inverse error',
    'strays',
    'worst',
  ];
  return table(head, lines);
}

/** @param {number} x */
function rounded(x) {
  return Number(x.toPrecision(3)).toLocaleString('en');
}

/** @param {readonly Results[]} results */
function namesOf(results) {
  return [...new Set(results.flatMap(({ models }) => models.map(({ name }) => name)))];
}

/**
 * @param {Results} result
 * @param {string} name
 */
function rowOf(result, name) {
  return result.models.find((model) => model.name === name);
}
