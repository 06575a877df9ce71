// The multiply-add peak of one core, measured.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { output } from './processes.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

/**
 * Builds the program that measures it.
 *
 * @param {string} compiler
 * @param {string} folder for the program
 * @returns {() => number} runs it: operations per second in float32
 */
export function peakOf(compiler, folder) {
  const program = join(folder, 'peak');
  output(compiler, [...flags(), join(here, 'peak.cpp'), '-o', program], process.env);
  return () => /** @type {{ float32: number }} */ (JSON.parse(output(program, [], process.env))).float32;
}

/** @returns {string[]} those of native/bench/kernel/build-and-run.sh for the widest instruction set here */
function flags() {
  const processor = process.platform === 'linux' ? readFileSync('/proc/cpuinfo', 'utf8') : '';
  const wide = /\bavx512dq\b/.test(processor) ? ['-mavx512f', '-mavx512dq', '-mavx512vl', '-mavx512bw'] : [];
  const target = /\bavx2\b/.test(processor) ? ['-mavx2', '-mfma', ...wide] : [];
  return [
    '-std=c++20',
    '-O3',
    '-Wno-psabi',
    '-ffp-contract=off',
    '-fno-math-errno',
    '-fno-trapping-math',
    ...target,
  ];
}
