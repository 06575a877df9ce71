// Variance of trace estimators against their cost: prints the table of docs/continuous.md and draws its figure.
//
//   node bench/continuous/estimators.mjs [--write]

import { writeFileSync } from 'node:fs';

const built = (/** @type {string} */ path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
const { traceEstimate } = /** @type {typeof import('../../src/cnf/index.ts')} */ (
  await built('cnf/index.js')
);
const { chooseEngine } = /** @type {typeof import('../../src/engine/index.ts')} */ (
  await built('engine/index.js')
);
const program = /** @type {typeof import('../../src/program/index.ts')} */ (await built('program/index.js'));
const { Program, constant, input, ops } = program;

const dim = 32;
const draws = 2000;
const engine = chooseEngine('auto');

/** @param {number} seed */
function normals(seed) {
  const values = new Float64Array(dim * dim);
  engine.fill('normal', values, seed, 1);
  return values;
}

/** Three kinds of Jacobian. */
const axes = normals(1);
const spread = normals(2);
const matrices = {
  'symmetric, few large eigenvalues': Float64Array.from({ length: dim * dim }, (_, at) => {
    const [i, j] = [Math.floor(at / dim), at % dim];
    let sum = 0;
    for (let k = 0; k < dim; k++)
      sum += (Number(axes[k * dim + i]) * Number(axes[k * dim + j])) / (1 + k) ** 2 / dim;
    return sum;
  }),
  'random entries': spread.map((value) => value / Math.sqrt(dim)),
  'non-normal: large above the diagonal': Float64Array.from({ length: dim * dim }, (_, at) => {
    const [i, j] = [Math.floor(at / dim), at % dim];
    return i === j ? 0.1 : j > i ? 0.5 : 0;
  }),
};
const methods = /** @type {const} */ ([
  { label: 'Hutchinson, normal', method: 'hutchinson', kind: 'normal' },
  { label: 'Hutchinson, signs', method: 'hutchinson', kind: 'rademacher' },
  { label: 'Hutch++, signs', method: 'hutch++', kind: 'rademacher' },
]);
const counts = [1, 3, 6, 12, 24];

/** @type {{ matrix: string, label: string, probes: number, products: number, deviation: number }[]} */
const rows = [];
for (const [matrix, A] of Object.entries(matrices)) {
  for (const { label, method, kind } of methods) {
    for (const probes of counts) {
      if (method === 'hutch++' && probes < 3) continue;
      const noise = input('noise', dim, probes);
      const J = constant(A, { k: dim, n: dim });
      const operator = {
        dim,
        apply: (/** @type {import('../../src/program/index.ts').Value} */ v) => ops.matmul(v, J, 'nt'),
      };
      const trace = { method, probes };
      const { value } = traceEstimate(operator, noise, trace);
      const drawn = new Float64Array(draws * probes * dim);
      engine.fill(kind, drawn, 5, 7);
      const none = { trained: new Float64Array(0), state: new Float64Array(0) };
      const estimate = new Program('estimate', [noise], { value });
      const found = await engine.run(estimate, none, draws, { noise: drawn }, { precision: 'float64' });
      const values = found['value'] ?? new Float64Array(0);
      const mean = values.reduce((a, b) => a + b) / draws;
      const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws);
      // Hutch++ also takes products with its basis.
      const products = method === 'hutch++' ? probes + Math.max(1, Math.floor(probes / 3)) : probes;
      rows.push({ matrix, label, probes, products, deviation });
    }
  }
}

console.log('| Jacobian | estimator | probes | products with it | standard deviation |');
console.log('| --- | --- | --- | --- | --- |');
for (const { matrix, label, probes, products, deviation } of rows) {
  console.log(`| ${matrix} | ${label} | ${probes} | ${products} | ${deviation.toPrecision(3)} |`);
}
if (process.argv.includes('--write')) {
  const target = new URL('../../docs/figures/trace-estimators.svg', import.meta.url);
  writeFileSync(target, picture());
}

function picture() {
  const [width, height, panel] = [960, 300, 320];
  const colours = ['#0072b2', '#d55e00', '#009e73'];
  const all = rows.map(({ deviation }) => Math.log10(Math.max(deviation, 1e-3)));
  const [low, high] = [Math.floor(Math.min(...all)), Math.ceil(Math.max(...all))];
  const X = (/** @type {number} */ products) => 44 + (Math.log(products) / Math.log(40)) * (panel - 60);
  const Y = (/** @type {number} */ deviation) =>
    30 + ((high - Math.log10(Math.max(deviation, 1e-3))) / (high - low)) * (height - 90);
  const parts = Object.keys(matrices).map((matrix, i) => {
    const lines = methods.map(({ label }, j) => {
      const points = rows.filter((row) => row.matrix === matrix && row.label === label);
      const path = points.map(
        ({ products, deviation }) => `${X(products).toFixed(1)},${Y(deviation).toFixed(1)}`,
      );
      const dots = path.map(
        (point) => `<circle cx="${point.split(',')[0]}" cy="${point.split(',')[1]}" r="3"/>`,
      );
      const stroke = `<polyline points="${path.join(' ')}" fill="none" stroke="${colours[j]}"/>`;
      return `<g fill="${colours[j]}">${stroke}${dots.join('')}</g>`;
    });
    const ticks = Array.from({ length: high - low + 1 }, (_, k) => low + k).map(
      (power) => `<text x="38" y="${Y(10 ** power) + 4}" text-anchor="end">1e${power}</text>`,
    );
    const below = [1, 3, 10, 32].map(
      (n) => `<text x="${X(n)}" y="${height - 44}" text-anchor="middle">${n}</text>`,
    );
    return `<g transform="translate(${i * panel},0)"><text x="44" y="18">${matrix}</text>${lines.join('')}${ticks.join('')}${below.join('')}</g>`;
  });
  const legend = methods.map(
    ({ label }, j) => `<text x="${44 + 180 * j}" y="${height - 6}" fill="${colours[j]}">${label}</text>`,
  );
  const axis = `<text x="${width - 10}" y="${height - 6}" text-anchor="end">standard deviation against products with the Jacobian</text>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fff"/>${parts.join('')}${legend.join('')}${axis}</svg>\n`;
}
