import type { Found } from '../found.ts';

/** What the engine runs on. */
export interface TfjsDetails {
  /** The name under which the backend is registered: 'tensorflow', 'wasm', 'webgpu', 'webgl', 'cpu'. */
  readonly backend: string;
  /** Of @tensorflow/tfjs-core. */
  readonly version: string;
}

/** The engine on tensors of tfjs. */
export function tfjsEngine(): Found {
  return {
    reason: "This version of Liouville does not contain the engine 'tfjs'.",
    remedy: "Use the engine 'native', 'wasm', 'reference' or 'auto'.",
  };
}
