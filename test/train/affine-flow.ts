import { batchOf } from '../../src/flow/batch.ts';
import type { EvaluateOptions, Flow } from '../../src/flow/types.ts';
import type { BatchLike, Matrix } from '../../src/matrix.ts';
import { throwIfAborted } from '../../src/errors.ts';
import { ParameterTable } from '../../src/program/index.ts';
import { normal } from '../../src/random/index.ts';

/**
 * The smallest honest flow, written by hand so that tests of what works with flows are fast: z = (x - mean) exp(-logScale),
 * with its exact gradient. It records the options of the calls that it got.
 */
export class AffineFlow implements Flow {
  readonly name = 'affine';
  readonly contextDim = 0;
  readonly dim: number;
  readonly parameters = new ParameterTable('trained');
  readonly state = new ParameterTable('state');
  readonly configuration;
  readonly calls: { name: string; rows: number; options: EvaluateOptions }[] = [];

  constructor(dim: number) {
    this.dim = dim;
    this.configuration = { model: 'affine', options: { dim } };
    this.parameters.declare('mean', { k: 1, n: dim }, () => new Float64Array(dim));
    this.parameters.declare('logScale', { k: 1, n: dim }, () => new Float64Array(dim));
    this.state.declare('count', { k: 1, n: 1 }, () => [0]);
  }

  async logProb(x: BatchLike, options: EvaluateOptions = {}): Promise<Float64Array> {
    const batch = this.#begin('logProb', x, options);
    const { z, logDet } = this.#transform(batch);
    return logDet.map((value, i) => {
      let squares = 0;
      for (let j = 0; j < this.dim; j++) squares += z[i * this.dim + j]! ** 2;
      return value - (squares + this.dim * Math.log(2 * Math.PI)) / 2;
    });
  }

  async transform(x: BatchLike, options: EvaluateOptions = {}) {
    const batch = this.#begin('transform', x, options);
    const { z, logDet } = this.#transform(batch);
    return { z: { ...batch, data: z }, ...this.#counts(batch.rows), logDet };
  }

  async inverse(z: BatchLike, options: EvaluateOptions = {}) {
    const batch = this.#begin('inverse', z, options);
    const { mean, logScale } = this.#named();
    const data = Float64Array.from(
      batch.data,
      (value, i) => mean[i % this.dim]! + value * Math.exp(logScale[i % this.dim]!),
    );
    const total = logScale.reduce((sum, value) => sum + value, 0);
    return {
      x: { ...batch, data },
      ...this.#counts(batch.rows),
      logDet: new Float64Array(batch.rows).fill(total),
    };
  }

  async sample(count: number, options: EvaluateOptions = {}): Promise<Matrix> {
    const data = new Float64Array(count * this.dim);
    for (let i = 0; i < data.length; i++) data[i] = normal(options.seed ?? 0, 0, i);
    const { x } = await this.inverse({ data, rows: count, cols: this.dim }, options);
    return x;
  }

  async path(z: BatchLike, options: EvaluateOptions = {}) {
    const start = this.#begin('path', z, options);
    const { x } = await this.inverse(z, options);
    return [
      { x: start, path: '', time: null },
      { x, path: 'affine', time: null },
    ];
  }

  async lossAndGradient(x: BatchLike, options: EvaluateOptions = {}) {
    const batch = this.#begin('lossAndGradient', x, options);
    const { dim } = this;
    const { z, logDet } = this.#transform(batch);
    const { logScale } = this.#named();
    const flat = new Float64Array(2 * dim);
    let loss = (dim * Math.log(2 * Math.PI)) / 2;
    for (let i = 0; i < batch.rows; i++) {
      loss -= logDet[i]! / batch.rows;
      for (let j = 0; j < dim; j++) {
        const value = z[i * dim + j]!;
        loss += value ** 2 / 2 / batch.rows;
        flat[j]! -= (value * Math.exp(-logScale[j]!)) / batch.rows;
        flat[dim + j]! += (1 - value ** 2) / batch.rows;
      }
    }
    const gradient = new Map([
      ['mean', { data: flat.slice(0, dim), rows: 1, cols: dim }],
      ['logScale', { data: flat.slice(dim), rows: 1, cols: dim }],
    ]);
    return { loss, gradient, flat, nfe: null, state: null, engine: 'reference' as const };
  }

  async initialise(): Promise<void> {}

  #begin(name: string, x: BatchLike, options: EvaluateOptions): Matrix {
    throwIfAborted(options.signal);
    const batch = batchOf(x, name, { cols: this.dim });
    this.calls.push({ name, rows: batch.rows, options });
    return batch;
  }

  #named() {
    const flat = this.parameters.flat;
    return { mean: flat.subarray(0, this.dim), logScale: flat.subarray(this.dim) };
  }

  #transform(batch: Matrix) {
    const { mean, logScale } = this.#named();
    const z = Float64Array.from(
      batch.data,
      (value, i) => (value - mean[i % this.dim]!) * Math.exp(-logScale[i % this.dim]!),
    );
    const total = logScale.reduce((sum, value) => sum + value, 0);
    return { z, logDet: new Float64Array(batch.rows).fill(-total) };
  }

  #counts(rows: number) {
    const status = Array.from({ length: rows }, () => 'ok' as const);
    return { status, nfe: null, engine: 'reference' as const };
  }
}

/** Rows of a Gaussian with these means and standard deviations. */
export function gaussianRows(
  rows: number,
  means: readonly number[],
  deviations: readonly number[],
  seed = 1,
): Matrix {
  const cols = means.length;
  const data = new Float64Array(rows * cols);
  for (let i = 0; i < data.length; i++)
    data[i] = means[i % cols]! + deviations[i % cols]! * normal(seed, 7, i);
  return { data, rows, cols };
}
