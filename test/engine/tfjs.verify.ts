import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { chooseEngine } from '../../src/engine/index.ts';
import { klAfterTraining, moonsTrainings } from '../support/moons-training.ts';

test.each(Object.keys(moonsTrainings))(
  '%s comes to the KL of the native engine',
  { timeout: 1_800_000 },
  async (name) => {
    await import('@tensorflow/tfjs-backend-wasm');
    await tf.setBackend('wasm');
    const { numTensors } = tf.memory();
    const found = await klAfterTraining(name, 'tfjs');
    chooseEngine('tfjs').dispose();
    expect(tf.memory().numTensors).toBe(numTensors);
    const expected = await klAfterTraining(name, 'native');
    console.log(
      `${name} on moons: KL ${found.kl.toFixed(4)} nats on tfjs (wasm, ${found.seconds.toFixed(0)} s), ` +
        `${expected.kl.toFixed(4)} on native (${expected.seconds.toFixed(0)} s)`,
    );
    expect(Math.abs(found.kl - expected.kl)).toBeLessThan(0.03);
    expect(Math.max(found.kl, expected.kl)).toBeLessThan(name === 'FFJORD' ? 0.03 : 0.2);
  },
);
