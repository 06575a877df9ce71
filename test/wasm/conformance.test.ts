import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { beforeAll, expect, test } from 'vitest';
import { root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary.ts';
import type { Report } from './conformance-elsewhere.ts';
import { inPage, noChromium } from './page.ts';

let suite: string;

/** The suite, the engine and vitest's expectations as one file. */
beforeAll(async () => {
  const bundle = await rolldown({
    input: join(root, 'test/wasm/conformance-elsewhere.ts'),
    platform: 'browser',
    resolve: { alias: { vitest: join(root, 'test/wasm/vitest-elsewhere.ts') } },
    tsconfig: false,
    logLevel: 'silent',
  });
  const { output } = await bundle.generate({ format: 'esm', codeSplitting: false });
  await bundle.close();
  suite = output[0].code;
});

const files = {
  'index.html': '<!doctype html><script type="module" src="suite.mjs"></script>',
  'node.mjs': `import './suite.mjs';\nconsole.log(JSON.stringify(await runConformance(process.argv.slice(2))));\n`,
};

function expectConformance({ builds, passed, skipped, failed }: Report, expected: readonly string[]): void {
  expect(failed.slice(0, 10)).toEqual([]);
  expect(builds).toEqual(expected);
  expect(skipped).toEqual([]);
  expect(passed).toBeGreaterThan(1000);
}

test('the engine conforms in Node with relaxed SIMD', { timeout: 180_000 }, () => {
  const folder = temporaryFolder({ ...files, 'suite.mjs': suite });
  const args = ['--experimental-wasm-relaxed-simd', join(folder, 'node.mjs'), 'relaxed'];
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expectConformance(JSON.parse(stdout) as Report, ['relaxed']);
});

test('the engine conforms in Chromium', { timeout: 180_000 }, async ({ skip }) => {
  if (noChromium !== undefined) skip(noChromium);
  const folder = temporaryFolder({ ...files, 'suite.mjs': suite });
  const report = await inPage(folder, async (page, errors) => {
    await page.waitForFunction(() => 'runConformance' in globalThis);
    const made = await page.evaluate(async () =>
      (globalThis as unknown as { runConformance(builds: string[]): Promise<unknown> }).runConformance([
        'simd',
        'relaxed',
      ]),
    );
    expect(errors).toEqual([]);
    return made as Report;
  });
  expectConformance(report, ['simd', 'relaxed']);
});
