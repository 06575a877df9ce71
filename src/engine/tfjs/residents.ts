import type { KernelBackend } from '@tensorflow/tfjs-core';
import type { Value } from '../../program/index.ts';
import type { ParameterData } from '../types.ts';
import type { Runtime } from './load.ts';
import type { Plan } from './plan.ts';
import { Prologue } from './prologue.ts';
import { Held } from './tensors.ts';
import type { Tensor } from './tensors.ts';

/** What stays from call to call: so many numbers on the device (64 MiB), of so many programs. */
const mostNumbers = 2 ** 24;
const mostPrograms = 16;

/** The tensors of the values that all rows of a program share, for the parameters of one prologue. */
export class Resident {
  readonly plan: Plan;
  readonly prologue: Prologue;
  readonly tensors: ReadonlyMap<Value, Tensor>;
  /** The same as vectors, where a kernel adds them to a product. */
  readonly biases: ReadonlyMap<Value, Tensor>;
  /** Numbers on the device. */
  readonly size: number;
  /** Calls that are using it. */
  users = 0;
  readonly #runtime: Runtime;
  /** Of several backends that were registered under one name, the one that has the numbers. */
  readonly #device: KernelBackend;
  readonly #held: Held;

  constructor(runtime: Runtime, plan: Plan, prologue: Prologue) {
    const { tf } = runtime;
    const held = new Held(tf);
    const upload = (value: Value, shape: number[]): [Value, Tensor] => [
      value,
      held.add(tf.tensor(new Float32Array(prologue.read(value)), shape)),
    ];
    try {
      this.tensors = new Map(plan.uploads.map((value) => upload(value, [value.k, value.n])));
      this.biases = new Map(plan.biases.map((value) => upload(value, [value.n])));
    } catch (error) {
      held.dispose();
      throw error;
    }
    this.plan = plan;
    this.prologue = prologue;
    this.size = [...plan.uploads, ...plan.biases].reduce((sum, { k, n }) => sum + k * n, 0);
    this.#runtime = runtime;
    this.#device = tf.backend();
    this.#held = held;
  }

  /** Whether it serves this prologue on the backend that is in use. */
  serves(runtime: Runtime, prologue: Prologue): boolean {
    return prologue === this.prologue && runtime === this.#runtime && runtime.tf.backend() === this.#device;
  }

  /** A backend that the application has removed took its numbers along. */
  dispose(): void {
    const { tf, backend } = this.#runtime;
    if (tf.findBackend(backend) === this.#device) this.#held.dispose();
  }
}

/**
 * Parameters stay on the device between calls, since a program is mostly called again with the same ones, and backends
 * prepare the weights of a product when they first see them. Their bits are compared at each call; a program keeps those
 * of its last call, and the programs that were not called for longest give way.
 */
export class Residents {
  /** By plan, the one that was used last at the end. */
  readonly #kept = new Map<Plan, Resident>();

  /** The prologue of a call, taken over from the call before it where the parameters are the same. */
  prologueOf(plan: Plan, parameters: ParameterData): Prologue {
    const known = this.#kept.get(plan)?.prologue;
    return known?.isOf(parameters) === true ? known : new Prologue(plan.shared, parameters);
  }

  /** Does `work`, during which the tensors live. If it fails they go, since it may be for what has become of them. */
  async during<T>(
    runtime: Runtime,
    plan: Plan,
    prologue: Prologue,
    work: (resident: Resident) => Promise<T>,
  ): Promise<T> {
    const resident = this.#take(runtime, plan, prologue);
    resident.users++;
    try {
      return await work(resident);
    } catch (error) {
      this.#forget(resident);
      throw error;
    } finally {
      resident.users--;
      this.#settle(resident);
    }
  }

  /** Gives back everything; what a call is using, when it ends. */
  clear(): void {
    for (const resident of this.#kept.values()) this.#drop(resident);
  }

  #take(runtime: Runtime, plan: Plan, prologue: Prologue): Resident {
    const known = this.#kept.get(plan);
    const serves = known?.serves(runtime, prologue) === true;
    if (known !== undefined && !serves) this.#drop(known);
    const resident = serves ? known : new Resident(runtime, plan, prologue);
    this.#kept.delete(plan);
    this.#kept.set(plan, resident);
    return resident;
  }

  /** Keeps what there is room for. */
  #settle(resident: Resident): void {
    if (this.#kept.get(resident.plan) !== resident) {
      if (resident.users === 0) resident.dispose();
      return;
    }
    let numbers = 0;
    for (const { size } of this.#kept.values()) numbers += size;
    for (const oldest of this.#kept.values()) {
      if (numbers <= mostNumbers && this.#kept.size <= mostPrograms) return;
      numbers -= oldest.size;
      this.#drop(oldest);
    }
  }

  #forget(resident: Resident): void {
    if (this.#kept.get(resident.plan) === resident) this.#kept.delete(resident.plan);
  }

  /** As `#forget`; and it goes at once where no call uses it. */
  #drop(resident: Resident): void {
    this.#forget(resident);
    if (resident.users === 0) resident.dispose();
  }
}

export const residents = new Residents();
