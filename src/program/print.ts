import type { Program } from './program.ts';
import { shapeText } from './value.ts';
import type { Level, OperationValue, Value } from './value.ts';

const sections: readonly (readonly [string, readonly Level[]])[] = [
  ['prologue, once per call', ['parameter']],
  ['body, once per row', ['row']],
  ['epilogue, once per call', ['total']],
];

/** The program as text: one line for each value, by section, numbered in order. */
export function printProgram(program: Program): string {
  const numbers = new Map<Value, number>();
  for (const value of program.values) if (value.kind === 'operation') numbers.set(value, numbers.size);
  const name = (value: Value): string => nameOf(value, numbers);
  const lines = [`program ${program.name}`];
  for (const x of program.inputs) lines.push(`  input ${x.name} ${shapeText(x)}`);
  for (const [title, levels] of sections) {
    const nodes = program.values
      .filter((x) => x.kind === 'operation')
      .filter((x) => levels.includes(x.level));
    if (nodes.length > 0) lines.push(`  ${title}`);
    for (const node of nodes) lines.push(`    ${line(node, name)}`);
  }
  for (const [key, value] of Object.entries(program.outputs)) lines.push(`  output ${key} = ${name(value)}`);
  for (const { parameter, value } of program.gradients)
    lines.push(`  gradient ${parameter.name} = ${name(value)}`);
  return lines.join('\n');
}

function line(node: OperationValue, name: (value: Value) => string): string {
  const attributes = Object.entries(node.attributes).map(([key, x]) => `${key}=${attributeText(x)}`);
  const words = [node.op, ...node.inputs.map(name), ...attributes];
  return `${name(node)} ${shapeText(node)} = ${words.join(' ')}`;
}

function attributeText(x: unknown): string {
  return Array.isArray(x) && x.length > 8 ? `(${x.length} numbers)` : JSON.stringify(x).replaceAll('"', '');
}

function nameOf(value: Value, numbers: ReadonlyMap<Value, number>): string {
  switch (value.kind) {
    case 'operation':
      return `%${numbers.get(value)}`;
    case 'constant':
      return value.data.length === 1 ? String(value.data[0]) : `constant${shapeText(value)}`;
    case 'parameter':
      return value.name;
    case 'input':
      return value.name;
  }
}
