import { expect, test } from 'vitest';
import { diagnose, inspectEngines } from '../../src/engine/index.ts';
import type { EngineName } from '../../src/engine/index.ts';
import { klAfterTraining, moonsTrainings } from '../support/moons-training.ts';
import { offerSoftwareAdapter } from '../support/software-adapter.ts';

offerSoftwareAdapter();
const { engines } = await inspectEngines();
const webgpu = engines.find(({ name }) => name === 'webgpu')!;
/** What it is held against. */
const other: EngineName = diagnose().chosen === 'native' ? 'native' : 'wasm';

test.for(Object.keys(moonsTrainings))(
  '%s comes to the same KL divergence on WebGPU',
  { timeout: 3_600_000 },
  async (name, { skip }) => {
    if (!webgpu.available) skip(`${webgpu.reason} ${webgpu.remedy}`);
    const expected = await klAfterTraining(name, other);
    const found = await klAfterTraining(name, 'webgpu');
    console.log(
      `${name} on moons: KL ${found.kl.toFixed(4)} nats on webgpu (${found.seconds.toFixed(0)} s), ` +
        `${expected.kl.toFixed(4)} on ${other} (${expected.seconds.toFixed(0)} s)`,
    );
    expect(Math.abs(found.kl - expected.kl)).toBeLessThan(0.03);
    expect(Math.max(found.kl, expected.kl)).toBeLessThan(name === 'FFJORD' ? 0.03 : 0.2);
  },
);
