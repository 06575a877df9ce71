import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allocate } from '../../src/program/allocate.ts';
import { compile, constant, ops, opOfCode, ruleOf, spaces, trace, vjp } from '../../src/program/index.ts';
import type {
  CompiledProgram,
  OperationValue,
  Program,
  Scope,
  Space,
  Value,
} from '../../src/program/index.ts';
import { schedule } from '../../src/program/schedule.ts';
import { prepare } from '../support/cases/case.ts';
import { memoryCases } from '../support/cases/memory.ts';
import { modelCases } from '../support/cases/models.ts';
import { cook, recipes } from '../support/random-programs.ts';

/** One instruction in words: the op, then space and offset of the result and of the inputs, then attributes. */
function decoded(code: CompiledProgram, section: Int32Array): string[] {
  const place = (value: number): string => {
    const [space, offset, k, n] = code.values.subarray(4 * value, 4 * value + 4);
    return `${spaces[space!]}@${offset}[${k},${n}]`;
  };
  return instructions(section).map(([op, count, out, ...rest]) => {
    const inputs = rest.slice(0, count).map(place).join(' ');
    const name = opOfCode(op!)!;
    const attributes = JSON.stringify(ruleOf(name).decode(rest.slice(count)));
    return `${place(out!)} = ${name} ${inputs}${attributes === '{}' ? '' : ` ${attributes}`}`;
  });
}

function instructions(section: Int32Array): number[][] {
  const found: number[][] = [];
  for (let at = 0; at < section.length; at += section[at]!) {
    expect(section[at]).toBeGreaterThan(3);
    found.push([...section.subarray(at + 1, at + section[at]!)]);
  }
  return found;
}

function opNamesOf(section: Int32Array): string[] {
  return instructions(section).map(([op]) => opOfCode(op!)!);
}

const scopeless = { rows: 1 };

/** tanh(x (M W)^T + b) */
function masked(scope: Scope): Program {
  return trace('masked', { x: 2 }, ({ x }) => {
    const mask = constant([1, 0, 1, 1], { k: 2, n: 2 });
    const weight = scope.parameter('weight', { k: 2, n: 2 }, () => [1, 2, 3, 4]);
    const bias = scope.parameter('bias', { k: 1, n: 2 }, () => [5, 6]);
    return { y: ops.tanh(ops.add(ops.matmul(x, ops.mul(mask, weight), 'nt'), bias)) };
  });
}

describe('sections', () => {
  test('what depends on parameters only runs once per call', () => {
    const code = compile(prepare({ ...scopeless, trace: masked }).program);
    expect(decoded(code, code.prologue)).toEqual(['prologue@0[2,2] = mul constant@0[2,2] trained@0[2,2]']);
    expect(decoded(code, code.body)).toEqual([
      'row@2[1,2] = matmul row@0[1,2] prologue@0[2,2] {"form":"nt"}',
      'row@2[1,2] = add row@2[1,2] trained@4[1,2]',
      'row@2[1,2] = tanh row@2[1,2]',
    ]);
    expect(decoded(code, code.epilogue)).toEqual([]);
    expect(code.sizes).toEqual({
      constant: 4,
      trained: 6,
      state: 0,
      prologue: 4,
      row: 4,
      total: 0,
      epilogue: 0,
    });
    expect([...code.constants]).toEqual([1, 0, 1, 1]);
    expect(code.inputs).toEqual([{ name: 'x', location: { space: 'row', offset: 0, k: 1, n: 2 } }]);
    expect(code.outputs).toEqual([{ name: 'y', location: { space: 'row', offset: 2, k: 1, n: 2 } }]);
    expect(code.gradients).toEqual([]);
  });

  test('gradients of parameters are finished once per call', () => {
    const code = compile(vjp(prepare({ ...scopeless, trace: masked }).program));
    expect(opNamesOf(code.prologue)).toEqual(['mul']);
    // The mask meets the summed gradient, not that of every row.
    expect(decoded(code, code.epilogue)).toEqual(['epilogue@0[2,2] = mul total@2[2,2] constant@0[2,2]']);
    expect(opNamesOf(code.body).toSorted()).toEqual(
      ['add', 'matmul', 'matmul', 'mul', 'outerTotal', 'square', 'sub', 'tanh', 'total'].toSorted(),
    );
    expect(code.sizes).toMatchObject({ total: 6, epilogue: 4 });
    expect(code.gradients.map(({ parameter, location }) => [parameter.name, location])).toEqual([
      ['weight', { space: 'epilogue', offset: 0, k: 2, n: 2 }],
      ['bias', { space: 'total', offset: 0, k: 1, n: 2 }],
    ]);
  });

  test('outputs may lie anywhere', () => {
    const { trace: outputs } = memoryCases.find(({ name }) => name === 'outputs that are no results')!;
    const { outputs: ports } = compile(prepare({ ...scopeless, trace: outputs }).program);
    const placeOf = Object.fromEntries(
      ports.map(({ name, location: { space, offset } }) => [name, `${space}@${offset}`]),
    );
    expect(placeOf).toMatchObject({
      input: 'row@0',
      partOfInput: 'row@1',
      // After x [3] and unused [2].
      reshapedInput: 'row@5',
      parameter: 'trained@0',
      ofParameters: 'prologue@0',
    });
    expect(placeOf['constant']).toMatch(/^constant@/);
    expect(placeOf['zero']).toMatch(/^constant@/);
    expect(placeOf['once']).toBe(placeOf['twice']);
    expect(placeOf['part']).toBe(placeOf['once']);
  });

  test('a program is compiled once', () => {
    const { program } = prepare({ ...scopeless, trace: masked });
    expect(compile(program)).toBe(compile(program));
    expect(vjp(program)).toBe(vjp(program));
  });
});

