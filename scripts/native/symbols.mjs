// Checks that no function of one instruction set can take the place of another's.
//
// A linker keeps one copy of a template or inline function that several units define. If one unit was compiled
// with AVX-512, that copy may be the one, and an older processor crashes in it. So whatever a backend defines has
// to carry the namespace of its instruction set in its name, and it may use nothing from outside but the few
// functions that compilers call by themselves.

import { spawnSync } from 'node:child_process';

const FROM_OUTSIDE = new Set(['memcpy', 'memmove', 'memset', 'memcmp', '_GLOBAL_OFFSET_TABLE_']);

/**
 * @param {string} symbols what `nm` prints for an object file, names not demangled
 * @param {string} instructionSet
 * @returns {string[]} the symbols that do not belong in a backend
 */
export function strangeSymbols(symbols, instructionSet) {
  const namespace = `9liouville${instructionSet.length}${instructionSet}`;
  const table = new RegExp(`^_?liouville_(backend_${instructionSet}_f(32|64)|clouds_${instructionSet})$`);
  const strange = [];
  for (const line of symbols.split('\n')) {
    const [, type, name] = /([A-Za-z]) (\S+)$/.exec(line) ?? [];
    if (type === undefined || name === undefined) continue;
    // Lower case is local to the unit, but for these: weak, and unique in the whole process.
    const isLocal = /[a-z]/.test(type) && !/[uvw]/.test(type);
    const known = type === 'U' ? FROM_OUTSIDE.has(name) : name.includes(namespace) || table.test(name);
    if (!isLocal && !known) strange.push(`${type} ${name}`);
  }
  return strange;
}

/**
 * @param {string} object the path of an object file
 * @param {string} instructionSet
 * @returns {string[]} as above; empty where there is no nm
 */
export function strangeSymbolsOf(object, instructionSet) {
  const { status, stdout } = spawnSync('nm', [object], { encoding: 'utf8', maxBuffer: 1 << 28 });
  return status === 0 ? strangeSymbols(stdout, instructionSet) : [];
}
