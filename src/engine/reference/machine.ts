import { compile, opOfCode, ruleOf } from '../../program/index.ts';
import type { Location, Program, Rule, Attributes, Op, Slot, Space } from '../../program/index.ts';
import { LiouvilleError } from '../../errors.ts';
import type { ParameterData } from '../types.ts';

type AnyRule = Rule<Attributes[Op]>;

interface Instruction {
  readonly rule: AnyRule;
  readonly out: Slot;
  readonly inputs: readonly Slot[];
  readonly attributes: Attributes[Op];
}

const order: readonly Space[] = ['constant', 'trained', 'state', 'prologue', 'row', 'total', 'epilogue'];

/**
 * Runs a compiled program for one row at a time in float64: plain loops over plain memory, which is what
 * defines the meaning of a program. All spaces lie one after the other in one array.
 */
export class Machine {
  readonly #memory: Float64Array;
  readonly #body: readonly Instruction[];
  readonly #epilogue: readonly Instruction[];
  readonly #inputs: ReadonlyMap<string, Slot>;
  readonly #outputs: ReadonlyMap<string, Slot>;
  readonly #gradients: readonly { from: Slot; offset: number }[];
  readonly #trained: number;
  readonly #sharedSize: number;
  readonly #totals: number;

  /** Copies the parameters and runs the prologue. */
  constructor(program: Program, parameters: ParameterData) {
    const code = compile(program);
    const bases = {} as Record<Space, number>;
    let end = 0;
    for (const space of order) {
      bases[space] = end;
      end += code.sizes[space];
    }
    const memory = new Float64Array(end);
    memory.set(code.constants, bases.constant);
    memory.set(checked(parameters.trained, code.sizes.trained, 'trained'), bases.trained);
    memory.set(checked(parameters.state, code.sizes.state, 'state'), bases.state);

    const slot = (at: Location): Slot => ({ offset: bases[at.space] + at.offset, k: at.k, n: at.n });
    const slots = Array.from({ length: code.values.length / 4 }, (_, i) => {
      const [space, offset, k, n] = code.values.subarray(4 * i, 4 * i + 4);
      return slot({ space: order[space!]!, offset: offset!, k: k!, n: n! });
    });
    this.#memory = memory;
    this.#body = decode(code.body, slots);
    this.#epilogue = decode(code.epilogue, slots);
    this.#inputs = new Map(code.inputs.map((port) => [port.name, slot(port.location)]));
    this.#outputs = new Map(code.outputs.map((port) => [port.name, slot(port.location)]));
    this.#gradients = code.gradients.map(({ parameter, location }) => ({
      from: slot(location),
      offset: parameter.offset,
    }));
    this.#trained = parameters.trained.length;
    this.#sharedSize = bases.row;
    this.#totals = bases.total;
    execute(decode(code.prologue, slots), memory);
  }

  /** Numbers per row of an input. */
  width(input: string): number {
    const slot = this.#inputs.get(input)!;
    return slot.k * slot.n;
  }

  /** Loads one row of an input: `width` numbers of `data` from `start`. */
  load(input: string, data: ArrayLike<number>, start: number): void {
    const { offset, k, n } = this.#inputs.get(input)!;
    for (let i = 0; i < k * n; i++) this.#memory[offset + i] = data[start + i]!;
  }

  setScalar(input: string, value: number): void {
    this.#memory[this.#inputs.get(input)!.offset] = value;
  }

  /** Runs the row's instructions; sums over rows go on growing. */
  body(): void {
    execute(this.#body, this.#memory);
  }

  store(output: string, data: Float64Array, start: number): void {
    const { offset, k, n } = this.#outputs.get(output)!;
    for (let i = 0; i < k * n; i++) data[start + i] = this.#memory[offset + i]!;
  }

  /** Adds an output to `data`. */
  add(output: string, data: Float64Array, start: number): void {
    const { offset, k, n } = this.#outputs.get(output)!;
    for (let i = 0; i < k * n; i++) data[start + i] = data[start + i]! + this.#memory[offset + i]!;
  }

  scalar(output: string): number {
    return this.#memory[this.#outputs.get(output)!.offset]!;
  }

  /** What all rows share: constants, trained parameters, state and what the prologue made of them. */
  shared(): Float64Array {
    return this.#memory.slice(0, this.#sharedSize);
  }

  /** Puts in sums over rows that were computed elsewhere, for `gradient`. */
  setTotals(totals: ArrayLike<number>): void {
    this.#memory.set(totals, this.#totals);
  }

  /** Runs the epilogue; the gradient of the flat trained parameters. */
  gradient(): Float64Array {
    execute(this.#epilogue, this.#memory);
    const gradient = new Float64Array(this.#trained);
    for (const { from, offset } of this.#gradients) {
      gradient.set(this.#memory.subarray(from.offset, from.offset + from.k * from.n), offset);
    }
    return gradient;
  }
}

function execute(instructions: readonly Instruction[], memory: Float64Array): void {
  for (const { rule, out, inputs, attributes } of instructions)
    rule.evaluate(memory, out, inputs, attributes);
}

function decode(code: Int32Array, slots: readonly Slot[]): Instruction[] {
  const instructions: Instruction[] = [];
  for (let at = 0; at < code.length; at += code[at]!) {
    const [, opCode, inputCount, out, ...rest] = code.subarray(at, at + code[at]!);
    const rule = ruleOf(opOfCode(opCode!)!);
    instructions.push({
      rule,
      out: slots[out!]!,
      inputs: rest.slice(0, inputCount).map((i) => slots[i]!),
      attributes: rule.decode(rest.slice(inputCount)),
    });
  }
  return instructions;
}

function checked(data: Float64Array, needed: number, what: string): Float64Array {
  if (data.length < needed) {
    throw new LiouvilleError(
      'shape-mismatch',
      `The program reads ${needed} ${what} numbers; got ${data.length}.`,
    );
  }
  return data.slice(0, needed);
}
