import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { seeds } from './fuzz/seeds.ts';

/** How many inputs each reader gets, and where findings are kept when the run is over. */
const inputs = Number(process.env['LIOUVILLE_FUZZ_INPUTS'] ?? 100_000);
const seed = Number(process.env['LIOUVILLE_FUZZ_SEED'] ?? 1);
const keep = process.env['LIOUVILLE_FUZZ_KEEP'];
const kept = join(root, 'test/files/corpus');

/** The valid inputs of a target and those that earlier runs kept; for `table`, of all. */
function corpusOf(target: string, folder: string): string {
  mkdirSync(folder);
  for (const [name, files] of Object.entries(seeds)) {
    if (target !== 'table' && name !== target) continue;
    for (const [file, bytes] of Object.entries(files)) writeFileSync(join(folder, `${name}-${file}`), bytes);
  }
  for (const file of existsSync(kept) ? readdirSync(kept) : []) {
    if (target === 'table' || file.startsWith(`${target}-`))
      cpSync(join(kept, file), join(folder, `kept-${file}`));
  }
  return folder;
}

it.each([...Object.keys(seeds), 'table'])('%s reads or refuses whatever it is given', (target) => {
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
