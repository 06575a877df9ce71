import { LiouvilleError, throwIfAborted } from '../../errors.ts';
import type { ErrorCode } from '../../errors.ts';
import type { CallOptions, Precision } from '../types.ts';
import type { CancellationHandle, Kernels } from './addon.ts';

/** The most threads that a call gets, whatever is asked. */
const mostThreads = 256;

/** The codes of errors that the addon makes. */
const codes: readonly ErrorCode[] = [
  'invalid-argument',
  'shape-mismatch',
  'aborted',
  'engine-unavailable',
  'out-of-memory',
];

/** The error of the addon as one of this library's, with the name of what it happened in. */
export function refuse(error: unknown, name: string): unknown {
  const code = codes.find((code) => code === (error as { code?: unknown } | null)?.code);
  if (code === undefined || error instanceof LiouvilleError) return error;
  return new LiouvilleError(code, `${name}: ${(error as Error).message}`, { cause: error });
}

/**
 * Starts a job of the addon, and stops it when the signal fires.
 *
 * @param name of the program, for messages.
 */
export async function runJob<T>(
  addon: Kernels,
  name: string,
  signal: AbortSignal | undefined,
  start: (cancellation: CancellationHandle | null) => Promise<T>,
): Promise<T> {
  throwIfAborted(signal);
  const cancellation = signal === undefined ? null : addon.createCancellation();
  const stop = (): void => {
    if (cancellation !== null) addon.cancel(cancellation);
  };
  signal?.addEventListener('abort', stop, { once: true });
  try {
    return await start(cancellation);
  } catch (error) {
    throwIfAborted(signal);
    throw refuse(error, name);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

/** Whether a call computes in double precision. The default is single precision. */
export function isFloat64(precision: Precision | undefined): boolean {
  if (precision === undefined || precision === 'float32') return false;
  if (precision === 'float64') return true;
  throw new LiouvilleError(
    'invalid-argument',
    `precision: expected 'float32' or 'float64'; got '${String(precision)}'.`,
  );
}

/** The threads of a call: the option, else LIOUVILLE_THREADS, else all cores. */
export function threadsOf({ threads }: CallOptions, environment: string | undefined, cores: number): number {
  if (threads !== undefined) return checked('threads', threads, String(threads));
  if (environment === undefined || environment === '') return Math.min(cores, mostThreads);
  return checked('LIOUVILLE_THREADS', Number(environment), `'${environment}'`);
}

function checked(name: string, threads: number, came: string): number {
  if (Number.isInteger(threads) && threads >= 1) return Math.min(threads, mostThreads);
  throw new LiouvilleError('invalid-argument', `${name}: expected a positive whole number; got ${came}.`);
}
