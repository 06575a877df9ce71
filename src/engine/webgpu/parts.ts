import { LiouvilleError } from '../../errors.ts';
import type { Device } from './device.ts';
import { groupRows } from './wgsl/sums-kernel.ts';

/** Rows of one dispatch at most, whatever they cost. */
const mostRows = 2 ** 16;

/** Multiplications of one dispatch, about: a signal is noticed in between, and no watchdog bites. */
export function dispatchWork({ details }: Device): number {
  return details.software ? 2 ** 25 : 2 ** 33;
}

/** Bytes of one buffer at most, even where the device allows more. */
const mostBytes = 2 ** 28;

/**
 * Rows that are computed at a time: whole groups, of which each needs at most `width` numbers of any buffer. It depends
 * on the program and the device only, so that sums over rows always have the same bits.
 *
 * @throws LiouvilleError 'out-of-memory' when not even one group fits.
 */
export function partRows(device: Device, rows: number, width: number, cost: number): number {
  const bytes = 4 * groupRows * Math.max(width, 1);
  const limit = Math.min(device.largestBuffer, mostBytes);
  if (bytes > limit) {
    throw new LiouvilleError(
      'out-of-memory',
      `The WebGPU device has buffers of at most ${device.largestBuffer} bytes; ${groupRows} rows of this program need ` +
        `${bytes}. Use a smaller model, or the engine native.`,
    );
  }
  const groups = Math.min(
    mostRows / groupRows,
    Math.floor(limit / bytes),
    Math.max(1, Math.floor(dispatchWork(device) / (groupRows * Math.max(cost, 1)))),
    Math.ceil(rows / groupRows),
  );
  return groups * groupRows;
}
