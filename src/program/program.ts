import { LiouvilleError } from '../errors.ts';
import { pullback, pushforward } from './derivatives.ts';
import { reachable } from './graph.ts';
import { printProgram } from './print.ts';
import { simplify } from './simplify.ts';
import { input, shapeText, zeros } from './value.ts';
import type { InputValue, ParameterValue, Shape, Value } from './value.ts';

/** The values that a program gives for every row. */
export type Outputs = Readonly<Record<string, Value>>;

/** The gradient of one trained parameter: a sum over all rows. */
export interface Gradient {
  readonly parameter: ParameterValue;
  readonly value: Value;
}

/**
 * A row program: straight-line code over the features of one row and the shared parameters. It is immutable;
 * `jvp` and `vjp` make new programs of it.
 */
export class Program {
  readonly name: string;
  readonly inputs: readonly InputValue[];
  readonly outputs: Outputs;
  readonly gradients: readonly Gradient[];
  /** Everything that is computed, inputs before users. */
  readonly values: readonly Value[];

  constructor(
    name: string,
    inputs: readonly InputValue[],
    outputs: Outputs,
    gradients: readonly Gradient[] = [],
  ) {
    const results = simplify([...Object.values(outputs), ...gradients.map((g) => g.value)]);
    this.name = name;
    this.inputs = inputs;
    this.outputs = Object.fromEntries(Object.keys(outputs).map((key, i) => [key, results[i]!]));
    const first = Object.keys(outputs).length;
    this.gradients = gradients.map((g, i) => ({ parameter: g.parameter, value: results[first + i]! }));
    this.values = reachable(results);
    this.#check();
  }

  /** The trained parameters that are read, in the order of first use. */
  trainedParameters(): ParameterValue[] {
    return this.values.filter((x) => x.kind === 'parameter').filter((x) => x.store === 'trained');
  }

  toString(): string {
    return printProgram(this);
  }

  #check(): void {
    const names = new Set(this.inputs.map((x) => x.name));
    if (names.size !== this.inputs.length) {
      throw new LiouvilleError('invalid-argument', `${this.name}: two inputs have the same name.`);
    }
    const stray = this.values.filter((x) => x.kind === 'input').find((x) => !this.inputs.includes(x));
    if (stray !== undefined) {
      const other = names.has(stray.name) ? ' Another one has that name.' : '';
      throw new LiouvilleError(
        'invalid-argument',
        `${this.name}: '${stray.name}' is used but is not an input.${other}`,
      );
    }
    const parameters = this.values.filter((x) => x.kind === 'parameter');
    const known = new Set<string>();
    for (const { store, name } of parameters) {
      if (known.has(`${store} ${name}`)) {
        throw new LiouvilleError(
          'invalid-argument',
          `${this.name}: two parameters are named '${name}'; a program reads the tables of one model.`,
        );
      }
      known.add(`${store} ${name}`);
    }
    for (const [key, value] of Object.entries(this.outputs)) {
      if (value.level === 'total') {
        throw new LiouvilleError(
          'invalid-argument',
          `${this.name}: output '${key}' is a sum over rows, not a row.`,
        );
      }
    }
  }
}

/** A row input's width, or its shape when each row brings a matrix. */
export type InputShape = number | Shape;

/**
 * Traces a program: `build` is called once with symbolic inputs.
 *
 * @example
 * const norm = trace('norm', { x: 3 }, ({ x }) => ({ y: ops.sqrt(ops.sum(ops.square(x), 'n')) }));
 */
export function trace<N extends string>(
  name: string,
  inputs: Readonly<Record<N, InputShape>>,
  build: (inputs: Readonly<Record<N, Value>>) => Outputs,
): Program {
  const leaves = Object.entries<InputShape>(inputs).map(([key, shape]) =>
    typeof shape === 'number' ? input(key, shape) : input(key, shape.n, shape.k),
  );
  const byName = Object.fromEntries(leaves.map((x) => [x.name, x])) as unknown as Record<N, Value>;
  return new Program(name, leaves, build(byName));
}

