/** The conformance suite on the backends of tfjs that need a page. */
import * as tf from '@tensorflow/tfjs-core';
import { ffjord } from '../../src/cnf/index.ts';
import { toy } from '../../src/data/index.ts';
import { realNVP } from '../../src/discrete/index.ts';
import { chooseEngine } from '../../src/engine/index.ts';
import { fit } from '../../src/train/index.ts';
import { conformance } from '../engine/conformance.ts';
import { runAll } from '../wasm/vitest-elsewhere.ts';
import type { Outcome } from '../wasm/vitest-elsewhere.ts';

export interface Report extends Outcome {
  readonly backend: string;
}

/** Both register themselves. */
async function useBackend(backend: string): Promise<void> {
  if (backend === 'webgl') await import('@tensorflow/tfjs-backend-webgl');
  else await import('@tensorflow/tfjs-backend-webgpu');
  await tf.setBackend(backend);
}

/** @param wanted which cases, by a regular expression of their names. */
export async function runConformance(backend: string, wanted: string): Promise<Report> {
  await useBackend(backend);
  const tolerance = { relative: 1e-5, sameSteps: false, precision: 'float32', sampled: true } as const;
  conformance(chooseEngine('tfjs'), 'tfjs', tolerance);
  const outcome = await runAll(new RegExp(wanted));
  return { backend: tf.getBackend(), ...outcome };
}

/** Losses of a short training on a backend, and on the reference engine. */
export async function trainBoth(backend: string): Promise<Record<string, [number, number]>> {
  await useBackend(backend);
  const x = toy['moons']!(24, { seed: 1 });
  const models = {
    ffjord: () => ffjord({ dim: 2, hidden: [8], seed: 1 }),
    realnvp: () => realNVP({ dim: 2, layers: 2, hidden: [8], seed: 1 }),
  };
  const losses: Record<string, [number, number]> = {};
  for (const [name, make] of Object.entries(models)) {
    const lossOn = async (engine: 'tfjs' | 'reference'): Promise<number> => {
      const how = { steps: 3, batchSize: 24, learningRate: 1e-2, rtol: 1e-3, atol: 1e-3, seed: 1 };
      return (await fit(make(), x, { ...how, engine })).loss;
    };
    losses[name] = [await lossOn('tfjs'), await lossOn('reference')];
  }
  return losses;
}

Object.assign(globalThis, { runConformance, trainBoth });
