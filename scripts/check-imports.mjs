// Checks that imports in src/ go one way. Part of `npm run lint`; the rules are in scripts/imports/rules.mjs.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkImports } from './imports/check.mjs';

/** @typedef {Partial<Record<'dependencies' | 'peerDependencies' | 'optionalDependencies', object>>} Manifest */

const root = fileURLToPath(new URL('..', import.meta.url));

/** @returns {Map<string, string>} TypeScript by path below src/ */
function readSources() {
  const src = join(root, 'src');
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  return new Map(
    files.toSorted().map((file) => [file.replaceAll('\\', '/'), readFileSync(join(src, file), 'utf8')]),
  );
}

/** @returns {Set<string>} */
function readDependencies() {
  const manifest = /** @type {Manifest} */ (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
  const { dependencies, peerDependencies, optionalDependencies } = manifest;
  return new Set(Object.keys({ ...dependencies, ...peerDependencies, ...optionalDependencies }));
}

const sources = readSources();
const problems = checkImports(sources, readDependencies());
for (const problem of problems) console.error(problem);
console.log(`imports: ${sources.size} files, ${problems.length} problems`);
if (problems.length > 0) process.exitCode = 1;
