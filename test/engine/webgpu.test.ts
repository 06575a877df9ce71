import { expect, test } from 'vitest';
import { WebGpuEngine } from '../../src/engine/webgpu/engine.ts';
import { offerSoftwareAdapter } from '../support/software-adapter.ts';
import { conformance } from './conformance.ts';

offerSoftwareAdapter();
const engine = new WebGpuEngine();
const found = await engine.details().catch((error: unknown) => (error as Error).message);

test('there is a WebGPU device', ({ skip }) => {
  if (typeof found === 'string') return skip(found);
  expect(found.provider).toBe('webgpu');
  expect(found.adapter).not.toBe('');
});

if (typeof found !== 'string') {
  conformance(engine, 'webgpu', { relative: 1e-5, sameSteps: false, precision: 'float32' });
}
