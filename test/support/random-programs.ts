import * as fc from 'fast-check';
import type { Columns, Precision, PullbackResult } from '../../src/engine/index.ts';
import {
  Program,
  constant,
  identity,
  input,
  modelTables,
  ops,
  pullback,
  scalar,
} from '../../src/program/index.ts';
import type { InputValue, Op, ParameterValue, Shape, Value } from '../../src/program/index.ts';
import { drawn } from './cases/case.ts';
import { between, draws, numbers } from './numbers.ts';
import { Oracle } from './oracle.ts';
import type { Data } from './oracle.ts';
import { each } from './oracle-ops.ts';
import type { Grid } from './oracle-ops.ts';

/** A list of numbers from which a program is made; any list makes one, so that it can be made smaller. */
export interface Recipe {
  readonly seed: number;
  readonly steps: readonly { readonly op: RowOp; readonly picks: readonly number[] }[];
  readonly outputs: readonly number[];
}

export interface RandomProgram {
  readonly inputs: readonly InputValue[];
  readonly parameters: readonly ParameterValue[];
  /** As they were traced, before anything was simplified. */
  readonly outputs: Readonly<Record<string, Value>>;
  /** The same as a program. */
  readonly program: Program;
  readonly data: Data;
}

/** What may stand in a program for a row; sums over rows come with transposition. */
type RowOp = Exclude<Op, 'total' | 'outerTotal' | 'stopGradient'>;

const rows = 3;
/** Values stay below this, so that what they are worth does not depend on the last digits. */
const largest = 20;
/** Operands stay so far from where a derivative jumps or an op is not defined. */
const gap = 1e-3;

const step = fc.record({
  op: fc.constantFrom<RowOp>(...(Object.keys(recipesOf()) as RowOp[])),
  picks: fc.array(fc.nat(999), { minLength: 6, maxLength: 6 }),
});

export const recipes: fc.Arbitrary<Recipe> = fc.record({
  seed: fc.nat(9999),
  steps: fc.array(step, { minLength: 1, maxLength: 25, size: 'max' }),
  outputs: fc.array(fc.nat(999), { minLength: 1, maxLength: 4 }),
});

/**
 * Makes the program of a recipe. A step whose result would be out of bounds is left out. Outputs are all
 * values that no other reads, and a few more.
 */
export function cook({ seed, steps, outputs }: Recipe, precision: Precision = 'float64'): RandomProgram {
  const inputs = [input('x', 4), input('z', 4, 2), input('s', 1)];
  const tables = modelTables();
  const parameters = [
    tables.trained.declare('weight', { k: 4, n: 4 }, drawn(between(-1, 1))),
    tables.trained.declare('bias', { k: 1, n: 4 }, drawn(between(-1, 1))),
  ];
  const random = numbers(seed);
  const held = (array: Float64Array): Float64Array =>
    precision === 'float32' ? array.map((x) => Math.fround(x)) : array;
  const columns = inputs.map((x) => [x.name, held(draws(rows * x.k * x.n, between(-2, 2), random))] as const);
  const data: Data = {
    parameters: { trained: held(tables.trained.initial(seed)), state: new Float64Array(0) },
    rows,
    inputs: Object.fromEntries(columns),
  };
  const constants = [
    scalar(0),
    scalar(1),
    scalar(-0.7),
    constant([0.5, -1, 2, 1], { k: 1, n: 4 }),
    identity(4),
  ];
  const pool: Value[] = [...inputs, ...parameters, ...constants];
  const oracle = new Oracle(data);
  const table = recipesOf();
  for (const { op, picks } of steps) {
    const result = table[op](new Choices(pool, picks));
    if (result !== null && isTame(result, oracle)) pool.push(result);
  }
  const read = new Set(pool.flatMap((x) => (x.kind === 'operation' ? x.inputs : [])));
  const results = pool.filter((x) => x.kind === 'operation' && !read.has(x));
  const chosen = [...results, ...outputs.map((pick) => pool[pick % pool.length]!)];
  const named = Object.fromEntries(chosen.map((x, i) => [`y${i}`, x]));
  return { inputs, parameters, outputs: named, program: new Program('random', inputs, named), data };
}

