import type { Found } from '../found.ts';
import { WebGpuEngine } from './engine.ts';
import { missing } from './gpu.ts';

let engine: WebGpuEngine | undefined;

/** The engine on a WebGPU device: that of the browser, or in Node that of the package `webgpu`. */
export function webgpuEngine(): Found {
  const absent = missing();
  if (absent !== null) return absent;
  const found = (engine ??= new WebGpuEngine());
  return { engine: found, inspect: () => found.inspect() };
}
