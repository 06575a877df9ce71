import { NativeEngine } from '../native/engine.ts';
import { WasmKernels } from './kernels.ts';
import { programOf } from './module.ts';
import { nodeModule } from './platform.ts';
import { whyNotBuilt } from './present.ts';
import { supportedBuilds } from './support.ts';
import type { Build } from './support.ts';
import { Workers } from './workers.ts';

/** What the engine runs on. */
export interface WasmDetails {
  readonly instructionSet: Build;
  /** Those that run here, the better one last. */
  readonly supported: readonly Build[];
  /** Cores, and hence workers unless others are asked for. */
  readonly cores: number;
}

const engines = new Map<Build, NativeEngine>();

/** The engine on a build of the module: the one that is named, else the best that runs here. */
export function wasmEngine(
  build?: Build,
):
  | { readonly engine: NativeEngine; readonly details: WasmDetails }
  | { readonly reason: string; readonly remedy: string } {
  const supported = supportedBuilds();
  const best = supported.at(-1);
  if (best === undefined) {
    return {
      reason: 'This JavaScript engine has no WebAssembly with SIMD and exceptions.',
      remedy: 'Use Node 20, or a browser from 2023 or later.',
    };
  }
  const chosen = build ?? best;
  if (!supported.includes(chosen)) {
    return {
      reason: 'This JavaScript engine has no relaxed SIMD.',
      remedy: 'In Node 20, start it with --experimental-wasm-relaxed-simd.',
    };
  }
  const missing = whyNotBuilt();
  if (missing !== undefined) return missing;
  const cores = coresHere();
  let engine = engines.get(chosen);
  if (engine === undefined) {
    const addon = new WasmKernels(new Workers(() => programOf(chosen)));
    engine = new NativeEngine({ name: 'wasm', addon, instructionSet: 0, cores });
    engines.set(chosen, engine);
  }
  return { engine, details: { instructionSet: chosen, supported, cores } };
}

function coresHere(): number {
  const { navigator } = globalThis as { navigator?: { hardwareConcurrency?: number } };
  const system = nodeModule<{ availableParallelism(): number }>('node:os');
  return Math.max(1, system?.availableParallelism() ?? navigator?.hardwareConcurrency ?? 1);
}
