import { expect, test } from 'vitest';
import { WebGpuEngine } from '../../src/engine/webgpu/engine.ts';
import { offerSoftwareAdapter } from '../support/software-adapter.ts';
import { conformance } from './conformance.ts';

offerSoftwareAdapter();
const engine = new WebGpuEngine();
const found = await engine.inspect();

test('there is a WebGPU device', ({ skip }) => {
  if ('reason' in found) return skip(`${found.reason} ${found.remedy}`);
  expect(found.details.provider).toBe('webgpu');
  expect(found.details.adapter).not.toBe('');
});

if ('details' in found) {
  // Each new program takes a software adapter a tenth of a second: webgpu.verify.ts has them all.
  conformance(engine, 'webgpu', { relative: 1e-5, sameSteps: false, precision: 'float32', sampled: true });
}