describe('registers', () => {
  test('a chain needs one register beside the input, whatever its length', () => {
    for (const length of [1, 2, 50]) {
      const program = trace('chain', { x: 100 }, ({ x }) => {
        let y = x;
        for (let i = 0; i < length; i++) y = ops.tanh(y);
        return { y };
      });
      // Each with a plane of distance to what follows.
      expect(compile(program).sizes.row).toBe(202);
    }
  });

  test('a matrix product does not overwrite what it reads, but what is dead', () => {
    const program = trace('products', { x: 4 }, ({ x }) => {
      const turn = constant(
        Float64Array.from({ length: 16 }, (_, i) => i),
        { k: 4, n: 4 },
      );
      let y = x;
      for (let i = 0; i < 9; i++) y = ops.matmul(y, turn, 'nn');
      return { y };
    });
    // The input stays; results go to and fro between two registers.
    expect(compile(program).sizes.row).toBe(12);
  });

  test('views need no register and no instruction', () => {
    const program = trace('views', { x: 6 }, ({ x }) => {
      const y = ops.exp(x);
      const parts = [
        ops.slice(y, 0, 2),
        ops.slice(y, 2, 4),
        ops.stopGradient(y),
        ops.reshape(y, { k: 2, n: 3 }),
      ];
      return Object.fromEntries(parts.map((part, i) => [`y${i}`, part]));
    });
    const code = compile(program);
    expect(opNamesOf(code.body)).toEqual(['exp']);
    expect(code.sizes.row).toBe(12);
  });

  test('outputs and inputs keep their registers until the row has ended', () => {
    const program = trace('kept', { x: 3 }, ({ x }) => {
      const y = ops.exp(x);
      return { y, z: ops.neg(ops.sin(ops.cos(y))), w: ops.square(x) };
    });
    const code = compile(program);
    const places = [...code.inputs, ...code.outputs].map(({ location }) => location.offset);
    expect(new Set(places).size).toBe(4);
    expect(code.sizes.row).toBe(12);
  });

  const programs = [...modelCases, ...memoryCases].filter(({ name }) =>
    [
      'values of many sizes',
      'vjp of values of many sizes',
      'deep chain',
      'vjp of jvp',
      'vjp of field with exact trace',
    ].includes(name),
  );
  test.each(programs)('fewer than there are values: $name', (program) => {
    const code = compile(prepare({ ...program, rows: 1 }).program);
    const computed = instructions(code.body).map(([, , out]) => code.values.subarray(4 * out!, 4 * out! + 4));
    const all = computed.reduce((sum, [space, , k, n]) => sum + (spaces[space!] === 'row' ? k! * n! : 0), 0);
    expect(code.sizes.row).toBeLessThan(0.7 * all);
  });

  test('the parts of a concat are computed in their places, one within the other', () => {
    const program = trace('growing', { x: 2 }, ({ x }) => {
      const first = ops.exp(x);
      const two = ops.concat([first, ops.mul(2, first)]);
      const all = ops.concat([two, ops.sum(two, 'n'), ops.tanh(x)]);
      return { y: ops.square(all), all };
    });
    const code = compile(program);
    expect(opNamesOf(code.body)).toEqual(['exp', 'mul', 'sum', 'tanh', 'square']);
    // Two numbers of x, seven of `all`, seven of its square.
    expect(code.sizes.row).toBe(16);
    expectOwned(program);
  });

  test('so are parts that show the whole of another value', () => {
    const program = trace('tables', { x: { k: 2, n: 3 } }, ({ x }) => {
      const [first, second] = [ops.exp(x), ops.transpose(x)];
      const row = (table: Value): Value => ops.reshape(table, { k: 1, n: 6 });
      return { all: ops.concat([row(first), row(second)]), first };
    });
    const code = compile(program);
    expect(opNamesOf(code.body)).toEqual(['exp', 'transpose']);
    expect(code.sizes.row).toBe(18);
    expectOwned(program);
  });

  test('a value is put into one concat only, by whatever view', () => {
    const program = trace('twice', { x: { k: 2, n: 2 } }, ({ x }) => {
      const y = ops.exp(x);
      const [flat, turned] = [ops.reshape(y, { k: 1, n: 4 }), ops.stopGradient(y)];
      return { a: ops.concat([flat, ops.reshape(turned, { k: 1, n: 4 })]), b: ops.concat([flat]) };
    });
    expect(opNamesOf(compile(program).body)).toEqual(['exp', 'concat']);
    expectOwned(program);
  });

  test('a concat of what lies elsewhere is a copy', () => {
    const program = trace('twice', { x: 2 }, ({ x }) => {
      const y = ops.exp(x);
      return { a: ops.concat([y, y]), b: ops.concat([x, y]), c: ops.concat([ops.slice(y, 0, 1), y]) };
    });
    expect(opNamesOf(compile(program).body)).toEqual(['exp', 'concat', 'concat', 'concat']);
    expectOwned(program);
  });

  test('no instruction reads what another has overwritten', () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const { program } = cook(recipe);
        expectOwned(program);
        expectOwned(vjp(program));
      }),
      { numRuns: 100, seed: 50 },
    );
  });
});

