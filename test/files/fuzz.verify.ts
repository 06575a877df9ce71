import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { corpusOf } from './fuzz/corpus.ts';
import { seeds } from './fuzz/seeds.ts';

/** How many inputs each reader of bytes gets, and where findings are kept when the run is over. */
const readerInputs = Number(process.env['LIOUVILLE_FUZZ_INPUTS'] ?? 100_000);
/** The share of them that others get, which compile programs or run whole commands for each. */
const shares: Readonly<Record<string, number>> = {
  checkpoint: 1 / 20,
  command: 1 / 20,
  config: 1 / 100,
  formula: 1 / 20,
};
const seed = Number(process.env['LIOUVILLE_FUZZ_SEED'] ?? 1);
const keep = process.env['LIOUVILLE_FUZZ_KEEP'];
it.each([...Object.keys(seeds), 'table'])('%s reads or refuses whatever it is given', (target) => {
  const inputs = Math.ceil(readerInputs * (shares[target] ?? 1));
  const folder = temporaryFolder();
  const findings = keep ?? join(folder, 'findings');
  mkdirSync(findings, { recursive: true });
  const args = [target, String(inputs), String(seed), corpusOf(target, join(folder, 'corpus')), findings];
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    // Little room for objects: what grows without bound ends here.
    ['--max-old-space-size=512', join(root, 'test/files/fuzz/main.mjs'), ...args],
    { encoding: 'utf8' },
  );
  console.log(stdout.trim());
  expect(`${status} ${signal} ${stderr}`).toBe('0 null ');
  const summary = JSON.parse(stdout) as { read: number; refused: number; inputs: number };
  expect(summary.inputs).toBeGreaterThanOrEqual(inputs);
  // Both happen, and often.
  expect(summary.read).toBeGreaterThan(inputs / 1000);
  expect(summary.refused).toBeGreaterThan(inputs / 100);
});
