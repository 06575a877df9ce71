// What was measured on, and with what.

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release } from 'node:os';
import { fileURLToPath } from 'node:url';
import { findCompiler } from '../scripts/native/compiler.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * @param {NodeJS.ProcessEnv} environment
 * @returns {Record<string, string>} facts by name
 */
export function machine(environment) {
  const compiler = findCompiler(environment);
  const python = environment['PYTHON'] || 'python3';
  /** @type {Record<string, string>} */
  const facts = {
    date: new Date().toISOString().slice(0, 10),
    processor: `${cpus()[0]?.model.trim() ?? 'unknown'}, ${availableParallelism()} cores for this process`,
    'instruction sets': ['avx2', 'fma', 'avx512f', 'avx512dq', 'avx512vl', 'avx512bw', 'asimd']
      .filter((flag) => flagsOfProcessor().includes(flag))
      .join(' '),
    system: `${process.platform} ${release()} ${process.arch}`,
    node: process.versions.node,
    compiler: 'compiler' in compiler ? compiler.compiler.version : 'none',
    commit: said('git', ['-C', root, 'rev-parse', '--short', 'HEAD']),
    PyTorch: said(python, ['-c', 'import torch; print(torch.__version__)']),
  };
  for (const name of ['LIOUVILLE_ENGINE', 'LIOUVILLE_ISA', 'LIOUVILLE_THREADS']) {
    const value = environment[name];
    if (value !== undefined && value !== '') facts[name] = value;
  }
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== ''));
}

/** @returns {string[]} as Linux lists them; nothing elsewhere */
function flagsOfProcessor() {
  try {
    const [, flags = ''] = /^(?:flags|Features)\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8')) ?? [];
    return flags.split(/\s+/);
  } catch {
    return [];
  }
}

/**
 * @param {string} command
 * @param {string[]} args
 * @returns {string} what it printed, nothing where it cannot be run
 */
function said(command, args) {
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : '';
}
