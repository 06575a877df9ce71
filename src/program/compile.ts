import { allocate } from './allocate.ts';
import { opTable, ruleOf } from './ops/table.ts';
import type { Program } from './program.ts';
import { schedule } from './schedule.ts';
import { size } from './value.ts';
import type { ConstantValue, OperationValue, ParameterValue, Shape, Value } from './value.ts';

/**
 * The memory spaces of a compiled program. `row` is per row (rows lie in the lanes of the fast engines);
 * all others are shared by the rows of a call.
 */
export const spaces = ['constant', 'trained', 'state', 'prologue', 'row', 'total', 'epilogue'] as const;
/** The memories that a compiled program works on. */
export type Space = (typeof spaces)[number];

/** Where a value lies: `offset` numbers into its space (for `row`: numbers per row). */
export interface Location extends Shape {
  readonly space: Space;
  readonly offset: number;
}

/** Where an input goes in or an output comes out. */
export interface Port {
  readonly name: string;
  readonly location: Location;
}

/** Where the gradient of one parameter comes out. */
export interface GradientPort {
  readonly parameter: ParameterValue;
  readonly location: Location;
}

/**
 * A program as engines run it. `values` holds four whole numbers for each value: space, offset, k, n.
 * A section is a run of instructions: length, op code, number of inputs, output value, input values,
 * attributes; `length` counts all of them. Value numbers index `values` by four.
 */
export interface CompiledProgram {
  readonly name: string;
  readonly values: Int32Array;
  readonly constants: Float64Array;
  readonly prologue: Int32Array;
  readonly body: Int32Array;
  readonly epilogue: Int32Array;
  /** Numbers in each space; `row` counts numbers per row. */
  readonly sizes: Readonly<Record<Space, number>>;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly gradients: readonly GradientPort[];
}

const compiled = new WeakMap<Program, CompiledProgram>();

/**
 * The bytecode of a program with the places of its values in memory, which all engines run. Computed once for each
 * program and kept.
 */
export function compile(program: Program): CompiledProgram {
  let result = compiled.get(program);
  if (result === undefined) {
    result = assemble(program);
    compiled.set(program, result);
  }
  return result;
}

function assemble(program: Program): CompiledProgram {
  const locations = new Map<Value, Location>();
  const sizes: Record<Space, number> = {
    constant: 0,
    trained: 0,
    state: 0,
    prologue: 0,
    row: 0,
    total: 0,
    epilogue: 0,
  };
  const place = (value: Value, space: Space): void => {
    const { k, n } = value;
    locations.set(value, { space, offset: sizes[space], k, n });
    sizes[space] += size(value);
  };

  const constants = program.values.filter((x): x is ConstantValue => x.kind === 'constant');
  for (const value of constants) place(value, 'constant');
  for (const value of program.values) {
    if (value.kind !== 'parameter') continue;
    const { k, n, offset, store } = value;
    locations.set(value, { space: store, offset, k, n });
    sizes[store] = Math.max(sizes[store], offset + size(value));
  }

  const operations = program.values.filter((x): x is OperationValue => x.kind === 'operation');
  const prologue = operations.filter((x) => x.level === 'parameter');
  const body = schedule(operations.filter((x) => x.level === 'row' || isSum(x)));
  const epilogue = operations.filter((x) => x.level === 'total' && !isSum(x));
  for (const value of prologue) place(value, 'prologue');
  for (const value of body.filter(isSum)) place(value, 'total');
  for (const value of epilogue) place(value, 'epilogue');

  const kept = Object.values(program.outputs).filter((x) => x.level === 'row');
  const rows = allocate(
    program.inputs,
    body.filter((x) => !isSum(x)),
    body,
    kept,
  );
  sizes.row = rows.size;
  for (const [value, offset] of rows.offsets) {
    locations.set(value, { space: 'row', offset, k: value.k, n: value.n });
  }

  const numbers = new Map([...locations.keys()].map((value, i) => [value, i]));
  const live = (node: OperationValue): boolean => !rows.aliases.has(node);
  return {
    name: program.name,
    values: Int32Array.from(
      [...locations.values()].flatMap((x) => [spaces.indexOf(x.space), x.offset, x.k, x.n]),
    ),
    constants: Float64Array.from(constants.flatMap((x) => [...x.data])),
    prologue: encode(prologue, numbers),
    body: encode(body.filter(live), numbers),
    epilogue: encode(epilogue, numbers),
    sizes,
    inputs: program.inputs.map((x) => ({ name: x.name, location: locations.get(x)! })),
    outputs: Object.entries(program.outputs).map(([name, x]) => ({ name, location: locations.get(x)! })),
    gradients: program.gradients.map(({ parameter, value }) => ({
      parameter,
      location: locations.get(value)!,
    })),
  };
}

/** The two ops that add up over rows: they run in the body, and their results belong to the call. */
function isSum(node: OperationValue): boolean {
  return node.op === 'total' || node.op === 'outerTotal';
}

function encode(nodes: readonly OperationValue[], numbers: ReadonlyMap<Value, number>): Int32Array {
  return Int32Array.from(
    nodes.flatMap((node) => {
      const inputs = node.inputs.map((x) => numbers.get(x)!);
      const attributes = ruleOf(node.op).encode(node.attributes);
      const words = [opTable[node.op].code, inputs.length, numbers.get(node)!, ...inputs, ...attributes];
      return [words.length + 1, ...words];
    }),
  );
}
