import { nodeModule } from './platform.ts';

/** Why the engine is missing, and what would help. */
export interface Missing {
  readonly reason: string;
  readonly remedy: string;
}

interface Files {
  existsSync(path: URL): boolean;
  readFileSync(path: URL, encoding: 'utf8'): string;
}

/**
 * Looks for the module where the package lies in a folder of its own. Where a bundler has put the package into
 * something else, it has put the module there too.
 */
export function whyNotBuilt(): Missing | undefined {
  const files = nodeModule<Files>('node:fs');
  if (files === undefined || !import.meta.url.startsWith('file:')) return undefined;
  const root = new URL('../../../', import.meta.url);
  if (!isOurs(files, new URL('package.json', root))) return undefined;
  if (files.existsSync(new URL('build/wasm/simd.js', root))) return undefined;
  const noted = jsonAt(files, new URL('build/wasm.json', root)) as Partial<Missing> | undefined;
  return {
    reason: noted?.reason ?? 'It has not been built.',
    remedy: noted?.remedy ?? 'In a checkout, run `npm run build:wasm`; elsewhere install the package anew.',
  };
}

function isOurs(files: Files, manifest: URL): boolean {
  return (jsonAt(files, manifest) as { name?: string } | undefined)?.name === 'liouville';
}

function jsonAt(files: Files, path: URL): unknown {
  try {
    return JSON.parse(files.readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}