describe('bytecode', () => {
  test('instructions are what the documentation of CompiledProgram says', () => {
    const program = trace('words', { x: 3, z: 1 }, ({ x, z }) => ({ y: ops.take(ops.mul(x, z), [2, 0]) }));
    const code = compile(program);
    expect([...code.body]).toEqual([6, 34, 2, 2, 0, 1, 7, 50, 1, 3, 2, 2, 0]);
    const row = spaces.indexOf('row');
    expect([...code.values]).toEqual([row, 0, 1, 3, row, 3, 1, 1, row, 4, 1, 3, row, 7, 1, 2]);
  });

  test('every value lies within its space', () => {
    fc.assert(
      fc.property(recipes, (recipe) => {
        const code = compile(vjp(cook(recipe).program));
        for (let i = 0; i < code.values.length; i += 4) {
          const [space, offset, k, n] = code.values.subarray(i, i + 4);
          expect(offset).toBeGreaterThanOrEqual(0);
          expect(offset! + k! * n!).toBeLessThanOrEqual(code.sizes[spaces[space!] as Space]);
        }
      }),
      { numRuns: 50, seed: 51 },
    );
  });
});

/**
 * Runs the body with, in place of numbers, the names of the values that were written: every instruction must find
 * in the registers of its inputs what those values are, and outputs must be there in the end.
 */
function expectOwned(program: Program): void {
  const code = compile(program);
  const memory = new Array<string>(code.sizes.row).fill('nothing');
  const numbered = operationsOf(program);
  const write = (value: Value, offset: number): void => {
    contentOf(value).forEach((name, i) => (memory[offset + i] = name));
  };
  const read = (value: Value, offset: number): void => {
    expect(memory.slice(offset, offset + value.k * value.n)).toEqual(contentOf(value));
  };
  const offsetOf = (index: number): number => code.values[4 * index + 1]!;
  program.inputs.forEach((x, i) => write(x, code.inputs[i]!.location.offset));
  expect(instructions(code.body)).toHaveLength(numbered.length);
  instructions(code.body).forEach(([, count, out, ...inputs], i) => {
    const node = numbered[i]!;
    node.inputs.slice(0, count).forEach((x, j) => {
      if (x.level === 'row') read(x, offsetOf(inputs[j]!));
    });
    if (node.level === 'row') write(node, offsetOf(out!));
  });
  for (const [name, value] of Object.entries(program.outputs)) {
    const port = code.outputs.find((x) => x.name === name)!;
    if (value.level === 'row') read(value, port.location.offset);
  }
}

/** The values of the body that have an instruction, in the order in which they run. */
function operationsOf(program: Program): OperationValue[] {
  const operations = program.values.filter((x) => x.kind === 'operation');
  const body = schedule(operations.filter((x) => x.level === 'row' || isSum(x)));
  const kept = Object.values(program.outputs).filter((x) => x.level === 'row');
  const { aliases } = allocate(
    program.inputs,
    body.filter((x) => !isSum(x)),
    body,
    kept,
  );
  return body.filter((x) => !aliases.has(x));
}

function isSum(value: OperationValue): boolean {
  return value.op === 'total' || value.op === 'outerTotal';
}

/** A name for each number of a value; those of views and of concats are the names of what they show. */
function contentOf(value: Value): string[] {
  const own = Array.from({ length: value.k * value.n }, (_, i) => `${value.id}:${i}`);
  if (value.kind !== 'operation' || value.level !== 'row') return own;
  const ofRow = value.inputs.every((x) => x.level === 'row');
  if (value.op === 'concat' && value.k === 1) return value.inputs.flatMap(contentOf);
  if ((value.op === 'reshape' || value.op === 'stopGradient') && ofRow) return contentOf(value.inputs[0]!);
  if (value.op !== 'slice' || value.k !== 1 || !ofRow) return own;
  const { start } = value.attributes as { start: number };
  return contentOf(value.inputs[0]!).slice(start, start + value.n);
}
