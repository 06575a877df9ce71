import type { Missing } from '../found.ts';
import { nodeModule } from './platform.ts';

const rebuild = 'In a checkout, run `npm run build:wasm`; elsewhere install the package anew.';

interface Files {
  existsSync(path: URL): boolean;
  readFileSync(path: URL, encoding: 'utf8'): string;
}

/**
 * Looks for the module beside the package. Where a bundler has put this file into another, it has put the module
 * there too.
 */
export function whyNotBuilt(): Missing | undefined {
  const files = nodeModule<Files>('node:fs');
  if (files === undefined || !/^file:.*\/engine\/wasm\/present\.[jt]s$/.test(import.meta.url))
    return undefined;
  const root = new URL('../../../', import.meta.url);
  if (files.existsSync(new URL('build/wasm/simd.js', root))) return undefined;
  const { reason = 'It has not been built.', remedy = rebuild } = noteAt(
    files,
    new URL('build/wasm.json', root),
  );
  return { reason, remedy };
}

/** What the build script has noted. */
function noteAt(files: Files, path: URL): Partial<Missing> {
  try {
    return JSON.parse(files.readFileSync(path, 'utf8')) as Partial<Missing>;
  } catch {
    return {};
  }
}
