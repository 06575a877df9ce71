import * as tf from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { beforeAll, describe, expect, test } from 'vitest';
import { registerGradients } from '../../bench/tfjs/gradients.mjs';
import { ffjord } from '../../src/cnf/index.ts';
import { toy } from '../../src/data/index.ts';
import { realNVP } from '../../src/discrete/index.ts';
import type { Flow } from '../../src/flow/index.ts';
import { flowLayer, rowsOf, tensorCnf, tensorCoupling, tensorFlow, tensorOf } from '../../src/tfjs/index.ts';
import { expectClose } from '../support/close.ts';
import { perturbed } from '../flow/transforms.ts';

const single = { relative: 1e-4, precision: 'float32' } as const;
const rows = 12;
const x = {
  data: Float64Array.from({ length: 2 * rows }, (_, i) => Math.fround(Math.sin(3 * i))),
  rows,
  cols: 2,
};

beforeAll(async () => {
  await import('@tensorflow/tfjs-backend-wasm');
  await tf.setBackend('wasm');
  await registerGradients();
});

const flows: readonly (readonly [string, Flow])[] = [
  ['ffjord', perturbed(ffjord({ dim: 2, hidden: [6] }))],
  ['realnvp', perturbed(realNVP({ dim: 2, hidden: [6], layers: 3 }))],
];

describe('tensors as rows', () => {
  test('a tensor means the rows that it holds, and comes back on request', async () => {
    const tensor = await tensorOf(x);
    expect(tensor.shape).toEqual([rows, 2]);
    expect(await rowsOf(tensor)).toEqual(x);
    for (const [, flow] of flows) expect(await flow.logProb(tensor)).toEqual(await flow.logProb(x));
    tensor.dispose();
    const line = tf.zeros([3]);
    await expect(rowsOf(line)).rejects.toThrow(/2 axes.*\[3\]/);
    line.dispose();
  });
});

describe.each(flows)('the layer of %s', (_name, flow) => {
  test('gives what the flow gives', async () => {
    const { numTensors } = tf.memory();
    const { z, logDet } = await flowLayer(flow).call(x);
    const expected = await flow.transform(x);
    expect([z.shape, logDet.shape]).toEqual([
      [rows, 2],
      [rows, 1],
    ]);
    expectClose(await z.data(), expected.z.data, single, 'z');
    expectClose(await logDet.data(), expected.logDet, single, 'logDet');
    expect(tf.memory().numTensors).toBe(numTensors + 2);
    tf.dispose([z, logDet]);
  });

  test('takes the gradients of a loss of tfjs back to rows and parameters', async () => {
    const tensor = await tensorOf(x);
    const layer = await flowLayer(flow, { engine: 'reference', trace: 'exact' }).call(tensor);
    const loss = (a: tf.Tensor, b: tf.Tensor): tf.Scalar =>
      tf.div(tf.sub(tf.mul(tf.sum(tf.square(a)), 0.5), tf.sum(b)), rows);
    const [dz, dLogDet] = tf.grads(loss)([layer.z, layer.logDet]);
    const found = await layer.pullback({ z: dz!, logDet: dLogDet! });
    const expected = await flow.lossAndGradient(x, { engine: 'reference', trace: 'exact' });
    expectClose(found.gradient, expected.flat, { relative: 1e-5, precision: 'float32' }, 'gradient');
    expectClose(await found.x.data(), expected.cotangents!.x, single, 'x');
    const nothing = await layer.pullback({});
    expect(nothing.gradient.every((value) => value === 0)).toBe(true);
  });
});

/** 2 -> 8 -> 2 with inputs t and x, as a model of tfjs-layers. */
function fieldModel(): tfl.LayersModel {
  const [t, state] = [tfl.input({ shape: [1] }), tfl.input({ shape: [2] })];
  const hidden = tfl.layers.dense({
    units: 16,
    activation: 'tanh',
    kernelInitializer: tfl.initializers.glorotNormal({ seed: 1 }),
  });
  const last = tfl.layers.dense({ units: 2, kernelInitializer: tfl.initializers.glorotNormal({ seed: 2 }) });
  const joined = tfl.layers.concatenate().apply([state, t]) as tfl.SymbolicTensor;
  return tfl.model({ inputs: [t, state], outputs: last.apply(hidden.apply(joined)) as tfl.SymbolicTensor });
}

const moons = toy['moons']!(256, { seed: 3 });

