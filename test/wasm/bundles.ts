import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { inPage } from './page.ts';

/** A page that reads a table, computes densities and a gradient with the package, and says what came out. */
const entry = `
import { ffjord } from 'liouville';
import { decodeCsv } from 'liouville/files';
const flow = ffjord({ dim: 2, hidden: [16, 16], seed: 1 });
const x = { data: Float64Array.from({ length: 40 }, (_, i) => Math.sin(i)), rows: 20, cols: 2 };
const options = { precision: 'float64', threads: 2 };
const table = decodeCsv(new TextEncoder().encode('x,y\\n1,2\\n'));
Promise.all([flow.transform(x, options), flow.lossAndGradient(x, options), table]).then(
  ([{ engine, logDet }, { loss }, { matrix }]) => {
    globalThis.outcome = { engine, logDet: [...logDet], loss, table: [...matrix.data] };
  },
  (error) => {
    globalThis.outcome = { error: String(error) };
  },
);
`;

export interface PageOutcome {
  readonly engine?: string;
  readonly logDet?: readonly number[];
  readonly loss?: number;
  readonly table?: readonly number[];
  readonly error?: string;
}

/** Somebody's project that has the built package installed, and a page whose script is dist/main.js. */
export function userProject(files: Readonly<Record<string, string>> = {}): string {
  const folder = temporaryFolder({
    'package.json': '{ "private": true, "type": "module" }',
    'src/main.js': entry,
    'dist/index.html': '<!doctype html><script type="module" src="main.js"></script>',
    ...files,
  });
  mkdirSync(join(folder, 'node_modules'), { recursive: true });
  symlinkSync(root, join(folder, 'node_modules/liouville'));
  return folder;
}

/** What the page in dist/ computes; anything that it complains of is an error. */
export async function outcomeIn(
  folder: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<PageOutcome> {
  return inPage(
    join(folder, 'dist'),
    async (page, errors) => {
      await page.waitForFunction(() => 'outcome' in globalThis, undefined, {
        timeout: 30_000,
      });
      const made = await page.evaluate(() => (globalThis as unknown as { outcome: unknown }).outcome);
      return { ...(made as PageOutcome), ...(errors.length > 0 && { error: errors.join('; ') }) };
    },
    headers,
  );
}

export function run(folder: string, command: string, ...args: string[]): void {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  expect(status, `${command} ${args.join(' ')}\n${stdout}\n${stderr}`).toBe(0);
}
