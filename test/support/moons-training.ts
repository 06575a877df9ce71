import { ffjord } from '../../src/cnf/index.ts';
import { toy, toyEntropy } from '../../src/data/index.ts';
import { realNVP } from '../../src/discrete/index.ts';
import type { EngineName } from '../../src/engine/index.ts';
import type { Flow } from '../../src/flow/index.ts';
import { fit } from '../../src/train/index.ts';

interface Training {
  readonly make: () => Flow;
  readonly steps: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly tolerance?: number;
}

/**
 * Trainings on moons that come near to the true density, the smallest that were found: engines that differ by rounding
 * take other paths, so only what is nearly converged can be compared.
 */
export const moonsTrainings: Readonly<Record<string, Training>> = {
  FFJORD: {
    make: () => ffjord({ dim: 2, hidden: [16, 16], seed: 1 }),
    steps: 1000,
    batchSize: 200,
    learningRate: 3e-2,
    tolerance: 1e-3,
  },
  RealNVP: {
    make: () => realNVP({ dim: 2, layers: 6, hidden: [32, 32], seed: 1 }),
    steps: 1500,
    batchSize: 128,
    learningRate: 5e-3,
  },
};

const train = toy['moons']!(10_000, { seed: 1 });
const held = toy['moons']!(10_000, { seed: 2 });

/** Trains on an engine in float32, and gives the KL divergence from the truth, computed in float64 elsewhere. */
export async function klAfterTraining(
  name: string,
  engine: EngineName,
): Promise<{ kl: number; seconds: number }> {
  const { make, steps, batchSize, learningRate, tolerance } = moonsTrainings[name]!;
  const flow = make();
  const tolerances = tolerance === undefined ? {} : { rtol: tolerance, atol: tolerance };
  const how = { steps, batchSize, learningRate, schedule: 'cosine', seed: 1, engine, threads: 1 } as const;
  const { engine: used, seconds } = await fit(flow, train, { ...how, ...tolerances });
  if (used !== engine) throw new Error(`The training ran on ${used}, not on ${engine}.`);
  const density = await flow.logProb(held, { precision: 'float64', trace: 'exact', rtol: 1e-7, atol: 1e-7 });
  return { kl: -density.reduce((sum, x) => sum + x, 0) / density.length - toyEntropy['moons']!, seconds };
}
