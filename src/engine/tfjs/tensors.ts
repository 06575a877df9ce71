import type * as tfjs from '@tensorflow/tfjs-core';
import type { Tensor } from '@tensorflow/tfjs-core';

// Types only: the package itself is loaded by load.ts when it is needed.

/** The package @tensorflow/tfjs-core. */
export type Tf = typeof tfjs;
export type { Tensor };

/**
 * Tensors that live from one synchronous piece of work to the next. They are kept, so that no `tidy` of anybody takes
 * them, and belong to whoever made this: `dispose` gives all of them back, whatever has happened.
 */
export class Held {
  readonly #tf: Tf;
  readonly #tensors = new Set<Tensor>();

  constructor(tf: Tf) {
    this.#tf = tf;
  }

  add<T extends Tensor | null>(tensor: T): T {
    if (tensor !== null) this.#tensors.add(this.#tf.keep(tensor));
    return tensor;
  }

  /** Gives back some of them now. */
  release(...tensors: readonly (Tensor | null)[]): void {
    for (const tensor of tensors) {
      if (tensor !== null && this.#tensors.delete(tensor)) tensor.dispose();
    }
  }

  dispose(): void {
    this.release(...this.#tensors);
  }
}

/** `tidy` for results of any form: everything that `make` creates is given back, unless it is kept. */
export function tidied<T>(tf: Tf, make: () => T): T {
  let made: T | undefined;
  tf.tidy(() => {
    made = make();
  });
  return made as T;
}

/** The numbers of a tensor, in double precision. Does not block where the backend need not. */
export async function numbersOf(tensor: Tensor): Promise<Float64Array> {
  return new Float64Array(await tensor.data());
}

/**
 * An op without what tfjs does around it, its preparations for gradients among them: half the time for few numbers. Its
 * results are not taken in by the op itself, but by the `tidy` around.
 */
export function kernel(
  tf: Tf,
  name: string,
  inputs: Record<string, Tensor>,
  attributes?: Record<string, string | boolean>,
): Tensor {
  return tf.engine().runKernel<Tensor>(name, inputs, attributes);
}
