import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findCompiler } from '../../scripts/native/compiler.mjs';
import { vjp } from '../../src/program/index.ts';
import { prepare } from '../support/cases/case.ts';
import { fieldCases } from '../support/ode-cases.ts';
import { root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { codeOfProgram } from './addon.ts';
import { writeCorpus } from './corpus.ts';
import { buildSanitized } from './sanitized.ts';

/** A run of a program, its environment added to this one; its last line. */
function output(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): string {
  const { status, stdout, stderr, signal } = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  expect(`${status} ${signal} ${stderr.slice(0, 5000)}`).toBe('0 null ');
  return stdout.trim().split('\n').at(-1) ?? '';
}

it('a million malformed calls end in refusals or results, and in nothing that the sanitizers see', async ({
  skip,
}) => {
  const folder = temporaryFolder();
  const built = await buildSanitized(join(folder, 'build'));
  if (typeof built === 'string') return skip(built);

  const corpus = join(folder, 'corpus');
  writeCorpus(corpus);
  const fuzz = await built.program('native/test/host/fuzz.cpp', 'fuzz');
  for (const seed of [1, 2]) {
    const said = output(fuzz, [corpus, '600000', String(seed)], { UBSAN_OPTIONS: 'print_stacktrace=1' });
    console.log(`programs, seed ${seed}: ${said}`);
    const [calls, refused] = (said.match(/\d+/g) ?? []).map(Number);
    expect(calls).toBeGreaterThanOrEqual(600_000);
    // Both happen, and often.
    expect(refused).toBeGreaterThan(100_000);
    expect(calls! - refused!).toBeGreaterThan(100_000);
  }

  const programs = join(folder, 'programs.json');
  const plain = fieldCases.map((field) => {
    const { program } = prepare({ ...field, rows: 1 });
    return [program, vjp(program)].map((x) =>
      Object.fromEntries(
        Object.entries(codeOfProgram(x)).map(([name, words]) => [name, [...(words as Int32Array)]]),
      ),
    );
  });
  writeFileSync(programs, JSON.stringify(plain));
  const addon = await built.addon();
  const said = output(
    process.execPath,
    ['--no-warnings', join(root, 'test/native/fuzz-calls.mjs'), addon, programs, '200000', '1'],
    // Node itself keeps memory to its end.
    { LD_PRELOAD: built.preload, ASAN_OPTIONS: 'detect_leaks=0', UBSAN_OPTIONS: 'print_stacktrace=1' },
  );
  console.log(`arguments: ${said}`);
  const [done, refused, clouds] = (said.match(/\d+/g) ?? []).map(Number);
  expect(done).toBeGreaterThan(20_000);
  expect(refused).toBeGreaterThan(20_000);
  expect(clouds).toBeGreaterThan(2_000);
});

it('the thread pool has no race that ThreadSanitizer sees', ({ skip }) => {
  const found = findCompiler(process.env);
  if ('reason' in found) return skip(found.reason);
  const stress = join(temporaryFolder(), 'stress');
  const sources = ['test/host/stress.cpp', 'host/pool.cpp', 'host/groups.cpp', 'host/memory.cpp'].map(
    (name) => join(root, 'native', name),
  );
  const flags = ['-std=c++20', '-O1', '-g1', '-fsanitize=thread', '-pthread'];
  output(found.compiler.command, [...flags, ...sources, '-o', stress]);
  expect(output(stress, ['3000'])).toBe('3000 rounds');
});
