// DETEST and the stiff problems: errors at the end over tolerances, as the tables of docs/ode.md.
//
//   npm run build && node bench/ode/detest.mjs [--write]

import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { library } from '../library.mjs';
import { fill, table } from '../markdown.mjs';
import { amplification, detest, errorOver, finest, tolerancesTo } from './detest-problems.mjs';
import { stiff } from './stiff-problems.mjs';

const { solve } = library;
const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });

const short = (/** @type {number} */ value) =>
  value < 0.095 ? value.toFixed(2) : Number(value.toPrecision(2)).toString();
const solvers = Object.keys(finest);
const lines = detest.map((problem) => {
  const { name, what, field, y0, t1 } = problem;
  const exact = solve(field, y0, 0, t1, { solver: 'vern9', rtol: 1e-14, atol: 1e-14, maxSteps: 1e6 }).y;
  const cells = Object.entries(finest).map(([solver, least]) => {
    const worst = tolerancesTo(least).map((tolerance) => {
      const options = { solver, rtol: tolerance, atol: tolerance, maxSteps: 1e6 };
      return errorOver(solve(field, y0, 0, t1, options).y, exact, tolerance);
    });
    return short(Math.max(...worst));
  });
  return [name, what, short(amplification(problem, solve)), ...cells];
});

const stiffLines = stiff.flatMap(({ name, field, jacobian, y0, t1, scale }) =>
  ['rodas5p', 'kvaerno5'].map((solver) => {
    const cells = [1e-4, 1e-6, 1e-8].map((tolerance) => {
      const at = (/** @type {number} */ rtol) => {
        const atol = scale.map((size) => rtol * size);
        return solve(field, y0, 0, t1, { solver, jacobian, rtol, atol, maxSteps: 1e6 });
      };
      const [found, exact] = [at(tolerance), at(tolerance / 100)];
      const errors = Array.from(found.y, (value, i) => {
        const right = Number(exact.y[i]);
        return Math.abs(value - right) / (tolerance * (Number(scale[i]) + Math.abs(right)));
      });
      return `${short(Math.max(...errors))} (${found.steps})`;
    });
    return [name, solver, ...cells];
  }),
);
const tables = {
  detest: table(['', 'problem', 'growth', ...solvers], lines),
  stiff: table(['problem', 'solver', '1e-4', '1e-6', '1e-8'], stiffLines),
};
console.log(`${tables.detest}\n\n${tables.stiff}`);
if (values.write) {
  const document = new URL('../../docs/ode.md', import.meta.url);
  writeFileSync(document, fill(readFileSync(document, 'utf8'), tables));
}
