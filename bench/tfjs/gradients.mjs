// The gradients of tfjs, which the build of tfjs-core for Node leaves out: made into one module, and run. Its registry is
// global, so that every copy of tfjs-core finds them.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { rolldown } from 'rolldown';

export async function registerGradients() {
  const input = fileURLToPath(import.meta.resolve('@tensorflow/tfjs-core/dist/register_all_gradients.js'));
  const folder = mkdtempSync(join(tmpdir(), 'liouville-gradients-'));
  try {
    const file = join(folder, 'gradients.mjs');
    const bundle = await rolldown({ input, platform: 'node', logLevel: 'silent' });
    await bundle.write({ file, format: 'esm' });
    await import(pathToFileURL(file).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
