import type { Command } from 'commander';
import { LiouvilleError } from '../errors.ts';

/** Throws 'invalid-argument' for an option beside --resume that is not among these: a run keeps its settings. */
export function refuseBesides(command: Command, allowed: readonly string[]): void {
  const other = command.options.find((option) => {
    const name = option.attributeName();
    return !allowed.includes(name) && command.getOptionValueSource(name) === 'cli';
  });
  if (other === undefined) return;
  throw new LiouvilleError(
    'invalid-argument',
    `--resume goes on with the settings that the run began with; leave out ${other.long}.`,
  );
}
