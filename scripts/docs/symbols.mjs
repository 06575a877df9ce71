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

/**
 * As much of a node of the syntax tree as is read here.
 *
 * @typedef {{ name: string }} Name
 * @typedef {{ type: string, start: number, end: number, declaration?: Node | null, declarations?: Node[],
 *   specifiers?: Node[], source?: { value: string } | null, id?: Partial<Name> | null, local?: Name,
 *   exported?: Name | null, imported?: Name }} Node
 */
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
function exportedBy({ type, start, source, exported, declaration, specifiers = [] }, file) {
  if (type === 'ExportAllDeclaration' && source) {
    const target = declarationFile(file, source.value);
    if (!exported) return exportsOf(target);
    const comment = commentBefore(moduleAt(file), start);
    const members = exportsOf(target);
    return [{ name: exported.name, kind: 'namespace', comment, code: '', file: target, members }];
  }
  if (type !== 'ExportNamedDeclaration') return [];
  if (declaration) return namesOf(declaration).map((name) => declared(name, file));
  return specifiers.flatMap(({ local, exported: outside }) => {
    if (!local || !outside) return [];
    const symbol = source
      ? named(local.name, declarationFile(file, source.value))
      : imported(local.name, file);
    return [{ ...symbol, name: outside.name }];
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
  for (const { type, specifiers = [], source } of moduleAt(file).body) {
    if (type !== 'ImportDeclaration' || !source?.value.startsWith('.')) continue;
    const outside = specifiers.find(({ local }) => local?.name === name)?.imported;
    if (outside !== undefined) return named(outside.name, declarationFile(file, source.value));
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
    return declaration != null && namesOf(declaration).includes(name);
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
function namesOf({ declarations, id }) {
  return (declarations ?? [{ id }]).flatMap(({ id: each }) => (each?.name === undefined ? [] : [each.name]));
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
