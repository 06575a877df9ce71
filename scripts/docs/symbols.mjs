// What the package exports, read from the declarations that the compiler wrote: names, declarations, doc comments.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseSync } from 'rolldown/utils';

/**
 * One exported name.
 *
 * @typedef {{ name: string, kind: string, comment: string, code: string, file: string, members: readonly Exported[] }} Exported
 *   comment: its text without stars; code: the declarations of the name, overloads one below the other; members: of a
 *   namespace
 */

/** @typedef {{ type: string, start: number, end: number, [field: string]: any }} Node */
/** @typedef {{ source: string, body: Node[], comments: { type: string, value: string, start: number, end: number }[] }} Module */

/** @type {Map<string, Module>} */
const modules = new Map();

/**
 * @param {string} file an index of dist/
 * @returns {Exported[]} in the order of the text, each name once
 */
export function exportsOf(file) {
  /** @type {Map<string, Exported>} */
  const found = new Map();
  for (const node of moduleAt(file).body) {
    for (const exported of exportedBy(node, file)) {
      if (!found.has(exported.name)) found.set(exported.name, exported);
    }
  }
  return [...found.values()];
}

/**
 * @param {Node} node
 * @param {string} file
 * @returns {Exported[]}
 */
function exportedBy(node, file) {
  if (node.type === 'ExportAllDeclaration') {
    const target = declarationFile(file, node.source.value);
    if (node.exported === null) return exportsOf(target);
    const comment = commentBefore(moduleAt(file), node.start);
    const name = node.exported.name;
    return [{ name, kind: 'namespace', comment, code: '', file: target, members: exportsOf(target) }];
  }
  if (node.type !== 'ExportNamedDeclaration') return [];
  if (node.declaration !== null) {
    return namesOf(node.declaration).map((name) => declared(name, file));
  }
  return node.specifiers.map((/** @type {Node} */ { local, exported }) => {
    const symbol =
      node.source === null
        ? imported(local.name, file)
        : named(local.name, declarationFile(file, node.source.value));
    return { ...symbol, name: exported.name };
  });
}

/**
 * A name that a file exports, wherever it was declared.
 *
 * @param {string} name
 * @param {string} file
 * @returns {Exported}
 */
function named(name, file) {
  const symbol = exportsOf(file).find((each) => each.name === name);
  if (symbol === undefined) throw new Error(`${file} does not export ${name}`);
  return symbol;
}

/**
 * A name that a file imports and exports again, or declares without exporting it there.
 *
 * @param {string} name
 * @param {string} file
 * @returns {Exported}
 */
function imported(name, file) {
  for (const { type, specifiers, source } of moduleAt(file).body) {
    if (type !== 'ImportDeclaration' || !source.value.startsWith('.')) continue;
    const specifier = specifiers.find((/** @type {Node} */ { local }) => local.name === name);
    if (specifier !== undefined) return named(specifier.imported.name, declarationFile(file, source.value));
  }
  return declared(name, file);
}

/**
 * @param {string} name
 * @param {string} file
 * @returns {Exported}
 */
function declared(name, file) {
  const module = moduleAt(file);
  const nodes = module.body.filter((node) => {
    const declaration = node.type === 'ExportNamedDeclaration' ? node.declaration : node;
    return declaration !== null && namesOf(declaration).includes(name);
  });
  const [first] = nodes;
  if (first === undefined) throw new Error(`${file} does not declare ${name}`);
  const comments = nodes.map((node) => commentBefore(module, node.start)).filter((text) => text !== '');
  return {
    name,
    kind: (first.declaration ?? first).type.replace(/^TS|Declaration$/g, ''),
    comment: comments.join('\n\n'),
    code: nodes.map(({ start, end }) => module.source.slice(start, end)).join('\n'),
    file,
    members: [],
  };
}

/**
 * @param {Node} declaration
 * @returns {string[]}
 */
function namesOf(declaration) {
  if (declaration.type === 'VariableDeclaration') {
    return declaration['declarations'].map((/** @type {Node} */ { id }) => id.name);
  }
  return declaration['id']?.name === undefined ? [] : [declaration['id'].name];
}

/**
 * The doc comment that ends where a declaration begins.
 *
 * @param {Module} module
 * @param {number} start
 */
function commentBefore({ comments, source }, start) {
  const comment = comments.findLast(
    ({ type, value, end }) =>
      type === 'Block' && value.startsWith('*') && end <= start && source.slice(end, start).trim() === '',
  );
  if (comment === undefined) return '';
  return comment.value
    .slice(1)
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .trim();
}

/**
 * @param {string} file
 * @returns {Module}
 */
function moduleAt(file) {
  const known = modules.get(file);
  if (known !== undefined) return known;
  const source = readFileSync(file, 'utf8');
  const { program, comments, errors } = parseSync(file, source, { lang: 'dts', sourceType: 'module' });
  if (errors[0] !== undefined) throw new Error(`${file} cannot be parsed: ${errors[0].message}`);
  const module = { source, body: /** @type {Node[]} */ (/** @type {unknown} */ (program.body)), comments };
  modules.set(file, module);
  return module;
}

/**
 * @param {string} from
 * @param {string} specifier
 */
function declarationFile(from, specifier) {
  return join(dirname(from), specifier).replace(/\.[jt]s$/, '.d.ts');
}
