import type { Tableau } from '../../ode/index.ts';
import type { Runtime } from './load.ts';
import type { Machine } from './machine.ts';
import { combined, stack } from './combine.ts';
import { Held, tidied } from './tensors.ts';
import type { Tensor, Tf } from './tensors.ts';

/** What one attempt of all rows has brought to the host. */
export interface Attempt {
  /** For each row the norm of its error, or NaN where the state is not finite. */
  readonly error: Float32Array;
  /** Of the correction of the error, where the method has one. */
  readonly correction: Float32Array | null;
  /** For each row NaN where the derivative at the beginning was not finite; null when it was known to be. */
  readonly start: Float32Array | null;
  /** The stage states, [stages, rows, n], where they were asked for. */
  readonly stages: Float32Array | null;
}

/** Steps of a Runge-Kutta method for all rows of a batch, each with its own time and size. */
export class TensorStepper {
  readonly #tf: Tf;
  readonly #machine: Machine;
  readonly #tableau: Tableau;
  readonly #tolerances: { readonly rtol: number; readonly atol: number } | null;
  readonly #held: Held;
  /** How many numbers a state has. */
  readonly #n: number;
  #constants: Record<string, Tensor>;
  #y: Tensor;
  /** The derivative at the beginning of the next step, where it is known. */
  #slope: Tensor | null = null;
  /** Of the last attempt: the derivatives, [stages, rows n], and the state that it came to. */
  #slopes: Tensor | null = null;
  #next: Tensor | null = null;

  /** @param tolerances null for steps without an error test. `inputs` are taken over. */
  constructor(
    { tf }: Runtime,
    machine: Machine,
    tableau: Tableau,
    tolerances: { readonly rtol: number; readonly atol: number } | null,
    inputs: Readonly<Record<string, Tensor>>,
  ) {
    this.#tf = tf;
    this.#machine = machine;
    this.#tableau = tableau;
    this.#tolerances = tolerances;
    this.#held = new Held(tf);
    for (const tensor of Object.values(inputs)) this.#held.add(tensor);
    const { y, t: _, ...constants } = inputs;
    this.#y = y!;
    this.#n = y!.size / y!.shape[0];
    this.#constants = constants;
  }

  get rows(): number {
    return this.#y.shape[0];
  }

  dispose(): void {
    this.#held.dispose();
  }

