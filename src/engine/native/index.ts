import { LiouvilleError } from '../../errors.ts';
import type { Missing } from '../found.ts';
import { NativeEngine } from './engine.ts';
import { environment } from './environment.ts';
import { chooseInstructionSet } from './instruction-set.ts';
import { loadAddon } from './load.ts';

/** What the native engine runs on. */
export interface NativeDetails {
  readonly instructionSet: string;
  /** Those that this processor has, the narrowest first. */
  readonly supported: readonly string[];
  /** Cores, and hence threads unless others are asked for. */
  readonly cores: number;
  /** The file of the addon. */
  readonly path: string;
}

const engines = new Map<number, NativeEngine>();

/**
 * The native engine on an instruction set: the one that is named, else LIOUVILLE_ISA, else the widest that the
 * processor has.
 */
export function nativeEngine(
  instructionSet?: string,
): { readonly engine: NativeEngine; readonly details: NativeDetails } | Missing {
  const loaded = loadAddon();
  if ('reason' in loaded) return loaded;
  const { addon, info, path } = loaded;
  let index: number;
  try {
    index = chooseInstructionSet(info, instructionSet ?? environment('LIOUVILLE_ISA'));
  } catch (error) {
    if (!(error instanceof LiouvilleError)) throw error;
    return { reason: error.message, remedy: 'Unset LIOUVILLE_ISA to use the widest.', asked: error };
  }
  let engine = engines.get(index);
  if (engine === undefined) {
    engine = new NativeEngine({ name: 'native', addon, instructionSet: index, cores: info.cores });
    engines.set(index, engine);
  }
  const { name } = info.instructionSets[index]!;
  const supported = info.instructionSets.filter((set) => set.supported).map((set) => set.name);
  return { engine, details: { instructionSet: name, supported, cores: info.cores, path } };
}
