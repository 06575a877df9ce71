import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import { ffjord } from '../../src/cnf/index.ts';
import { toy, toyEntropy } from '../../src/data/index.ts';
import { realNVP } from '../../src/discrete/index.ts';
import { chooseEngine } from '../../src/engine/index.ts';
import type { EngineName } from '../../src/engine/index.ts';
import type { Flow } from '../../src/flow/index.ts';
import { fit } from '../../src/train/index.ts';

const train = toy['moons']!(10_000, { seed: 1 });
const held = toy['moons']!(4000, { seed: 2 });

const models: Readonly<Record<string, { make: () => Flow; steps: number; learningRate: number }>> = {
  ffjord: { make: () => ffjord({ dim: 2, hidden: [32, 32] }), steps: 150, learningRate: 2e-2 },
  realnvp: { make: () => realNVP({ dim: 2, layers: 6, hidden: [32, 32] }), steps: 300, learningRate: 5e-3 },
};

/** KL to the truth after training on an engine, in float32; the density of both is computed in float64. */
async function klAfter(name: string, engine: EngineName): Promise<number> {
  const { make, steps, learningRate } = models[name]!;
  const flow = make();
  const { engine: used } = await fit(flow, train, { steps, batchSize: 256, learningRate, seed: 1, engine });
  expect(used).toBe(engine);
  const density = await flow.logProb(held, { precision: 'float64', trace: 'exact', rtol: 1e-7, atol: 1e-7 });
  return -density.reduce((sum, x) => sum + x, 0) / density.length - toyEntropy['moons']!;
}

test.each(Object.keys(models))(
  '%s comes to the KL of the native engine',
  { timeout: 1_800_000 },
  async (name) => {
    await import('@tensorflow/tfjs-backend-wasm');
    await tf.setBackend('wasm');
    const { numTensors } = tf.memory();
    const found = await klAfter(name, 'tfjs');
    chooseEngine('tfjs').dispose();
    expect(tf.memory().numTensors).toBe(numTensors);
    const expected = await klAfter(name, 'native');
    console.log(
      `${name} on moons: KL ${found.toFixed(4)} nats on tfjs (wasm), ${expected.toFixed(4)} on native`,
    );
    expect(Math.abs(found - expected)).toBeLessThan(0.03);
  },
);
