import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Tf } from '../engine/tfjs/tensors.ts';
import { reference } from '../engine/index.ts';
import { LiouvilleError } from '../errors.ts';
import { namedStream } from '../random/index.ts';
import { normalRows } from './flow.ts';
import type { TensorTransform } from './flow.ts';
import { callable } from './model.ts';
import type { TensorLayers } from './model.ts';

/**
 * dx/dt = f(t, x) for t [rows, 1] and x [rows, dim], as [rows, dim]: a function, or a model of tfjs-layers that has the two
 * inputs in that order.
 */
export type TensorField = ((t: Tensor, x: Tensor) => Tensor) | TensorLayers;

/** Options of `tensorCnf`. */
export interface TensorCnfOptions {
  /** Number of features of a row. */
  readonly dim: number;
  /** dx/dt; see `TensorField`. */
  readonly field: TensorField;
  /** Steps of the classical Runge-Kutta method from 0 to 1; 20 unless given. */
  readonly steps?: number;
  /** 'exact': the sum of dim central differences. 'hutchinson': one along a random direction. Default 'exact' up to dim 3. */
  readonly trace?: 'exact' | 'hutchinson';
  /** How far apart the differences are taken, 0.01 unless given: small for large x, large for noisy fields. */
  readonly difference?: number;
  /** For the directions of 'hutchinson', from 0. Default 0. */
  readonly seed?: number;
}

/** The transform, and an objective that needs no solver. */
export interface TensorCnf extends TensorTransform {
  /**
   * The flow-matching objective for the straight paths x_t = (1 - t) x + t z from a row to a normal draw: the mean of
   * |f(t, x_t) - (z - x)|^2 (Lipman et al.: Flow matching for generative modeling, 2023). The seed fixes t and z; give
   * another one at every step.
   */
  matchingLoss(x: Tensor, seed: number): Scalar;
}

/**
 * A continuous transform from data, at t = 0, to latent rows, at t = 1, whose field is a model or function of tfjs. Its
 * divergence is taken by central differences along directions e, e . (f(t, x + d e) - f(t, x - d e)) / 2d: to
 * second order in d, and so that training by likelihood asks tfjs for first derivatives only. tfjs cannot give second
 * ones of tanh, sigmoid, exp and elu. A field that is written with `ops` of this library has exact traces and gradients
 * (`ffjord`, `continuous`); take it where you can.
 */
export function tensorCnf(tf: Tf, options: TensorCnfOptions): TensorCnf {
  const { dim, steps = 20, difference = 0.01, seed = 0 } = options;
  const trace = options.trace ?? (dim <= 3 ? 'exact' : 'hutchinson');
  if (!Number.isInteger(steps) || steps < 1) throw refused('steps', 'a positive whole number', steps);
  if (!(difference > 0 && difference < Infinity))
    throw refused('difference', 'a positive number', difference);
  if (trace !== 'exact' && trace !== 'hutchinson') throw refused('trace', "'exact' or 'hutchinson'", trace);
  const field = callable(options.field, 'field');

  const fieldAt = (t: number, x: Tensor): Tensor => {
    const time = tf.add(tf.zeros([x.shape[0], 1]), t);
    const dx = field(time, x);
    if (dx?.shape?.length === 2 && dx.shape[0] === x.shape[0] && dx.shape[1] === dim) return dx;
    throw new LiouvilleError(
      'shape-mismatch',
      `field: expected [${x.shape[0]}, ${dim}]; got [${dx?.shape?.join(', ') ?? 'no tensor'}].`,
    );
  };

  /** f and its divergence at x, all differences in one call of the field. */
  const both = (t: number, x: Tensor, directions: readonly Tensor[]): [Tensor, Tensor] => {
    const rows = x.shape[0];
    const moved = directions.flatMap((e) => {
      const shift = tf.mul(e, difference);
      return [tf.add(x, shift), tf.sub(x, shift)];
    });
    const all = fieldAt(t, tf.concat([x, ...moved], 0));
    const part = (i: number): Tensor => tf.slice(all, [i * rows, 0], [rows, dim]);
    const slopes = directions.map((e, i) =>
      tf.sum(tf.mul(e, tf.sub(part(2 * i + 1), part(2 * i + 2))), 1, true),
    );
    return [
      part(0),
      tf.div(
        slopes.reduce((sum, slope) => tf.add(sum, slope)),
        2 * difference,
      ),
    ];
  };

  const directionsFor = (rows: number): Tensor[] => {
    if (trace === 'hutchinson') {
      const signs = new Float64Array(rows * dim);
      reference.fill('rademacher', signs, seed, namedStream('tensor probes'));
      return [tf.tensor2d(new Float32Array(signs), [rows, dim])];
    }
    return Array.from({ length: dim }, (_, i) => {
      const row = Array.from({ length: dim }, (_x, j) => Number(i === j));
      return tf.tile(tf.tensor2d([row]), [rows, 1]);
    });
  };

  /** The classical fourth-order method: x and the integral of the divergence. */
  const integrate = (start: Tensor, from: number, to: number): [Tensor, Tensor] => {
    const directions = directionsFor(start.shape[0]);
    const h = (to - from) / steps;
    let x = start;
    let logDet: Tensor = tf.zeros([start.shape[0], 1]);
    for (let step = 0; step < steps; step++) {
      const t = from + step * h;
      const [k1, d1] = both(t, x, directions);
      const [k2, d2] = both(t + h / 2, tf.add(x, tf.mul(k1, h / 2)), directions);
      const [k3, d3] = both(t + h / 2, tf.add(x, tf.mul(k2, h / 2)), directions);
      const [k4, d4] = both(t + h, tf.add(x, tf.mul(k3, h)), directions);
      const mean = (a: Tensor, b: Tensor, c: Tensor, d: Tensor): Tensor =>
        tf.mul(tf.add(tf.add(a, d), tf.mul(tf.add(b, c), 2)), h / 6);
      x = tf.add(x, mean(k1, k2, k3, k4));
      logDet = tf.add(logDet, mean(d1, d2, d3, d4));
    }
    return [x, logDet];
  };

  return {
    dim,
    forward(x) {
      const [z, logDet] = integrate(x, 0, 1);
      return { z, logDet };
    },
    inverse(z) {
      const [x, logDet] = integrate(z, 1, 0);
      return { x, logDet };
    },
    matchingLoss(x, drawn) {
      const rows = x.shape[0];
      const times = new Float64Array(rows);
      reference.fill('uniform', times, drawn, namedStream('tensor matching times'));
      const t = tf.tensor2d(new Float32Array(times), [rows, 1]);
      const z = normalRows(tf, rows, dim, drawn, 'tensor matching');
      const way = tf.sub(z, x);
      const missed = tf.sub(field(t, tf.add(x, tf.mul(t, way))), way);
      return tf.mean(tf.sum(tf.square(missed), 1));
    },
  };
}

function refused(name: string, expected: string, came: unknown): LiouvilleError {
  return new LiouvilleError('invalid-argument', `${name}: expected ${expected}; got ${String(came)}.`);
}
