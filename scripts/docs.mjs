// Writes the reference of the API from the doc comments: one page for each entry point of the package.
//
//   node scripts/docs.mjs [FOLDER]     into build/docs, or there

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from './build.mjs';
import { exportsOf } from './docs/symbols.mjs';

/** @typedef {import('./docs/symbols.mjs').Exported} Exported */

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(process.argv[2] ?? join(root, 'build/docs'));

if (build()) writePages();
else process.exitCode = 1;

function writePages() {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const manifest = /** @type {{ exports: Record<string, string | { types: string }> }} */ (
    JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  );
  const entries = Object.entries(manifest.exports).flatMap(([subpath, target]) =>
    typeof target === 'string' ? [] : [{ subpath, file: join(root, target.types) }],
  );
  const pages = entries.map(({ subpath, file }) => {
    const name = join('liouville', subpath);
    const page = `${subpath === '.' ? 'index' : subpath.slice(2)}.md`;
    const symbols = exportsOf(file);
    writeFileSync(join(folder, page), pageOf(name, symbols));
    return { name, page, count: symbols.length };
  });
  const list = pages.map(({ name, page, count }) => `- [\`${name}\`](${page}): ${count} names`);
  writeFileSync(join(folder, 'README.md'), `# API\n\n${list.join('\n')}\n`);
  console.log(`${pages.length} pages in ${relative(process.cwd(), folder) || '.'}`);
}

/**
 * @param {string} name of the entry point
 * @param {readonly Exported[]} symbols
 */
function pageOf(name, symbols) {
  const contents = symbols.map((symbol) => `[\`${symbol.name}\`](#${symbol.name.toLowerCase()})`);
  return `# ${name}\n\n${contents.join(' · ')}\n\n${symbols.map((symbol) => section(symbol, 2)).join('\n')}`;
}

/**
 * @param {Exported} symbol
 * @param {number} level
 * @returns {string}
 */
function section({ name, comment, code, members }, level) {
  const declaration =
    code === '' ? '' : `\`\`\`ts\n${code.replaceAll(/^export (declare )?/gm, '')}\n\`\`\`\n\n`;
  const inside = members.map((member) => section(member, level + 1)).join('\n');
  return `${'#'.repeat(level)} ${name}\n\n${words(comment)}\n\n${declaration}${inside}`;
}

/**
 * The tags of a doc comment as words; what `@example` shows is code.
 *
 * @param {string} comment
 */
function words(comment) {
  const [text = '', ...examples] = comment.split(/^@example\s*/m);
  const body = text
    .trim()
    .replaceAll(/^@throws\s+/gm, '\n**Throws** ')
    .replaceAll(/^@returns\s+/gm, '\n**Returns** ')
    .replaceAll(/^@param\s+(\S+)/gm, '\n- `$1`');
  return [body, ...examples.map((example) => `\`\`\`ts\n${example.trim()}\n\`\`\``)].join('\n\n');
}
