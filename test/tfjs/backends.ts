import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { inPage } from '../wasm/page.ts';
import type { Report } from './conformance-elsewhere.ts';

/** The backends of tfjs that need a page, and what lets Chromium compute them on the processor. */
export const backends: Readonly<Record<string, readonly string[]>> = {
  webgl: ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist'],
  webgpu: ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'],
};

export interface OnBackend {
  readonly report: Report;
  /** Of each model the loss on the backend, and on the reference engine. */
  readonly losses: Readonly<Record<string, readonly [number, number]>>;
  readonly errors: readonly string[];
}

/** Conformance cases that are wanted, by a regular expression, and a short training in a page with this backend. */
export async function onBackend(backend: string, wanted: string): Promise<OnBackend> {
  const bundle = await rolldown({
    input: join(root, 'test/tfjs/conformance-elsewhere.ts'),
    platform: 'browser',
    resolve: { alias: { vitest: join(root, 'test/wasm/vitest-elsewhere.ts') } },
    external: ['webgpu'],
    tsconfig: false,
    logLevel: 'silent',
  });
  const { output } = await bundle.generate({ format: 'esm', codeSplitting: false });
  await bundle.close();
  const folder = temporaryFolder({
    'index.html': '<!doctype html><script type="module" src="suite.mjs"></script>',
    'suite.mjs': output[0].code,
  });
  const use: Parameters<typeof inPage<OnBackend>>[1] = async (page, errors) => {
    await page.waitForFunction(() => 'trainBoth' in globalThis);
    const [report, losses] = await page.evaluate(
      async ([name, cases]) => {
        const suite = globalThis as unknown as {
          runConformance(backend: string, wanted: string): Promise<unknown>;
          trainBoth(backend: string): Promise<unknown>;
        };
        return [await suite.runConformance(name!, cases!), await suite.trainBoth(name!)];
      },
      [backend, wanted],
    );
    return { report: report as Report, losses: losses as OnBackend['losses'], errors };
  };
  return inPage(folder, use, {}, backends[backend]);
}
