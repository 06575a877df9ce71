// Finds a C++ compiler that can build the addon.

import { spawnSync } from 'node:child_process';

/**
 * @typedef {object} Compiler
 * @property {string} command
 * @property {string} version the first line of what it says about itself
 * @property {boolean} gcc whether it is GCC rather than Clang
 */

/** What the sources need of a compiler: C++20, its library, threads, and vectors of several lanes. */
const PROBE = `
#include <compare>
#include <thread>
typedef float Vector __attribute__((vector_size(16)));
Vector turned(Vector v) { return __builtin_shufflevector(v, v, 1, 0, 3, 2); }
struct Pair { int a, b; auto operator<=>(const Pair&) const = default; };
bool less(Pair a, Pair b) { return a < b; }
`;

/**
 * The compiler that CXX names, else the first of g++, clang++ and c++ that will do.
 *
 * @param {Record<string, string | undefined>} environment
 * @returns {{ compiler: Compiler } | { reason: string }}
 */
export function findCompiler(environment) {
  const wanted = environment['CXX'];
  const candidates = wanted === undefined || wanted === '' ? ['g++', 'clang++', 'c++'] : [wanted];
  const reasons = [];
  for (const command of candidates) {
    const found = examine(command);
    if (typeof found !== 'string') return { compiler: found };
    reasons.push(`${command}: ${found}`);
  }
  return { reason: `No C++ compiler was found that can build the native engine (${reasons.join('; ')}).` };
}

/**
 * @param {string} command
 * @returns {Compiler | string} the compiler, or why it will not do
 */
function examine(command) {
  const asked = spawnSync(command, ['--version'], { encoding: 'utf8' });
  if (asked.error !== undefined || asked.status !== 0) return 'not found';
  const [version = ''] = asked.stdout.split('\n');
  const probe = spawnSync(command, ['-std=c++20', '-fsyntax-only', '-x', 'c++', '-'], {
    input: PROBE,
    encoding: 'utf8',
  });
  if (probe.status !== 0) return `${version} does not compile C++20 (GCC 12 or Clang 14 does)`;
  return { command, version, gcc: !/clang/i.test(asked.stdout) };
}