  /** The norms of y0 and f(t0, y0), and NaN in `start` where one is not finite. */
  async begin(times: Float32Array): Promise<{ d0: Float32Array; d1: Float32Array; start: Float32Array }> {
    const tf = this.#tf;
    const y = this.#y;
    const [slope, d0, d1, start] = this.#keeping(() => {
      const f = this.#evaluate(times, y);
      const scale = this.#scale(tf.abs(y));
      const norms = [y, f].map((x) => rms(tf, tf.div(x, scale)));
      return [f, ...norms, tf.add(finiteness(tf, y), finiteness(tf, f))];
    });
    this.#slope = slope!;
    const [first, second, third] = await this.#download(d0!, d1!, start!);
    return { d0: first!, d1: second!, start: third! };
  }

  /** The norm of what the field changes by along Euler steps of these signed sizes. */
  async change(steps: Float32Array, times: Float32Array): Promise<Float32Array> {
    const tf = this.#tf;
    const [norm] = this.#keeping(() => {
      const trial = tf.add(this.#y, tf.mul(column(tf, steps), this.#slope!));
      const difference = tf.sub(this.#evaluate(times, trial), this.#slope!);
      return [rms(tf, tf.div(difference, this.#scale(tf.abs(this.#y))))];
    });
    return (await this.#download(norm!))[0]!;
  }

  /** @param times for each stage those of the rows. */
  async attempt(steps: Float32Array, times: readonly Float32Array[], tape: boolean): Promise<Attempt> {
    const tf = this.#tf;
    const { a, b, bError, bCorrection, stages, fsal } = this.#tableau;
    this.#held.release(this.#slopes, this.#next);
    const known = this.#slope;
    const y = this.#y;
    const made = this.#keeping(() => {
      const h = column(tf, steps);
      const first = known ?? this.#evaluate(times[0]!, y);
      const along = (weights: Float64Array, slopes: Tensor): Tensor =>
        tf.add(y, tf.mul(h, combined(tf, weights, slopes, y)));
      const states = [y];
      let slopes = stack(tf, null, first);
      for (let i = 1; i < stages; i++) {
        states.push(along(a.subarray(i * stages, i * stages + i), slopes));
        slopes = stack(tf, slopes, this.#evaluate(times[i]!, states[i]!));
      }
      const next = fsal ? tf.clone(states[stages - 1]!) : along(b, slopes);
      const unsound = tf.mul(next, 0);
      const norms = this.#tolerances === null ? [tf.sum(unsound, 1, true)] : [];
      if (this.#tolerances !== null) {
        const scale = this.#scale(tf.maximum(tf.abs(y), tf.abs(next)));
        for (const weights of [bError!, ...(bCorrection === null ? [] : [bCorrection])]) {
          const error = tf.div(tf.mul(h, combined(tf, weights, slopes, y)), scale);
          norms.push(rms(tf, tf.add(error, unsound)));
        }
      }
      return [
        slopes,
        next,
        norms[0]!,
        norms[1] ?? null,
        known === null ? finiteness(tf, first) : null,
        tape ? tf.stack(states) : null,
      ];
    });
    const [slopes, next, ...rest] = made;
    this.#slopes = slopes!;
    this.#next = next!;
    const [error, correction, start, states] = await this.#download(...rest);
    return { error: error!, correction: correction!, start: start!, stages: states! };
  }

  /** Goes on from where the last attempt came to in the rows where `taken` is 1, and stays in the others. */
  advance(taken: Uint8Array): void {
    const tf = this.#tf;
    const { fsal, stages } = this.#tableau;
    const before = [this.#y, this.#slope];
    const shape: [number, number] = [this.rows, this.#n];
    const sliceOf = (stage: number): Tensor =>
      tf.reshape(tf.slice(this.#slopes!, [stage, 0], [1, shape[0] * shape[1]]), shape);
    const [all, none] = [taken.every((x) => x === 1), taken.every((x) => x === 0)];
    const [y, slope] = this.#keeping(() => {
      const mask = tf.tensor2d(taken, [this.rows, 1], 'bool');
      const chosen = (ahead: Tensor, behind: Tensor): Tensor =>
        all
          ? tf.clone(ahead)
          : none
            ? tf.clone(behind)
            : tf.where(tf.tile(mask, [1, shape[1]]), ahead, behind);
      const state = chosen(this.#next!, this.#y);
      if (fsal) return [state, chosen(sliceOf(stages - 1), sliceOf(0))];
      return [state, none ? sliceOf(0) : null];
    });
    this.#y = y!;
    this.#slope = slope!;
    this.#held.release(...before);
  }

  /** The states of all rows. */
  async states(): Promise<Float32Array> {
    return (await this.#y.data()) as Float32Array;
  }

  /** What is known of some rows, for saying why they failed: states, then derivatives, then the states ahead. */
  async details(
    rows: readonly number[],
  ): Promise<{ y: Float32Array; slopes: Float32Array; next: Float32Array }> {
    const tf = this.#tf;
    const n = this.#n;
    const parts = this.#keeping(() => {
      const index = tf.tensor1d([...rows], 'int32');
      const slopes = this.#slopes ?? (this.#slope === null ? null : stack(tf, null, this.#slope));
      return [
        tf.gather(this.#y, index),
        slopes === null ? null : tf.gather(tf.reshape(slopes, [-1, this.rows, n]), index, 1),
        this.#next === null ? null : tf.gather(this.#next, index),
      ];
    });
    const [y, slopes, next] = await this.#download(...parts);
    return { y: y!, slopes: slopes ?? new Float32Array(0), next: next ?? new Float32Array(0) };
  }

  /** Leaves all rows but these. */
  keepOnly(rows: readonly number[]): void {
    const tf = this.#tf;
    const names = Object.keys(this.#constants);
    const before = [this.#y, this.#slope, this.#slopes, this.#next, ...Object.values(this.#constants)];
    const [y, slope, ...constants] = this.#keeping(() => {
      const index = tf.tensor1d([...rows], 'int32');
      const picked = (x: Tensor | null): Tensor | null => (x === null ? null : tf.gather(x, index));
      return [picked(this.#y), picked(this.#slope), ...Object.values(this.#constants).map(picked)];
    });
    this.#y = y!;
    this.#slope = slope!;
    this.#slopes = null;
    this.#next = null;
    this.#constants = Object.fromEntries(names.map((name, i) => [name, constants[i]!]));
    this.#held.release(...before);
  }

  #evaluate(times: Float32Array, y: Tensor): Tensor {
    const inputs = { ...this.#constants, y, t: column(this.#tf, times) };
    return this.#machine.body(this.rows, inputs).outputs['dy']!;
  }

  #scale(sizes: Tensor): Tensor {
    const { rtol, atol } = this.#tolerances!;
    return this.#tf.add(this.#tf.mul(sizes, rtol), atol);
  }

  /** Tensors that are made at one go, of which those that are returned stay. */
  #keeping(make: () => (Tensor | null)[]): (Tensor | null)[] {
    return tidied(this.#tf, () => make().map((x) => this.#held.add(x)));
  }

  /** Their numbers; they are given back. */
  async #download(...tensors: readonly (Tensor | null)[]): Promise<(Float32Array | null)[]> {
    const numbers = await Promise.all(tensors.map(async (x) => (x === null ? null : x.data())));
    this.#held.release(...tensors);
    return numbers as (Float32Array | null)[];
  }
}

function column(tf: Tf, numbers: Float32Array): Tensor {
  return tf.tensor2d(numbers, [numbers.length, 1]);
}

/** [R, 1] from [R, n]. */
function rms(tf: Tf, x: Tensor): Tensor {
  return tf.sqrt(tf.mean(tf.square(x), 1, true));
}

/** For each row 0, or NaN where one of its numbers is not finite. */
function finiteness(tf: Tf, x: Tensor): Tensor {
  return tf.sum(tf.mul(x, 0), 1, true);
}
