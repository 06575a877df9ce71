import { LiouvilleError, unknownName } from '../../errors.ts';
import type { AddonInfo } from './addon.ts';

/** Every instruction set that there are kernels for. */
const names: readonly string[] = ['baseline', 'avx2', 'avx512', 'neon'];

/**
 * Chooses among the instruction sets that were compiled in: the one that is asked for, else the widest that
 * this processor has.
 *
 * @throws LiouvilleError 'unknown-name' or 'engine-unavailable' for one that is asked for in vain.
 * @returns its place in `info.instructionSets`
 */
export function chooseInstructionSet(info: AddonInfo, wanted: string | undefined): number {
  const sets = info.instructionSets;
  if (wanted === undefined || wanted === '') return sets.findLastIndex(({ supported }) => supported);
  if (!names.includes(wanted)) throw unknownName('instruction set', wanted, names);
  const index = sets.findIndex(({ name }) => name === wanted);
  if (sets[index]?.supported === true) return index;
  const why = index < 0 ? 'is not among those that were compiled' : 'is not supported by this processor';
  const usable = sets.filter(({ supported }) => supported).map(({ name }) => name);
  throw new LiouvilleError(
    'engine-unavailable',
    `LIOUVILLE_ISA: the instruction set '${wanted}' ${why}. Here there are: ${usable.join(', ')}.`,
  );
}
