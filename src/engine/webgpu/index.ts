import type { Found } from '../found.ts';

/** The engine on a WebGPU device. */
export function webgpuEngine(): Found {
  return {
    reason: "This version of Liouville does not contain the engine 'webgpu'.",
    remedy: "Use the engine 'native', 'wasm', 'reference' or 'auto'.",
  };
}
