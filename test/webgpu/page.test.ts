import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { expect, test } from 'vitest';
import { root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { inPage, noChromium } from '../wasm/page.ts';

/** SwiftShader, which is part of Chromium, as the adapter of pages. */
const software = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

interface Line {
  readonly engine: string;
  readonly seconds?: number;
  readonly loss?: number;
  readonly reason?: string;
}

/** bench/webgpu/page.mjs with the built package. */
test(
  'a page trains FFJORD on WebGPU and on WebAssembly, and shows both times',
  { timeout: 180_000 },
  async ({ skip }) => {
    if (noChromium !== undefined) skip(noChromium);
    const bundle = await rolldown({
      input: join(root, 'bench/webgpu/page.mjs'),
      platform: 'browser',
      external: ['webgpu'],
      tsconfig: false,
      logLevel: 'silent',
    });
    const { output } = await bundle.generate({ format: 'esm', codeSplitting: false });
    await bundle.close();
    const folder = temporaryFolder({
      'index.html':
        '<!doctype html><meta name="steps" content="3"><body></body><script type="module" src="page.js"></script>',
      'page.js': output[0].code,
    });
    const { lines, shown } = await inPage(
      folder,
      async (page, errors) => {
        await page.waitForFunction(() => 'lines' in globalThis, undefined, { timeout: 150_000 });
        expect(errors).toEqual([]);
        return {
          lines: (await page.evaluate(() => (globalThis as unknown as { lines: unknown }).lines)) as Line[],
          shown: await page.locator('p').allTextContents(),
        };
      },
      {},
      software,
    );
    if (lines[0]!.reason !== undefined) skip(`Chromium: ${lines[0]!.reason}`);
    console.log(shown.join('\n'));
    expect(shown).toEqual([
      expect.stringMatching(/^webgpu: 3 steps in [\d.]+ s, loss [\d.]+$/),
      expect.stringMatching(/^wasm: 3 steps in [\d.]+ s, loss [\d.]+$/),
    ]);
    expect(Math.abs(lines[0]!.loss! - lines[1]!.loss!)).toBeLessThan(1e-3);
  },
);