describe('fields and conditioners of tfjs', () => {
  test('a linear field has the trace of its matrix, either way', () => {
    tf.tidy(() => {
      const A = tf.tensor2d([0.5, 0.3, -0.2, -0.1], [2, 2]);
      const field = (_t: tf.Tensor, at: tf.Tensor): tf.Tensor => tf.matMul(at, A);
      const data = tf.tensor2d(new Float32Array(x.data), [rows, 2]);
      const cnf = tensorCnf(tf, { dim: 2, field, trace: 'exact', difference: 0.1 });
      const { z, logDet } = cnf.forward(data);
      expectClose(logDet.dataSync(), Array<number>(rows).fill(0.4), single, 'logDet');
      const back = cnf.inverse(z);
      expectClose(back.x.dataSync(), x.data, single, 'x');
      expectClose(back.logDet.dataSync(), Array<number>(rows).fill(-0.4), single, 'logDet');
    });
  });

  test('a field in t and x, against its closed form', () => {
    tf.tidy(() => {
      // dx/dt = 2 t x: x(1) = e x(0), and the divergence is 2 t dim.
      const cnf = tensorCnf(tf, { dim: 2, field: (t, at) => tf.mul(tf.mul(2, t), at), trace: 'hutchinson' });
      const { z, logDet } = cnf.forward(tf.tensor2d(new Float32Array(x.data), [rows, 2]));
      expectClose(
        z.dataSync(),
        x.data.map((value) => Math.E * value),
        single,
        'z',
      );
      expectClose(logDet.dataSync(), Array<number>(rows).fill(2), single, 'logDet');
    });
  });

  test('a coupling with a model as conditioner: inverse, and logDet by differences', () => {
    tf.tidy(() => {
      const conditioner = tfl.sequential({
        layers: [
          tfl.layers.dense({
            units: 8,
            activation: 'tanh',
            inputShape: [1],
            kernelInitializer: tfl.initializers.glorotNormal({ seed: 4 }),
          }),
          tfl.layers.dense({ units: 2, kernelInitializer: tfl.initializers.glorotNormal({ seed: 5 }) }),
        ],
      });
      const flow = tensorFlow(tf, [
        tensorCoupling(tf, { dim: 2, conditioner }),
        tensorCoupling(tf, { dim: 2, conditioner: (a) => tf.concat([tf.sin(a), a], 1), reversed: true }),
      ]);
      const data = tf.tensor2d(new Float32Array(x.data), [rows, 2]);
      const { z, logDet } = flow.forward(data);
      const back = flow.inverse(z);
      expectClose(back.x.dataSync(), x.data, single, 'x');
      expectClose(
        back.logDet.dataSync(),
        logDet.dataSync().map((value) => -value),
        single,
        'logDet',
      );
      const d = 0.01;
      const along = (i: number): Float32Array => {
        const shift = tf.tensor2d([[i === 0 ? d : 0, i === 1 ? d : 0]]);
        const difference = tf.sub(flow.forward(tf.add(data, shift)).z, flow.forward(tf.sub(data, shift)).z);
        return tf.div(difference, 2 * d).dataSync() as Float32Array;
      };
      const [a, b] = [along(0), along(1)];
      const expected = Array.from({ length: rows }, (_, row) =>
        Math.log(Math.abs(a[2 * row]! * b[2 * row + 1]! - a[2 * row + 1]! * b[2 * row]!)),
      );
      expectClose(logDet.dataSync(), expected, { relative: 5e-3, precision: 'float32' }, 'logDet');
    });
  });

  test.each(['likelihood', 'matching'] as const)(
    'an optimiser of tfjs trains a model as field: %s',
    (objective) => {
      const model = fieldModel();
      const cnf = tensorCnf(tf, { dim: 2, field: model, steps: 4 });
      const flow = tensorFlow(tf, [cnf]);
      const data = tf.tensor2d(new Float32Array(moons.data), [256, 2]);
      const losses: number[] = [];
      const optimizer = tf.train.adam(0.03);
      for (let step = 0; step < 12; step++) {
        const loss = optimizer.minimize(
          () => (objective === 'likelihood' ? flow.loss(data) : cnf.matchingLoss(data, 7)),
          true,
        )!;
        losses.push(loss.dataSync()[0]!);
        loss.dispose();
      }
      expect(losses.at(-1)!).toBeLessThan(losses[0]! - 0.1);
      const drawn = tf.tidy(() => flow.sample(5, 1).arraySync()) as number[][];
      expect(drawn.flat().every(Number.isFinite)).toBe(true);
      expect(tf.tidy(() => flow.sample(5, 1).arraySync())).toEqual(drawn);
    },
  );

  test('misuse is refused by name', () => {
    const field = (_t: tf.Tensor, at: tf.Tensor): tf.Tensor => at;
    expect(() => tensorCnf(tf, { dim: 2, field, steps: 0 })).toThrow(
      /steps: expected a positive whole number; got 0/,
    );
    expect(() => tensorCnf(tf, { dim: 2, field: 3 as never })).toThrow(
      /field: expected a function of tensors or a model/,
    );
    expect(() => tensorCnf(tf, { dim: 2, field, trace: 'exakt' as never })).toThrow(
      /trace: expected 'exact' or 'hutchinson'; got exakt/,
    );
    expect(() => tensorCoupling(tf, { dim: 1, conditioner: (a) => a })).toThrow(/kept: .*got 0/);
    expect(() => tensorFlow(tf, [])).toThrow(/at least one, all of one dim; got none/);
    tf.tidy(() => {
      const wide = tensorCnf(tf, { dim: 2, field: (_t, at) => tf.concat([at, at], 1) });
      expect(() => wide.forward(tf.zeros([3, 2]))).toThrow(/field: expected \[15, 2\]; got \[15, 4\]/);
      const narrow = tensorCoupling(tf, { dim: 2, conditioner: (a: tf.Tensor) => a });
      expect(() => narrow.forward(tf.zeros([3, 2]))).toThrow(/conditioner: expected \[rows, 2\].*\[3, 1\]/);
    });
  });
});
