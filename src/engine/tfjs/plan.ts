import { compile, identity } from '../../program/index.ts';
import type { ConstantValue, OperationValue, Program, Value } from '../../program/index.ts';
import { apply } from '../../program/functions.ts';
import { schedule } from '../../program/schedule.ts';
import type { SharedValues } from './sums.ts';

/** One op on tensors. */
export interface Instruction {
  /** The value that it makes, for those that read it. */
  readonly value: OperationValue;
  /** How it is made: the op itself, or one of the same meaning that tensors are better at. */
  readonly node: OperationValue;
  /** A value that all rows share, added to each row of a product in the same kernel. */
  readonly bias: Value | null;
  /** The results that nobody reads after it. */
  readonly last: readonly Value[];
}

/** A program as the engine runs it. */
export interface Plan {
  readonly program: Program;
  readonly shared: SharedValues;
  /** The shared values that become tensors. */
  readonly uploads: readonly Value[];
  /** Those that are added to a product in its kernel. */
  readonly biases: readonly Value[];
  readonly body: readonly Instruction[];
  /** Numbers that the body makes for each row. */
  readonly work: number;
  /** Parameters that there have to be. */
  readonly sizes: Readonly<Record<'trained' | 'state', number>>;
}

const plans = new WeakMap<Program, Plan>();

/** The plan of a program, made once. */
export function planOf(program: Program): Plan {
  let plan = plans.get(program);
  if (plan === undefined) {
    plan = makePlan(program);
    plans.set(program, plan);
  }
  return plan;
}

function makePlan(program: Program): Plan {
  const operations = program.values.filter((x): x is OperationValue => x.kind === 'operation');
  const rows = schedule(operations.filter((x) => x.level === 'row' || isSum(x)));
  const more = new Extra();
  const kept = new Set<Value>(Object.values(program.outputs));
  const nodes = joinBiases(rows, kept).map(({ value, node, bias }) => ({
    value,
    bias,
    node: more.rewritten(node),
  }));
  const sums = rows.filter(isSum);
  const shared: SharedValues = {
    leaves: [
      ...program.values.filter((x) => x.kind === 'constant' || x.kind === 'parameter'),
      ...more.constants,
    ],
    prologue: [...operations.filter((x) => !isRow(x) && x.level !== 'total'), ...more.prologue],
    totals: sums,
    epilogue: operations.filter((x) => x.level === 'total' && !isSum(x)),
    gradients: program.gradients,
  };
  const uploads = [...nodes.flatMap(({ node }) => node.inputs), ...kept].filter((x) => !isRow(x));
  const biases = nodes.flatMap(({ bias }) => (bias === null ? [] : [bias]));
  return {
    program,
    shared,
    uploads: [...new Set(uploads)],
    biases: [...new Set(biases)],
    body: withLastUses(nodes, new Set([...kept, ...sums])),
    work: rows.reduce((sum, { k, n }) => sum + k * n, 1),
    sizes: compile(program).sizes,
  };
}

/** The two ops that add up over rows. */
function isSum({ op }: OperationValue): boolean {
  return op === 'total' || op === 'outerTotal';
}

function isRow(x: Value): boolean {
  return x.level === 'row';
}

type Bare = Omit<Instruction, 'last'>;

/** A product with a shared matrix to which one shared row is added becomes one kernel, as backends have it. */
function joinBiases(rows: readonly OperationValue[], kept: ReadonlySet<Value>): Bare[] {
  const users = new Map<Value, number>();
  for (const node of rows) for (const x of node.inputs) users.set(x, (users.get(x) ?? 0) + 1);
  const joined = new Set<Value>();
  const made = rows.map((value): Bare => {
    const [a, b] = value.inputs;
    for (const [product, bias] of [
      [a, b],
      [b, a],
    ]) {
      if (value.op !== 'add' || product?.kind !== 'operation' || bias === undefined) continue;
      const [left, matrix] = product.inputs;
      const fits =
        product.op === 'matmul' &&
        isRow(left!) &&
        !isRow(matrix!) &&
        (product.attributes as { form: string }).form !== 'tn' &&
        !isRow(bias) &&
        bias.k === 1 &&
        bias.n === product.n;
      if (!fits || users.get(product) !== 1 || kept.has(product)) continue;
      joined.add(product);
      return { value, node: product, bias };
    }
    return { value, node: value, bias: null };
  });
  return made.filter(({ value }) => !joined.has(value));
}

/** Shared values that are not in the program, and are there so that the body becomes simpler. */
class Extra {
  readonly prologue: OperationValue[] = [];
  readonly constants: ConstantValue[] = [];
  readonly #transposes = new Map<Value, OperationValue>();

  rewritten(node: OperationValue): OperationValue {
    const [a, b] = node.inputs;
    // Backends have their fast product where neither side is transposed.
    if (
      node.op === 'matmul' &&
      isRow(a!) &&
      !isRow(b!) &&
      (node.attributes as { form: string }).form === 'nt'
    ) {
      return apply('matmul', [a!, this.#transposed(b!)], { form: 'nn' });
    }
    // Row by row z T^T = x is a product with a matrix that is made once.
    if (node.op === 'triangularSolve' && !isRow(a!)) {
      const unit = identity(a!.n);
      const solved = apply('triangularSolve', [a!, unit], node.attributes as { upper: boolean });
      this.constants.push(unit);
      this.prologue.push(solved);
      return apply('matmul', [b!, solved], { form: 'nn' });
    }
    return node;
  }

  #transposed(x: Value): OperationValue {
    let transposed = this.#transposes.get(x);
    if (transposed === undefined) {
      transposed = apply('transpose', [x], {});
      this.#transposes.set(x, transposed);
      this.prologue.push(transposed);
    }
    return transposed;
  }
}

function withLastUses(nodes: readonly Bare[], kept: ReadonlySet<Value>): Instruction[] {
  const seen = new Set<Value>(kept);
  return nodes
    .toReversed()
    .map(({ value, node, bias }): Instruction => {
      const last = [value, ...node.inputs].filter((x) => x.kind === 'operation' && isRow(x) && !seen.has(x));
      for (const x of last) seen.add(x);
      return { value, node, bias, last: [...new Set(last)] };
    })
    .toReversed();
}