/** The cotangents of a random program, by transposing and running what was traced. */
export function transposedOracle(
  { inputs, parameters, outputs, data }: RandomProgram,
  cotangents: Columns,
): PullbackResult {
  const leaves = Object.entries(outputs).map(([name, y]) => input(`cotangent/${name}`, y.n, y.k));
  const named = Object.fromEntries(
    leaves.map(({ name }, i) => [name, cotangents[Object.keys(outputs)[i]!]!]),
  );
  const oracle = new Oracle({ ...data, inputs: { ...data.inputs, ...named } });
  const results = pullback(Object.values(outputs), [...inputs, ...parameters], leaves);
  const gradient = new Float64Array(data.parameters.trained.length);
  parameters.forEach(({ offset }, i) =>
    gradient.set(oracle.at(results[inputs.length + i]!, 0).flat(), offset),
  );
  return {
    cotangents: Object.fromEntries(inputs.map(({ name }, i) => [name, oracle.rows(results[i]!)])),
    gradient,
  };
}

/** Reads one step of a recipe. */
class Choices {
  readonly #pool: readonly Value[];
  readonly #picks: readonly number[];
  #next = 0;

  constructor(pool: readonly Value[], picks: readonly number[]) {
    this.#pool = pool;
    this.#picks = picks;
  }

  /** A whole number from 0 to count - 1. */
  below(count: number): number {
    return this.#picks[this.#next++ % this.#picks.length]! % count;
  }

  /** A value that fits; the newest are the likeliest. */
  value(fits: (x: Value) => boolean = () => true): Value | null {
    const found = this.#pool.filter(fits).toReversed();
    return found[Math.floor((this.below(1000) / 1000) ** 2 * found.length)] ?? null;
  }

  /** The same, or something positive made of it. */
  positive(): Value {
    const x = this.value()!;
    return this.below(2) === 0 ? x : ops.add(ops.square(x), 0.5);
  }
}

function recipesOf(): { readonly [P in RowOp]: (choices: Choices) => Value | null } {
  return {
    neg: (c) => ops.neg(c.value()!),
    exp: (c) => ops.exp(c.value()!),
    expm1: (c) => ops.expm1(c.value()!),
    log: (c) => ops.log(c.positive()),
    log1p: (c) => ops.log1p(c.positive()),
    tanh: (c) => ops.tanh(c.value()!),
    sigmoid: (c) => ops.sigmoid(c.value()!),
    softplus: (c) => ops.softplus(c.value()!),
    relu: (c) => ops.relu(c.value()!),
    step: (c) => ops.step(c.value()!),
    sqrt: (c) => ops.sqrt(c.positive()),
    square: (c) => ops.square(c.value()!),
    reciprocal: (c) => ops.reciprocal(c.positive()),
    sin: (c) => ops.sin(c.value()!),
    cos: (c) => ops.cos(c.value()!),
    abs: (c) => ops.abs(c.value()!),
    sign: (c) => ops.sign(c.value()!),
    erf: (c) => ops.erf(c.value()!),
    add: (c) => pair(c, ops.add),
    sub: (c) => pair(c, ops.sub),
    mul: (c) => pair(c, ops.mul),
    div: (c) => pair(c, ops.div),
    max: (c) => pair(c, ops.max),
    min: (c) => pair(c, ops.min),
    less: (c) => pair(c, ops.less),
    where(c) {
      const condition = c.value()!;
      return pair(c, (a, b) =>
        broadcasts(condition, a) && broadcasts(condition, b) ? ops.where(condition, a, b) : null,
      );
    },
    slice(c) {
      const x = c.value()!;
      const start = c.below(x.n);
      return ops.slice(x, start, 1 + c.below(x.n - start));
    },
    concat(c) {
      const first = c.value()!;
      const second = c.value((x) => x.k === first.k)!;
      const third = c.value((x) => x.k === first.k)!;
      return ops.concat(c.below(2) === 0 ? [first, second] : [first, second, third]);
    },
    take(c) {
      const x = c.value()!;
      return ops.take(
        x,
        Array.from({ length: 1 + c.below(5) }, () => c.below(x.n)),
      );
    },
    scatter(c) {
      const x = c.value()!;
      const n = 1 + c.below(6);
      return ops.scatter(
        x,
        Array.from({ length: x.n }, () => c.below(n)),
        n,
      );
    },
    pad: (c) => ops.pad(c.value()!, c.below(3), c.below(3)),
    broadcast(c) {
      const x = c.value()!;
      const k = x.k === 1 ? 1 + c.below(3) : x.k;
      return ops.broadcast(x, { k, n: x.n === 1 ? 1 + c.below(4) : x.n });
    },
    reshape(c) {
      const x = c.value()!;
      const sizes = Array.from({ length: x.k * x.n }, (_, i) => i + 1).filter((k) => (x.k * x.n) % k === 0);
      const k = sizes[c.below(sizes.length)]!;
      return ops.reshape(x, { k, n: (x.k * x.n) / k });
    },
    transpose: (c) => ops.transpose(c.value()!),
    sum: (c) => ops.sum(c.value()!, c.below(2) === 0 ? 'n' : 'k'),
    cumsum: (c) => ops.cumsum(c.value()!, c.below(2) === 0),
    largest: (c) => ops.largest(c.value()!, c.below(2) === 0 ? 'n' : 'k'),
    inverseLogDet: (c) => ops.inverseLogDet(c.value((x) => x.k === x.n)!),
    matmul(c) {
      const form = (['nt', 'nn', 'tn'] as const)[c.below(3)]!;
      const a = c.value()!;
      const b = c.value((x) => (form === 'nt' ? x.n === a.n : form === 'nn' ? x.k === a.n : x.k === a.k));
      return b === null ? null : ops.matmul(a, b, form);
    },
    triangularSolve(c) {
      const T = c.value((x) => x.k === x.n)!;
      const x = c.value((value) => value.n === T.n);
      const [upper, transposed, unit] = [c.below(2) === 0, c.below(2) === 0, c.below(2) === 0];
      return x === null ? null : ops.triangularSolve(T, x, { upper, transposed, unit });
    },
  };
}

