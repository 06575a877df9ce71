/** The stable codes of everything that this library throws on purpose. */
export type ErrorCode =
  | 'invalid-argument'
  | 'invalid-data'
  | 'shape-mismatch'
  | 'unknown-name'
  | 'engine-unavailable'
  | 'numerical-failure'
  | 'out-of-memory'
  | 'bad-file'
  | 'incompatible-version'
  | 'io'
  | 'aborted';

/**
 * Misuse, or a failure that the caller has to hear of. The message names the argument, what was
 * expected and what came; `code` is stable and meant for programs.
 */
export class LiouvilleError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'LiouvilleError';
    this.code = code;
  }
}

/** Throws 'aborted' when the signal has fired; the reason of the signal becomes the cause. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new LiouvilleError('aborted', 'The work was stopped by its AbortSignal.', { cause: signal.reason });
  }
}

/** The candidate nearest to `name` by edit distance, when it is near enough to be a slip of the hand. */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** An 'unknown-name' error that lists what exists and names the nearest. */
export function unknownName(what: string, name: unknown, candidates: readonly string[]): LiouvilleError {
  const text = String(name);
  const nearest = nearestName(text, candidates);
  const hint = nearest === undefined ? '' : ` Did you mean '${nearest}'?`;
  return new LiouvilleError(
    'unknown-name',
    `Unknown ${what} '${text}'.${hint} Known: ${candidates.join(', ')}.`,
  );
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substitution, previous[j]! + 1, current[j - 1]! + 1));
    }
    previous = current;
  }
  return previous[b.length]!;
}
