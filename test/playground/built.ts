import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { root } from '../support/repository.ts';

/** Builds the playground anew into a folder. */
export async function buildPlayground(folder: string): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await build({
    configFile: join(root, 'playground/vite.config.ts'),
    root: join(root, 'playground'),
    logLevel: 'error',
    build: { outDir: folder },
  });
}
