// The work-precision diagram of docs/ode.md: evaluations of the field against the error at the end of two orbits.
//
//   npm run build && node bench/ode/work-precision.mjs

import { writeFile } from 'node:fs/promises';
import { library } from '../library.mjs';

const { solve } = library;
const { baseLayout, svgOf } = /** @type {typeof import('../../src/plot/index.ts')} */ (
  await import(new URL('../../dist/plot/index.js', import.meta.url).href)
);

// Two bodies of eccentricity 0.5 (DETEST D3), six periods and a bit: t = 40.
const eccentricity = 0.5;
/** @type {import('../../src/ode/index.ts').OdeField} */
const field = (_t, y, dydt) => {
  const [a, b, c, d] = /** @type {[number, number, number, number]} */ (/** @type {unknown} */ (y));
  const cube = (a * a + b * b) ** 1.5;
  dydt.set([c, d, -a / cube, -b / cube]);
};
const start = [1 - eccentricity, 0, 0, Math.sqrt((1 + eccentricity) / (1 - eccentricity))];
const end = 40;
const exact = solve(field, start, 0, end, { solver: 'vern9', rtol: 1e-14, atol: 1e-14 }).y;

const solvers = ['bosh3', 'dopri5', 'tsit5', 'vern6', 'vern7', 'dop853', 'vern9', 'odex', 'adams', 'rodas5p'];
const colours = '1f77b4 ff7f0e 2ca02c d62728 9467bd 8c564b e377c2 7f7f7f bcbd22 17becf'.split(' ');
const data = solvers.map((solver, i) => {
  const points = Array.from({ length: 12 }, (_, digit) => 10 ** -(2 + digit)).flatMap((tolerance) => {
    const options = { solver, rtol: tolerance, atol: tolerance, maxSteps: 30_000 };
    const { y, nfe, status } = solve(field, start, 0, end, { ...options, onFailure: 'report' });
    const error = y.reduce((most, value, j) => Math.max(most, Math.abs(value - Number(exact[j]))), 0);
    return status === 'ok' && error < 1 ? [{ error, nfe }] : [];
  });
  return {
    type: 'scatter',
    mode: 'lines+markers',
    name: solver,
    x: points.map(({ error }) => error),
    y: points.map(({ nfe }) => nfe),
    line: { color: `#${colours[i]}`, width: 1.5 },
    marker: { color: `#${colours[i]}`, size: 5 },
  };
});
const layout = {
  ...baseLayout(),
  margin: { l: 76 },
  showlegend: true,
  xaxis: { type: 'log', title: { text: 'error at t = 40' } },
  yaxis: { type: 'log', title: { text: 'evaluations of the field' } },
};
const file = new URL('../../docs/figures/work-precision.svg', import.meta.url);
await writeFile(file, svgOf({ data, layout }, { width: 760, height: 480 }));
