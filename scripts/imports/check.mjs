// Checks a set of files against the rules.

import { findCycles } from './cycles.mjs';
import { parseImports } from './parse.mjs';
import { target, violation } from './rules.mjs';

/**
 * Types may refer to each other in a circle, and dynamic imports run after loading, so only value imports
 * count towards cycles.
 *
 * @param {ReadonlyMap<string, string>} sources TypeScript by path below src/
 * @param {ReadonlySet<string>} dependencies the packages that whoever installs this package gets
 * @returns {string[]} one line for each thing that is wrong
 */
export function checkImports(sources, dependencies) {
  /** @type {string[]} */
  const problems = [];
  /** @type {Map<string, string[]>} */
  const loads = new Map();
  for (const [file, source] of sources) {
    const imports = parseImports(file, source);
    for (const found of imports) {
      const problem = violation(file, found, dependencies);
      if (problem !== undefined) problems.push(`src/${file}:${found.line}: ${problem}`);
    }
    loads.set(
      file,
      imports.flatMap(({ specifier, kind }) =>
        kind === 'value' && specifier?.startsWith('.') === true ? [target(file, specifier)] : [],
      ),
    );
  }
  for (const cycle of findCycles(loads)) {
    problems.push(`import cycle among ${cycle.map((file) => `src/${file}`).join(', ')}`);
  }
  return problems;
}
