import type { LiouvilleError } from '../errors.ts';
import type { NativeDetails } from './native/index.ts';
import type { TfjsDetails } from './tfjs/details.ts';
import type { Engine } from './types.ts';
import type { WasmDetails } from './wasm/index.ts';
import type { WebGpuDetails } from './webgpu/details.ts';

/** What an engine runs on. */
export type EngineDetails = NativeDetails | WasmDetails | TfjsDetails | WebGpuDetails;

/** Why an engine cannot be used here, and what would help. */
export interface Missing {
  readonly reason: string;
  readonly remedy: string;
  /** The environment asks for something of this engine that there is not. */
  readonly asked?: LiouvilleError;
}

/** An engine that can be asked for. */
export interface Present {
  readonly engine: Engine;
  readonly details?: EngineDetails;
  /**
   * Of an engine that loads an optional package or asks a device when it is first called: does that now, and tells what
   * it runs on, or why it does not. Never throws. Such an engine is used where it is named, and 'auto' passes it by.
   */
  readonly inspect?: () => Promise<{ readonly details: EngineDetails } | Missing>;
}

export type Found = Present | Missing;
