import type { Tensor } from '@tensorflow/tfjs-core';
import type { BatchLike } from '../matrix.ts';
import { batchOf } from '../flow/batch.ts';
import { callFor, partsOf } from '../flow/call.ts';
import { evaluate } from '../flow/evaluate.ts';
import { pullbackThrough } from '../flow/gradient.ts';
import type { EvaluateOptions, Trainable } from '../flow/index.ts';
import { settle } from '../flow/options.ts';
import { segmentCache } from '../flow/ways.ts';
import { rowsOf, tensorOf } from './convert.ts';

/** The cotangents of what went into a layer. */
export interface LayerCotangents {
  /** [rows, dim]. */
  readonly x: Tensor;
  /** Of the flat trained parameters of the flow, summed over the rows. */
  readonly gradient: Float64Array;
}

/** What a layer gives. The tensors belong to the caller. */
export interface LayerOutput {
  /** The latent rows, [rows, dim]. */
  readonly z: Tensor;
  /** log|det dz/dx|, [rows, 1]. */
  readonly logDet: Tensor;
  /** Takes cotangents of `z` and `logDet` back. One left out is zero. */
  readonly pullback: (cotangents: {
    readonly z?: Tensor;
    readonly logDet?: Tensor;
  }) => Promise<LayerCotangents>;
}

/** A flow that takes tensors and gives tensors, with its gradient. */
export interface FlowLayer {
  /** x [rows, dim], a tensor or rows of any form. */
  call(x: Tensor | BatchLike): Promise<LayerOutput>;
}

/**
 * A flow between parts of a tfjs program. `call` is asynchronous, as all engines are, and tfjs's own gradient functions
 * are not: so a loss of `z` and `logDet` is differentiated by tfjs up to the layer, and by `pullback` through it.
 *
 *     const layer = flowLayer(flow);
 *     const { z, logDet, pullback } = await layer.call(x);
 *     const [dz, dLogDet] = tf.grads((z, logDet) => loss(z, logDet))([z, logDet]);
 *     const { x: dx, gradient } = await pullback({ z: dz, logDet: dLogDet });
 *
 * @param options those of every call of a flow; `engine: 'tfjs'` computes on tfjs's backend, too.
 */
export function flowLayer(flow: Trainable, options: EvaluateOptions = {}): FlowLayer {
  const { transform, base, tables } = partsOf(flow);
  const segments = segmentCache(transform, base, tables);
  const { dim } = flow;
  return {
    async call(given) {
      const settings = settle(options, 'evaluate', dim);
      const rows = isTensor(given) ? await rowsOf(given) : given;
      const batch = batchOf(rows, 'x', { cols: dim });
      const count = batch.rows;
      const call = callFor(flow, settings, count, options);
      const route = segments('transform', settings.trace);
      const { x, logDet, records } = await evaluate(route, batch.data as Float64Array, call, true);
      return {
        z: await tensorOf({ data: x, rows: count, cols: dim }),
        logDet: await tensorOf({ data: logDet, rows: count, cols: 1 }),
        pullback: async ({ z, logDet: ofLogDet }) => {
          const gradient = new Float64Array(tables.trained.count);
          const cotangent = async (tensor: Tensor | undefined, cols: number): Promise<Float64Array> => {
            if (tensor === undefined) return new Float64Array(count * cols);
            return batchOf(await rowsOf(tensor), 'cotangent', { cols, rows: count }).data as Float64Array;
          };
          const [end, weights] = [await cotangent(z, dim), await cotangent(ofLogDet, 1)];
          const start = await pullbackThrough(records, call, end, weights, gradient);
          return { x: await tensorOf({ data: start.x, rows: count, cols: dim }), gradient };
        },
      };
    },
  };
}

function isTensor(x: Tensor | BatchLike): x is Tensor {
  return typeof x === 'object' && 'dataSync' in x && 'data' in x && typeof x.data === 'function';
}
