import { expect, test } from 'vitest';
import { WebGpuEngine } from '../../src/engine/webgpu/engine.ts';
import { offerSoftwareAdapter } from '../support/software-adapter.ts';
import { conformance } from './conformance.ts';

offerSoftwareAdapter();
const engine = new WebGpuEngine();
const found = await engine.inspect();

test('there is a WebGPU device', ({ skip }) => {
  if ('reason' in found) return skip(`${found.reason} ${found.remedy}`);
  console.log(found.details);
  expect(found.details.adapter).not.toBe('');
});

if ('details' in found) {
  conformance(engine, 'webgpu', { relative: 1e-5, sameSteps: false, precision: 'float32' });
}
