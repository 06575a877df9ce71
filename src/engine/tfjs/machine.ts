import type { OperationValue, Program, Value } from '../../program/index.ts';
import type { ParameterData } from '../types.ts';
import { Layout } from './layout.ts';
import type { Operand } from './layout.ts';
import type { Runtime } from './load.ts';
import { planOf } from './plan.ts';
import type { Instruction, Plan } from './plan.ts';
import { checkParameters, Shared } from './shared.ts';
import { Held, numbersOf } from './tensors.ts';
import type { Tensor } from './tensors.ts';

/** Numbers that the ops of a body make at one go: what bounds the memory, and the time until other work gets its turn. */
const mostWork = 2 ** 24;

/** A call of a program as it begins: its parameters copied, its prologue run. */
export class Snapshot {
  readonly plan: Plan;
  readonly shared: Shared;

  constructor(program: Program, parameters: ParameterData) {
    this.plan = planOf(program);
    checkParameters(this.plan.sizes, parameters);
    this.shared = new Shared(this.plan.shared, parameters);
  }

  get program(): Program {
    return this.plan.program;
  }

  /** How many rows are computed together. */
  get rowsAtOnce(): number {
    return Math.max(1, Math.floor(mostWork / this.plan.work));
  }
}

/** What a body gives. */
export interface BodyResult {
  /** Rows by name. */
  readonly outputs: Record<string, Tensor>;
  /** Sums over the rows, in the order of the plan. */
  readonly totals: Tensor[];
}

/** Runs a program on tensors. `dispose` gives back what it holds on the device. */
export class Machine {
  readonly #runtime: Runtime;
  readonly #snapshot: Snapshot;
  readonly #held: Held;
  readonly #uploads: ReadonlyMap<Value, Tensor>;
  /** The same as vectors, where a kernel adds them to a product. */
  readonly #biases: ReadonlyMap<Value, Tensor>;

  constructor(runtime: Runtime, snapshot: Snapshot) {
    const { tf } = runtime;
    this.#runtime = runtime;
    this.#snapshot = snapshot;
    this.#held = new Held(tf);
    const upload = (value: Value, shape: number[]): [Value, Tensor] => {
      const data = new Float32Array(snapshot.shared.read(value));
      return [value, this.#held.add(tf.tensor(data, shape))];
    };
    this.#uploads = new Map(snapshot.plan.uploads.map((value) => upload(value, [value.k, value.n])));
    this.#biases = new Map(snapshot.plan.biases.map((value) => upload(value, [value.n])));
  }

  dispose(): void {
    this.#held.dispose();
  }

  /** The rows' instructions. To be called within a `tidy` that returns what shall live on. */
  body(rows: number, inputs: Readonly<Record<string, Tensor>>): BodyResult {
    const { program, body, shared } = this.#snapshot.plan;
    const layout = new Layout(this.#runtime.tf, rows);
    const tensors = new Map<Value, Tensor>(this.#uploads);
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
    const { plan, shared } = this.#snapshot;
    const numbers = await Promise.all(totals.map(numbersOf));
    numbers.forEach((part, i) => shared.addTotal(plan.shared.totals[i]!, part));
  }

  #make(layout: Layout, { node, bias }: Instruction, tensors: ReadonlyMap<Value, Tensor>): Tensor {
    const { tf, rules } = this.#runtime;
    const operands = node.inputs.map((value): Operand => ({ value, tensor: tensors.get(value)! }));
    if (bias !== null) {
      const [a, b] = operands;
      const sum = tf.fused.matMul({
        a: layout.flat(a!),
        b: b!.tensor,
        transposeB: (node.attributes as { form: string }).form === 'nt',
        bias: this.#biases.get(bias)!,
      });
      return layout.shaped(sum, node);
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

function isSum({ op }: OperationValue): boolean {
  return op === 'total' || op === 'outerTotal';
}
