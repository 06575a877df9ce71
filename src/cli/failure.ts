import { CommanderError } from 'commander';
import { LiouvilleError } from '../errors.ts';
import type { ErrorCode } from '../errors.ts';
import { exit } from './io.ts';
import type { Io } from './io.ts';

/** What each kind of error says about whose fault it was. */
const statuses: Readonly<Record<ErrorCode, number>> = {
  'invalid-argument': exit.misuse,
  'invalid-data': exit.misuse,
  'shape-mismatch': exit.misuse,
  'unknown-name': exit.misuse,
  'engine-unavailable': exit.misuse,
  'bad-file': exit.misuse,
  'incompatible-version': exit.misuse,
  'numerical-failure': exit.failure,
  'out-of-memory': exit.failure,
  io: exit.failure,
  aborted: exit.interrupted,
};

/** Tells the user what ended a command, in one line where it was foreseen, and returns the exit status. */
export function reportFailure(error: unknown, io: Io): number {
  if (error instanceof CommanderError) {
    // Help and version end this way too, and have been printed.
    if (error.exitCode === 0) return exit.ok;
    // Asked for the help of a command that is not there, commander would show some other help.
    const unknown = error.code === 'commander.help';
    tell(io, unknown ? 'Expected a command that --help lists.' : error.message.replace(/^error: /, ''));
    return exit.misuse;
  }
  if (error instanceof LiouvilleError) {
    tell(io, error.message);
    return statuses[error.code];
  }
  io.stderr.write(`liouville: unexpected error\n${error instanceof Error ? error.stack : String(error)}\n`);
  return exit.failure;
}

function tell(io: Io, message: string): void {
  io.stderr.write(`liouville: ${oneLine(message)}\n`);
}

/** Messages quote names from files and command lines, which may hold line breaks and what terminals obey. */
export function oneLine(message: string): string {
  return message.replaceAll(/\s*[\n\r\u2028\u2029]\s*/g, ' ').replaceAll(/\p{Cc}/gu, '\uFFFD');
}
