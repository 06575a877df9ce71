import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../support/repository.ts';
import { seeds } from './seeds.ts';

const kept = join(root, 'test/files/corpus');

/** The valid inputs of a target and those that earlier runs kept; for `table`, of all. */
export function corpusOf(target: string, folder: string): string {
  mkdirSync(folder);
  for (const [name, files] of Object.entries(seeds)) {
    if (target !== 'table' && name !== target) continue;
    for (const [file, bytes] of Object.entries(files)) writeFileSync(join(folder, `${name}-${file}`), bytes);
  }
  for (const file of readdirSync(kept)) {
    if (target === 'table' || file.startsWith(`${target}-`))
      cpSync(join(kept, file), join(folder, `kept-${file}`));
  }
  return folder;
}
