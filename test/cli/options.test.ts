import * as fc from 'fast-check';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary.ts';
import { liouville } from './run.ts';

const options = [
  '--data',
  '--key',
  '--models',
  '--model',
  '--steps',
  '--batch',
  '--learning-rate',
  '--tolerance',
  '--seed',
  '--seeds',
  '--out',
  '--resume',
  '--run',
  '--count',
  '--engine',
  '--precision',
  '--json',
  '--help',
  '--',
  '-x',
  '--steps=',
  '--nothing',
];
const values = [
  '0',
  '-1',
  '1e999',
  'NaN',
  '',
  ' ',
  '\0',
  '\n',
  '🦀',
  '9'.repeat(400),
  '../none',
  'moon',
  'all',
  ',',
  'a,b',
];
const word = fc.oneof(
  fc.constantFrom(...options),
  fc.constantFrom(...values),
  fc.string({ unit: 'binary', maxLength: 8 }),
);

it('whatever stands on the command line, a message or help is the answer', async () => {
  const folder = temporaryFolder();
  const out = join(folder, 'out');
  const seen = new Set<number>();
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('compare', 'train', 'sample', 'logprob', 'compere', ''),
      fc.array(word, { maxLength: 6 }),
      async (command, words) => {
        // What is asked for last counts, so that nothing begins to train.
        const ending = ['--data', join(folder, 'none.csv'), '--out', out];
        const { status, stdout, stderr } = await liouville([command, ...words, ...ending]);
        seen.add(status);
        expect([0, 1, 2]).toContain(status);
        expect(stderr).not.toContain('unexpected error');
        if (status === 0) expect(stdout).toContain('Usage: liouville');
        else expect([stdout, stderr]).toEqual(['', expect.stringMatching(/^liouville: .+\n$/)]);
      },
    ),
    { numRuns: 300 },
  );
  expect([...seen]).toEqual(expect.arrayContaining([0, 2]));
  expect(existsSync(out)).toBe(false);
});
