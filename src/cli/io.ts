/** Where text goes. Node's streams are such, and tests have their own. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** Everything outside that a command touches besides files. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Fires when the user wants to stop. */
  readonly signal: AbortSignal;
}

/** Exit statuses, as the documentation promises them. */
export const exit = { ok: 0, failure: 1, misuse: 2, interrupted: 130 } as const;
