import { exit } from './io.ts';

/** Exit statuses of a command that a signal has stopped: 128 and the number of the signal, as shells expect. */
const statuses = { SIGINT: exit.interrupted, SIGTERM: 143 } as const;
type Name = keyof typeof statuses;

/** Where signals come from: `process`. */
interface Signals {
  on(name: Name, listener: (name: Name) => void): unknown;
  off(name: Name, listener: (name: Name) => void): unknown;
}

/** What Ctrl-C and the wish of the system to end the process lead to. */
export interface Stop {
  /** Fires with the first of them. */
  readonly signal: AbortSignal;
  /** The exit status of a command that has returned this one. */
  statusOf(ended: number): number;
}

/**
 * Lets the first signal stop the command, which may take a moment for its checkpoint. From then on signals do again what
 * they usually do: a second Ctrl-C ends the process at once.
 */
export function stopOnSignals(source: Signals): Stop {
  const controller = new AbortController();
  const names = Object.keys(statuses) as Name[];
  let first: Name | undefined;
  const stop = (name: Name): void => {
    first = name;
    for (const each of names) source.off(each, stop);
    controller.abort();
  };
  for (const name of names) source.on(name, stop);
  return {
    signal: controller.signal,
    statusOf: (ended) => (ended === exit.interrupted && first !== undefined ? statuses[first] : ended),
  };
}
