import type { OperationValue, Program, Value } from '../../program/index.ts';
import type { ParameterData } from '../types.ts';
import { Layout } from './layout.ts';
import type { Operand } from './layout.ts';
import type { Runtime } from './load.ts';
import { planOf } from './plan.ts';
import type { Instruction, Plan } from './plan.ts';
import type { Prologue } from './prologue.ts';
import { residents } from './residents.ts';
import type { Resident } from './residents.ts';
import { checkParameters, Sums } from './sums.ts';
import { kernel, numbersOf } from './tensors.ts';
import type { Tensor, Tf } from './tensors.ts';

/** Numbers that the ops of a body make at one go: what bounds the memory, and the time until other work gets its turn. */
const mostWork = 2 ** 24;

/** A call of a program as it begins: its parameters copied, its prologue run. */
export class Snapshot {
  readonly plan: Plan;
  readonly prologue: Prologue;
  readonly #trained: number;
  #sums: Sums | null = null;

  constructor(program: Program, parameters: ParameterData) {
    this.plan = planOf(program);
    checkParameters(this.plan.sizes, parameters);
    this.prologue = residents.prologueOf(this.plan, parameters);
    this.#trained = parameters.trained.length;
  }

  get program(): Program {
    return this.plan.program;
  }

  /** How many rows are computed together. */
  get rowsAtOnce(): number {
    return Math.max(1, Math.floor(mostWork / this.plan.work));
  }

  /** Most programs have none. */
  get sums(): Sums {
    this.#sums ??= new Sums(this.prologue);
    return this.#sums;
  }

  /** What the epilogue makes of the sums. */
  gradient(): Float64Array {
    return this.sums.gradient(this.#trained);
  }
}

/** What a body gives. */
export interface BodyResult {
  /** Rows by name. */
  readonly outputs: Record<string, Tensor>;
  /** Sums over the rows, in the order of the plan. */
  readonly totals: Tensor[];
}

/** Runs a program on tensors. */
export class Machine {
  readonly #runtime: Runtime;
  readonly #snapshot: Snapshot;
  readonly #resident: Resident;

  /** `withMachine` makes them. */
  constructor(runtime: Runtime, snapshot: Snapshot, resident: Resident) {
    this.#runtime = runtime;
    this.#snapshot = snapshot;
    this.#resident = resident;
  }

  /** The rows' instructions. To be called within a `tidy` that returns what shall live on. */
  body(rows: number, inputs: Readonly<Record<string, Tensor>>): BodyResult {
    const { program, body, shared } = this.#snapshot.plan;
    const layout = new Layout(this.#runtime.tf, rows);
    const tensors = new Map(this.#resident.tensors);
    for (const input of program.inputs) tensors.set(input, inputs[input.name]!);
    for (const instruction of body) {
      tensors.set(instruction.value, this.#make(layout, instruction, tensors));
      for (const value of instruction.last) tensors.get(value)!.dispose();
    }
    const outputs = Object.entries(program.outputs).map(([name, value]): [string, Tensor] => {
      const tensor = tensors.get(value)!;
      if (value.level !== 'row') return [name, layout.widened({ value, tensor }, value)];
      return [name, value.kind === 'input' ? layout.tf.clone(tensor) : tensor];
    });
    return {
      outputs: Object.fromEntries(outputs),
      totals: shared.totals.map((value) => tensors.get(value)!),
    };
  }

  /** Adds what a body has summed to the sums of the call. */
  async addTotals(totals: readonly Tensor[]): Promise<void> {
    if (totals.length === 0) return;
    const { plan, sums } = this.#snapshot;
    const numbers = await Promise.all(totals.map(numbersOf));
    numbers.forEach((part, i) => sums.add(plan.shared.totals[i]!, part));
  }

  #make(layout: Layout, { node, bias }: Instruction, tensors: ReadonlyMap<Value, Tensor>): Tensor {
    const { tf, rules } = this.#runtime;
    const operands = node.inputs.map((value): Operand => ({ value, tensor: tensors.get(value)! }));
    if (bias !== null) {
      const [a, b] = operands;
      return layout.shaped(
        biasedProduct(tf, layout.flat(a!), b!.tensor, this.#resident.biases.get(bias)!),
        node,
      );
    }
    // Values without features have nothing to compute, and what is made of nothing is zero.
    if (node.k * node.n === 0 || operands.every(({ value }) => value.k * value.n === 0)) {
      return isSum(node)
        ? tf.zeros([node.k, node.n])
        : tf.zeros(node.k === 1 ? [layout.rows, node.n] : [layout.rows, node.k, node.n]);
    }
    const rule = rules[node.op] as (...given: unknown[]) => Tensor;
    return rule(layout, operands, node.attributes, node);
  }
}

/** Does `work` with a machine whose parameters are on the device. */
export function withMachine<T>(
  runtime: Runtime,
  snapshot: Snapshot,
  work: (machine: Machine) => Promise<T>,
): Promise<T> {
  const { plan, prologue } = snapshot;
  return residents.during(runtime, plan, prologue, (resident) =>
    work(new Machine(runtime, snapshot, resident)),
  );
}

/** a b, and the bias on each row of it, as tf.fused.matMul has it. */
function biasedProduct(tf: Tf, a: Tensor, b: Tensor, bias: Tensor): Tensor {
  const [left, right] = [a, b].map((x) => tf.reshape(x, [1, ...x.shape]));
  const how = { transposeA: false, transposeB: false, activation: 'linear' };
  return kernel(tf, '_FusedMatMul', { a: left!, b: right!, bias }, how);
}

function isSum({ op }: OperationValue): boolean {
  return op === 'total' || op === 'outerTotal';
}
