// Reads what a TypeScript file imports.

import { parseSync, Visitor } from 'rolldown/utils';

/**
 * One import.
 *
 * - `value`: runs when the file is loaded (`import`, `export ... from`)
 * - `type`: erased by the compiler (`import type`, `export type ... from`, `import('x').T`)
 * - `dynamic`: runs when the program gets there (`await import('x')`); `specifier` is undefined where it is
 *   not a plain string
 *
 * `import { type T } from 'x'` is a value: under verbatimModuleSyntax it becomes `import {} from 'x'`.
 *
 * @typedef {{ specifier: string | undefined, kind: 'value' | 'type' | 'dynamic', line: number }} Import
 */

/**
 * @param {string} path of the file, for messages
 * @param {string} source its TypeScript
 * @returns {Import[]} in the order of the text
 */
export function parseImports(path, source) {
  const lang = path.endsWith('.d.ts') ? 'dts' : 'ts';
  const { program, errors } = parseSync(path, source, { lang, sourceType: 'module' });
  const error = errors[0];
  if (error !== undefined) throw new Error(`${path} cannot be parsed: ${error.message}`);

  /** @type {Import[]} */
  const imports = [];
  /**
   * @param {{ start: number }} node
   * @param {string | undefined} specifier
   * @param {Import['kind']} kind
   */
  const add = (node, specifier, kind) => {
    imports.push({ specifier, kind, line: source.slice(0, node.start).split('\n').length });
  };
  new Visitor({
    ImportDeclaration: (node) => add(node, node.source.value, node.importKind === 'type' ? 'type' : 'value'),
    ExportAllDeclaration: (node) =>
      add(node, node.source.value, node.exportKind === 'type' ? 'type' : 'value'),
    ExportNamedDeclaration: (node) => {
      if (node.source !== null) add(node, node.source.value, node.exportKind === 'type' ? 'type' : 'value');
    },
    TSImportType: (node) => add(node, node.source.value, 'type'),
    ImportExpression: (node) => {
      const { source: argument } = node;
      const plain = argument.type === 'Literal' && typeof argument.value === 'string';
      add(node, plain ? argument.value : undefined, 'dynamic');
    },
  }).visit(program);
  return imports;
}
