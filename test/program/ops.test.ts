import { describe, expect, test } from 'vitest';
import { input, opNames, opOfCode, opTable, ops, ruleOf, within } from '../../src/program/index.ts';
import type { Attributes, Op, Shape, Slot, Value } from '../../src/program/index.ts';
import { apply } from '../../src/program/functions.ts';
import { expectRefused } from '../support/refused.ts';
import { programCases } from '../support/cases.ts';
import { prepare } from '../support/cases/case.ts';
import { draws, numbers } from '../support/numbers.ts';
import { samples, vocabulary } from '../support/vocabulary.ts';

/** The numbers of bytecode: files and native engines know them, so that none may change. */
const codes: { readonly [P in Op]: number } = {
  neg: 1,
  exp: 2,
  expm1: 3,
  log: 4,
  log1p: 5,
  tanh: 6,
  sigmoid: 7,
  softplus: 8,
  relu: 9,
  step: 10,
  sqrt: 11,
  square: 12,
  reciprocal: 13,
  sin: 14,
  cos: 15,
  abs: 16,
  sign: 17,
  erf: 18,
  add: 32,
  sub: 33,
  mul: 34,
  div: 35,
  max: 36,
  min: 37,
  less: 38,
  where: 39,
  slice: 48,
  concat: 49,
  take: 50,
  scatter: 51,
  pad: 52,
  broadcast: 53,
  reshape: 54,
  transpose: 55,
  stopGradient: 56,
  sum: 64,
  cumsum: 65,
  matmul: 66,
  triangularSolve: 67,
  total: 68,
  outerTotal: 69,
  inverseLogDet: 70,
  largest: 71,
};

describe('the table', () => {
  test('op codes stay, and name their op', () => {
    expect(Object.fromEntries(opNames.map((op) => [op, opTable[op].code]))).toEqual(codes);
    for (const op of opNames) expect(opOfCode(codes[op])).toBe(op);
    expect(opOfCode(0)).toBeUndefined();
    expect(opOfCode(31)).toBeUndefined();
  });

  test('the cases of the engines use every op', () => {
    const used = new Set<Op>();
    for (const program of programCases) {
      for (const value of prepare({ ...program, rows: 1 }).program.values) {
        if (value.kind === 'operation') used.add(value.op);
      }
    }
    expect(opNames.filter((op) => !used.has(op))).toEqual([]);
    expect(opNames.filter((op) => vocabulary[op].length === 0)).toEqual([]);
  });
});

describe.each(samples)('$name', ({ op, operands, make }) => {
  const value = make(operands.map(({ shape: { k, n } }, i) => input(`x${i}`, n, k)));

  test('attributes come back from bytecode', () => {
    for (const node of nodesOf(value)) {
      const rule = ruleOf(node.op);
      const words = rule.encode(node.attributes);
      expect(words.every((x) => Number.isInteger(x) && Math.abs(x) < 2 ** 31)).toBe(true);
      // Through the array that bytecode is.
      expect(rule.decode([...Int32Array.from(words)])).toEqual(node.attributes);
    }
  });

  test('where the table says so, the result may overwrite an operand of its shape', () => {
    const nodes = nodesOf(value).filter((node) => ruleOf(node.op).inPlace);
    for (const node of nodes) {
      node.inputs.forEach((x, i) => {
        if (x.k !== node.k || x.n !== node.n) return;
        expect(evaluate(node.op, node.inputs, node, node.attributes, i)).toEqual(
          evaluate(node.op, node.inputs, node, node.attributes, null),
        );
      });
    }
    expect(nodesOf(value).map((node) => node.op)).toContain(op);
  });
});

const row = input('row', 4);
const matrix = input('matrix', 4, 3);
const other = input('other', 5);
const square = input('square', 4, 4);