function pair(c: Choices, make: (a: Value, b: Value) => Value | null): Value | null {
  const a = c.value()!;
  const b = c.value((x) => broadcasts(a, x))!;
  return c.below(2) === 0 ? make(a, b) : make(b, a);
}

function broadcasts(a: Shape, b: Shape): boolean {
  return (a.k === b.k || a.k === 1 || b.k === 1) && (a.n === b.n || a.n === 1 || b.n === 1);
}

/** Whether a new value is small, and its operands far from where its op is not smooth, in every row. */
function isTame(value: Value, oracle: Oracle): boolean {
  if (value.kind !== 'operation' || value.k * value.n > 24) return false;
  return Array.from({ length: rows }, (_, row) => row).every((row) => {
    const operands = value.inputs.map((x) => oracle.at(x, row));
    return (
      isSmooth(value.op, operands) &&
      oracle
        .at(value, row)
        .flat()
        .every((x) => Math.abs(x) <= largest)
    );
  });
}

function isSmooth(op: Op, [a, b]: readonly Grid[]): boolean {
  const all = (x: Grid, holds: (value: number) => boolean): boolean => x.flat().every(holds);
  switch (op) {
    case 'relu':
    case 'step':
    case 'abs':
    case 'sign':
    case 'where':
      return all(a!, (x) => Math.abs(x) > gap);
    case 'max':
    case 'min':
    case 'less':
      return all(
        each((x, y) => x - y, a!, b!),
        (x) => Math.abs(x) > gap,
      );
    case 'log':
    case 'sqrt':
      return all(a!, (x) => x > 0.2);
    case 'log1p':
      return all(a!, (x) => x > -0.8);
    case 'reciprocal':
      return all(a!, (x) => Math.abs(x) > 0.2);
    case 'div':
      return all(b!, (x) => Math.abs(x) > 0.2);
    case 'triangularSolve':
      return a!.every((row, i) => Math.abs(row[i]!) > 0.2);
    case 'inverseLogDet':
      return a!.every((row, i) => 2 * Math.abs(row[i]!) > 0.2 + row.reduce((sum, x) => sum + Math.abs(x), 0));
    case 'largest':
      return hasGaps(a!) && hasGaps(a![0]!.map((_, i) => a!.map((row) => row[i]!)));
    default:
      return true;
  }
}

/** No two numbers of a row are near each other. */
function hasGaps(x: Grid): boolean {
  return x.every((row) => {
    const sorted = row.toSorted((a, b) => a - b);
    return sorted.every((value, i) => i === 0 || value - sorted[i - 1]! > gap);
  });
}
