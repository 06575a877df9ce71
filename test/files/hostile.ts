import { vi } from 'vitest';
import { LiouvilleError } from '../../src/errors.ts';

const RECORDED = [
  'ArrayBuffer',
  'Float64Array',
  'Float32Array',
  'BigInt64Array',
  'Int32Array',
  'Uint8Array',
] as const;

/**
 * Runs `decode` and returns what it returned, or the LiouvilleError 'bad-file' that it threw. Anything else
 * it throws is thrown on. `allocated` is the number of bytes of the typed arrays that it asked for.
 */
export function decodeHostile<T>(decode: () => T): { result: T | LiouvilleError; allocated: number } {
  const recorded = startRecording();
  try {
    return { result: decode(), allocated: recorded() };
  } catch (error) {
    return { result: asBadFile(error), allocated: recorded() };
  } finally {
    vi.unstubAllGlobals();
  }
}

/** The same for what takes its time; nothing else may run beside it. */
export async function recordAllocations<T>(run: () => Promise<T>): Promise<{ result: T; allocated: number }> {
  const recorded = startRecording();
  try {
    const result = await run();
    return { result, allocated: recorded() };
  } finally {
    vi.unstubAllGlobals();
  }
}

/** Counts the bytes of the typed arrays that are asked for from now on. */
function startRecording(): () => number {
  let allocated = 0;
  for (const name of RECORDED) {
    const original = globalThis[name];
    const recording = new Proxy(original, {
      construct(target, [size, ...rest]: unknown[], newTarget): object {
        const entryBytes = 'BYTES_PER_ELEMENT' in target ? target.BYTES_PER_ELEMENT : 1;
        if (typeof size === 'number') allocated += size * entryBytes;
        return Reflect.construct(target, [size, ...rest], newTarget) as object;
      },
    });
    vi.stubGlobal(name, recording);
  }
  return () => allocated;
}

/** The error with which `decode` refused, and the bytes it allocated before; throws when it did not refuse. */
export function refusal(decode: () => unknown): { error: LiouvilleError; allocated: number } {
  const { result, allocated } = decodeHostile(decode);
  if (result instanceof LiouvilleError) return { error: result, allocated };
  throw new Error('The bytes were read, but should have been refused.');
}

/** The error, if it is a LiouvilleError 'bad-file'; anything else is thrown. */
export function asBadFile(error: unknown): LiouvilleError {
  if (error instanceof LiouvilleError && error.code === 'bad-file') return error;
  throw error;
}

/** The error, if it is a LiouvilleError of any code; anything else is thrown. */
export function asLiouvilleError(error: unknown): LiouvilleError {
  if (error instanceof LiouvilleError) return error;
  throw error;
}

/** A copy of the bytes with some of them replaced. */
export function mutate(bytes: Uint8Array, changes: readonly (readonly [number, number])[]): Uint8Array {
  const copy = bytes.slice();
  for (const [position, value] of changes) copy[position % copy.length] = value;
  return copy;
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
