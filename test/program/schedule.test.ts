import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ops, trace, vjp } from '../../src/program/index.ts';
import type { OperationValue, Program, Value } from '../../src/program/index.ts';
import { schedule } from '../../src/program/schedule.ts';
import { prepare } from '../support/cases/case.ts';
import { dense, modelCases } from '../support/cases/models.ts';
import { cook, recipes } from '../support/random-programs.ts';

/** The operations of a program that run for every row, sums over rows included. */
function bodyOf(program: Program): OperationValue[] {
  return program.values
    .filter((x) => x.kind === 'operation')
    .filter((x) => x.level === 'row' || x.op === 'total' || x.op === 'outerTotal');
}

/** Every instruction once, after those whose results it reads. */
function expectOrdered(order: readonly OperationValue[], nodes: readonly OperationValue[]): void {
  expect(order.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(
    nodes.map(({ id }) => id).toSorted((a, b) => a - b),
  );
  const body = new Set<Value>(nodes);
  const done = new Set<Value>();
  for (const node of order) {
    const early = node.inputs.filter((x) => body.has(x) && !done.has(x));
    expect(early.map(({ id }) => id)).toEqual([]);
    done.add(node);
  }
}

/** The shared matrices of products, in the order in which the products run. */
function matricesOf(order: readonly OperationValue[]): Value[] {
  return order.filter(({ op }) => op === 'matmul').map(({ inputs }) => inputs[1]!);
}

describe('the order of instructions', () => {
  test.each(modelCases)('respects what depends on what: $name', ({ trace, rows }) => {
    const nodes = bodyOf(prepare({ trace, rows }).program);
    expectOrdered(schedule(nodes), nodes);
  });

  test('of any program respects what depends on what', () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const { program } = cook(recipe);
        for (const each of [program, vjp(program)]) expectOrdered(schedule(bodyOf(each)), bodyOf(each));
      }),
      { numRuns: 100, seed: 60 },
    );
  });

  test('products with one matrix stand together', () => {
    const { program } = prepare({
      trace: modelCases.find(({ name }) => name === 'field with exact trace')!.trace,
      rows: 1,
    });
    const order = schedule(bodyOf(program));
    const at = order.flatMap((node, i) => (node.op === 'matmul' ? [{ i, matrix: node.inputs[1]! }] : []));
    const shared = at.filter(({ matrix }) => at.filter((x) => x.matrix === matrix).length > 1);
    // The value and its tangents meet the second and the third layer.
    expect(new Set(shared.map(({ matrix }) => matrix)).size).toBe(2);
    for (const { matrix } of shared) {
      const places = shared.filter((x) => x.matrix === matrix).map(({ i }) => i);
      expect(places).toEqual(places.map((_, j) => places[0]! + j));
    }
  });

  test('products that depend on each other do not', () => {
    const { program } = prepare({
      rows: 1,
      trace: (scope) =>
        trace('recurrent', { x: 3 }, ({ x }) => {
          let h = x;
          for (let i = 0; i < 4; i++) h = ops.tanh(dense(scope, 'cell', h, 3));
          return { h };
        }),
    });
    const nodes = bodyOf(program);
    const order = schedule(nodes);
    expectOrdered(order, nodes);
    expect(matricesOf(order)).toHaveLength(4);
    expect(order.map(({ op }) => op).join(' ')).not.toContain('matmul matmul');
  });

  test('pairs that cross are not both joined', () => {
    // a1 -> b1 and b2 -> a2: joining a1 with a2 and b1 with b2 would be a circle.
    const { program } = prepare({
      rows: 1,
      trace: (scope) =>
        trace('crossing', { x: 2, z: 2 }, ({ x, z }) => {
          const [a, b] = ['a', 'b'].map((name) =>
            scope.parameter(name, { k: 2, n: 2 }, () => [1, 2, 3, 4]),
          ) as [Value, Value];
          const product = (y: Value, weight: Value): Value => ops.matmul(ops.sin(y), weight, 'nt');
          return { one: product(product(x, a), b), two: product(product(z, b), a) };
        }),
    });
    const nodes = bodyOf(program);
    const order = schedule(nodes);
    expectOrdered(order, nodes);
    const matrices = matricesOf(order).map((x) => (x.kind === 'parameter' ? x.name : ''));
    expect(['abba', 'baab', 'aabb', 'bbaa', 'abab', 'baba']).toContain(matrices.join(''));
    expect(matrices.filter((name, i) => name === matrices[i + 1])).toHaveLength(1);
  });
});