/**
 * The tangents of all outputs, `tangent/OUTPUT`, beside the outputs, for inputs `tangent/INPUT` added for
 * each input named in `wrt`. A program that has tangents already gets `tangent2/...`, `tangent3/...`.
 */
export function jvp(program: Program, wrt: readonly string[]): Program {
  const prefix = tangentPrefix(program);
  const moving = wrt.map((name) => inputOf(program, name));
  const tangents = moving.map((x) => input(`${prefix}${x.name}`, x.n, x.k));
  const names = Object.keys(program.outputs);
  const results = pushforward(Object.values(program.outputs), moving, tangents);
  const outputs = Object.fromEntries(names.map((name, i) => [`${prefix}${name}`, results[i]!]));
  return new Program(`jvp of ${program.name}`, [...program.inputs, ...tangents], {
    ...program.outputs,
    ...outputs,
  });
}

const transposed = new WeakMap<Program, Program>();
const transposedWithOutputs = new WeakMap<Program, Program>();
const transposedWithoutTime = new WeakMap<Program, Program>();

/** `vjp`, with the outputs of the program itself beside the cotangents: both in one pass. */
export function vjpWithOutputs(program: Program): Program {
  const known = transposedWithOutputs.get(program);
  if (known !== undefined) return known;
  const { inputs, outputs, gradients } = vjp(program);
  const result = new Program(
    `${program.name} and its vjp`,
    inputs,
    { ...program.outputs, ...outputs },
    gradients,
  );
  transposedWithOutputs.set(program, result);
  return result;
}

/**
 * The transposed program: inputs `cotangent/OUTPUT` are added for each output; its outputs are
 * `cotangent/INPUT` for each input, and the gradients of all trained parameters, summed over the rows.
 */
export function vjp(program: Program): Program {
  const known = transposed.get(program);
  if (known !== undefined) return known;
  const cotangents = Object.entries(program.outputs).map(([name, y]) => input(`cotangent/${name}`, y.n, y.k));
  const parameters = program.trainedParameters();
  const wrt: Value[] = [...program.inputs, ...parameters];
  const results = pullback(Object.values(program.outputs), wrt, cotangents);
  const outputs = Object.fromEntries(program.inputs.map((x, i) => [`cotangent/${x.name}`, results[i]!]));
  const gradients = parameters.map((parameter, i) => ({
    parameter,
    value: results[program.inputs.length + i]!,
  }));
  const result = new Program(
    `vjp of ${program.name}`,
    [...program.inputs, ...cotangents],
    outputs,
    gradients,
  );
  transposed.set(program, result);
  return result;
}

/**
 * `vjp` of a field dy = f(t, y, ...) for those who do not ask for the cotangent of t: it is zero, and nothing is
 * computed for it.
 */
export function vjpWithoutTime(field: Program): Program {
  const known = transposedWithoutTime.get(field);
  if (known !== undefined) return known;
  const { name, inputs, outputs, gradients } = vjp(field);
  const time = zeros(inputOf(field, 't'));
  const result = new Program(name, inputs, { ...outputs, 'cotangent/t': time }, gradients);
  transposedWithoutTime.set(field, result);
  return result;
}

/** One that no input or output has, so that tangents of tangents are told apart. */
function tangentPrefix(program: Program): string {
  const names = [...program.inputs.map((x) => x.name), ...Object.keys(program.outputs)];
  for (let level = 1; ; level++) {
    const prefix = level === 1 ? 'tangent/' : `tangent${level}/`;
    if (!names.some((name) => name.startsWith(prefix))) return prefix;
  }
}

function inputOf(program: Program, name: string): InputValue {
  const found = program.inputs.find((x) => x.name === name);
  if (found !== undefined) return found;
  const known = program.inputs.map((x) => `${x.name} ${shapeText(x)}`).join(', ');
  throw new LiouvilleError('unknown-name', `${program.name} has no input '${name}'. Inputs: ${known}.`);
}