const misfits: readonly (readonly [string, () => Value, RegExp])[] = [
  [
    'add',
    () => ops.add(row, other),
    /^add: expected shapes that are equal, or 1 where they differ; got \[1, 4\] and \[1, 5\]\.$/,
  ],
  ['where', () => ops.where(row, 1, other), /^where: .*\[1, 4\] and \[1, 1\] and \[1, 5\]/],
  [
    'slice beyond the end',
    () => ops.slice(row, 2, 3),
    /^slice: expected features 2 to 5 within 0 to 4; got \[1, 4\]/,
  ],
  ['slice before the start', () => ops.slice(row, -1, 2), /^slice: expected features -1 to 1/],
  ['slice of halves', () => ops.slice(row, 0.5, 1), /^slice: /],
  ['concat', () => ops.concat([row, matrix]), /^concat: expected .*the same k; got \[1, 4\] and \[3, 4\]/],
  ['concat of nothing', () => ops.concat([]), /^concat: expected at least one part/],
  ['take', () => ops.take(row, [0, 4]), /^take: expected indices below 4; got \[1, 4\]/],
  [
    'scatter beyond',
    () => ops.scatter(row, [0, 1, 2, 3], 3),
    /^scatter: expected one index below 3 for each of 4/,
  ],
  ['scatter too few', () => ops.scatter(row, [0, 1, 2], 9), /^scatter: expected one index/],
  ['pad', () => ops.pad(row, -1, 0), /^pad: expected whole numbers of zeros/],
  [
    'broadcast',
    () => ops.broadcast(matrix, { k: 2, n: 4 }),
    /^broadcast: expected a shape that widens to \[2, 4\]; got \[3, 4\]/,
  ],
  ['broadcast to halves', () => ops.broadcast(row, { k: 1.5, n: 4 }), /^broadcast: /],
  [
    'reshape',
    () => ops.reshape(row, { k: 3, n: 2 }),
    /^reshape: expected 6 numbers for \[3, 2\]; got \[1, 4\]/,
  ],
  ['reshape to halves', () => ops.reshape(row, { k: 1.5, n: 8 / 3 }), /^reshape: /],
  [
    'matmul nt',
    () => ops.matmul(row, other, 'nt'),
    /^matmul: expected the 4 features of the left on the right; got/,
  ],
  [
    'matmul nn',
    () => ops.matmul(row, matrix, 'nn'),
    /^matmul: expected 4 rows on the right; got \[1, 4\] and \[3, 4\]/,
  ],
  ['matmul tn', () => ops.matmul(row, matrix, 'tn'), /^matmul: expected 1 rows on the right/],
  [
    'triangularSolve',
    () => ops.triangularSolve(matrix, row, { upper: true }),
    /^triangularSolve: expected a square matrix/,
  ],
  [
    'triangularSolve too wide',
    () => ops.triangularSolve(square, other, { upper: true }),
    /^triangularSolve: .* got \[4, 4\] and \[1, 5\]/,
  ],
  ['inverseLogDet', () => ops.inverseLogDet(matrix), /^inverseLogDet: expected a square matrix of 1 to 1024/],
  [
    'inverseLogDet of too much',
    () => ops.inverseLogDet(input('large', 1025, 1025)),
    /^inverseLogDet: .* got \[1025, 1025\]/,
  ],
  ['largest of nothing', () => ops.largest(ops.slice(row, 0, 0), 'n'), /^largest: expected at least one/],
  ['outerTotal', () => ops.outerTotal([row, other, matrix]), /^outerTotal: expected pairs/],
  [
    'outerTotal of unequal k',
    () => ops.outerTotal([row, matrix]),
    /^outerTotal: expected pairs of values with equal k/,
  ],
  [
    'outerTotal of unequal widths',
    () => ops.outerTotal([row, other, other, row]),
    /each pair of the same widths/,
  ],
];

describe('shapes that do not fit', () => {
  test.each(misfits)('%s', (_name, make, message) => {
    expectRefused(make, 'shape-mismatch', message);
  });

  test('the place in the model is named', () => {
    const make = (): Value => within('flow', () => within('layer.2', () => ops.mul(row, other)));
    expectRefused(make, 'shape-mismatch', /^mul in flow \/ layer\.2: expected/);
    // Also after an error the place is left again.
    expectRefused(() => ops.mul(row, other), 'shape-mismatch', /^mul: expected/);
  });
});

function nodesOf(value: Value): Extract<Value, { kind: 'operation' }>[] {
  if (value.kind !== 'operation') return [];
  return [...value.inputs.flatMap(nodesOf), value];
}

/** Evaluates an op on fixed numbers, its result lying on operand `over`, or by itself. */
function evaluate<P extends Op>(
  op: P,
  shapes: readonly Shape[],
  shape: Shape,
  attributes: Attributes[P],
  over: number | null,
): Float64Array {
  let end = shape.k * shape.n;
  const slots = shapes.map(({ k, n }): Slot => {
    const slot = { offset: end, k, n };
    end += k * n;
    return slot;
  });
  const memory = draws(end, (random) => random() + 0.25, numbers(9));
  const out = { ...shape, offset: over === null ? 0 : slots[over]!.offset };
  ruleOf(op).evaluate(memory, out, slots, attributes);
  return memory.slice(out.offset, out.offset + shape.k * shape.n);
}

test('every function of ops makes the op of its name', () => {
  expect(Object.keys(ops).toSorted()).toEqual(opNames.toSorted());
  expect(apply('neg', [row], {})).toMatchObject({ kind: 'operation', op: 'neg', k: 1, n: 4, level: 'row' });
});
