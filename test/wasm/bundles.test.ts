import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { expect, test } from 'vitest';
import { ffjord } from '../../src/index.ts';
import { expectClose } from '../flow/rows.ts';
import { outcomeIn, userProject } from './bundles.ts';
import type { PageOutcome } from './bundles.ts';
import { noChromium } from './page.ts';

async function expectResult(outcome: PageOutcome): Promise<void> {
  const flow = ffjord({ dim: 2, hidden: [16, 16], seed: 1 });
  const x = { data: Float64Array.from({ length: 40 }, (_, i) => Math.sin(i)), rows: 20, cols: 2 };
  const options = { precision: 'float64', engine: 'wasm' } as const;
  const { logDet } = await flow.transform(x, options);
  const { loss } = await flow.lossAndGradient(x, options);
  expect(outcome.error).toBeUndefined();
  expect(outcome.engine).toBe('wasm');
  expect(outcome.table).toEqual([1, 2]);
  // The first weights are drawn with Math.log and Math.cos, which differ in the last digit between browsers.
  expectClose(outcome.logDet!, logDet, 1e-12);
  expectClose([outcome.loss!], [loss], 1e-12);
}

async function bundled(folder: string): Promise<void> {
  const bundle = await rolldown({
    input: join(folder, 'src/main.js'),
    platform: 'browser',
    cwd: folder,
    logLevel: 'silent',
  });
  await bundle.write({
    dir: join(folder, 'dist'),
    format: 'esm',
    codeSplitting: false,
    entryFileNames: 'main.js',
  });
  await bundle.close();
}

test(
  'one file with everything runs on a plain page, without modules of Node',
  { timeout: 90_000 },
  async ({ skip }) => {
    if (noChromium !== undefined) skip(noChromium);
    const folder = userProject();
    await bundled(folder);
    expect(readdirSync(join(folder, 'dist')).toSorted()).toEqual(['index.html', 'main.js']);
    expect(readFileSync(join(folder, 'dist/main.js'), 'utf8')).not.toMatch(/(from|import\()\s*["']node:/);
    await expectResult(await outcomeIn(folder));
  },
);

test(
  'where a policy forbids workers from blobs, the page does the work itself',
  { timeout: 90_000 },
  async ({ skip }) => {
    if (noChromium !== undefined) skip(noChromium);
    const folder = userProject();
    await bundled(folder);
    const policy = "script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'";
    const { error, ...outcome } = await outcomeIn(folder, { 'content-security-policy': policy });
    expect(error).toMatch(/blob:.*violates.*worker-src/);
    await expectResult(outcome);
  },
);
