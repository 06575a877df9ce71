import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the checkout. */
export const root = fileURLToPath(new URL('../..', import.meta.url));

const NOT_SOURCES = new Set(['.git', 'node_modules', 'dist', 'build', 'coverage', 'liouville-out']);

/** Every file of the checkout that people write, as paths below it; `folders` narrows the search. */
export function writtenFiles(folders: readonly string[] = ['.']): string[] {
  const found: string[] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (NOT_SOURCES.has(entry.name) || entry.name.startsWith('dist-')) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) walk(path);
      else if (entry.isFile()) found.push(relative(root, path).replaceAll('\\', '/'));
    }
  };
  const present = new Set(readdirSync(root));
  for (const folder of folders) {
    if (folder === '.' || present.has(folder)) walk(join(root, folder));
  }
  return found.toSorted();
}

/** The text of a file of the checkout. */
export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}
