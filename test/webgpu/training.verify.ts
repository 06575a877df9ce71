import { describe, expect, test } from 'vitest';
import { ffjord, fit, realNVP, toy } from '../../src/index.ts';
import { diagnose, inspectEngines } from '../../src/engine/index.ts';
import type { EngineName } from '../../src/engine/index.ts';
import type { Flow } from '../../src/flow/index.ts';
import { offerSoftwareAdapter } from '../support/software-adapter.ts';

offerSoftwareAdapter();
const { engines } = await inspectEngines();
const webgpu = engines.find(({ name }) => name === 'webgpu')!;
/** What it is held against. */
const other: EngineName = diagnose().chosen === 'native' ? 'native' : 'wasm';

const [train, held] = [toy.moons!(10_000, { seed: 1 }), toy.moons!(5_000, { seed: 2 })];

/** Few steps of FFJORD: a software adapter takes a fifth of a second for each. */
const models: Readonly<Record<string, { readonly steps: number; readonly make: () => Flow }>> = {
  RealNVP: { steps: 1500, make: () => realNVP({ dim: 2, hidden: [32, 32], layers: 6, seed: 1 }) },
  FFJORD: { steps: 400, make: () => ffjord({ dim: 2, hidden: [16, 16], seed: 1 }) },
};

/** The same rows, so that the difference of the means is that of the KL divergences from the true density. */
async function meanLogProb(flow: Flow): Promise<number> {
  const logProb = await flow.logProb(held, { engine: other, precision: 'float64' });
  return logProb.reduce((sum, x) => sum + x, 0) / logProb.length;
}

describe.each(Object.entries(models))('%s on moons', (name, { steps, make }) => {
  test('comes to the same KL divergence on WebGPU', { timeout: 3_600_000 }, async ({ skip }) => {
    if (!webgpu.available) skip(`${webgpu.reason} ${webgpu.remedy}`);
    const found: Record<string, number> = {};
    for (const engine of [other, 'webgpu'] as const) {
      const flow = make();
      const before = performance.now();
      await fit(flow, train, { steps, batchSize: 128, learningRate: 5e-3, seed: 3, engine });
      found[engine] = await meanLogProb(flow);
      const seconds = (performance.now() - before) / 1000;
      console.log(`${name} on ${engine}: ${found[engine].toFixed(4)} nats, ${seconds.toFixed(1)} s`);
    }
    expect(Math.abs(found['webgpu']! - found[other]!)).toBeLessThan(0.03);
    expect(found['webgpu']).toBeGreaterThan((await meanLogProb(make())) + 0.5);
  });
});
