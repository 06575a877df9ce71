import { Command, Help } from 'commander';
import type { Option } from 'commander';
import { LiouvilleError } from '../errors.ts';
import { addBench } from './commands/bench.ts';
import { addCompare } from './commands/compare.ts';
import { addCompletion } from './commands/completion.ts';
import { addDoctor } from './commands/doctor.ts';
import { addLogProb } from './commands/logprob.ts';
import { addOde } from './commands/ode.ts';
import { addPointCloud } from './commands/pointcloud/index.ts';
import { addSample } from './commands/sample.ts';
import { addTrain } from './commands/train.ts';
import { reportFailure } from './failure.ts';
import { exit } from './io.ts';
import type { Io } from './io.ts';
import { liouvilleVersion } from './versions.ts';

/** Adds a command to the program; it calls `end` when its exit status is not 0. */
type AddCommand = (program: Command, io: Io, end: (status: number) => void) => void;

const commands: readonly AddCommand[] = [
  addTrain,
  addSample,
  addLogProb,
  addCompare,
  addOde,
  addPointCloud,
  addDoctor,
  addBench,
  addCompletion,
];

/** What help says of an option: a list that is its default as one would type it. */
function optionDescription(option: Option): string {
  const value: unknown = option.defaultValue;
  if (Array.isArray(value)) return `${option.description} (default: ${value.join(',')})`;
  return Help.prototype.optionDescription.call(new Help(), option);
}

/** Runs `liouville` with these arguments and returns the exit status: 0, 1 failure, 2 misuse, 130 stopped by its signal. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  let status: number = exit.ok;
  const program = new Command('liouville')
    .description('Normalizing flows, continuous and discrete: train them on your data and compare them.')
    .version(liouvilleVersion(), '-V, --version')
    .exitOverride()
    .configureHelp({ optionDescription })
    .configureOutput({
      writeOut: (text) => io.stdout.write(text),
      // Errors are told by reportFailure, in one line.
      writeErr: () => undefined,
    });
  for (const add of commands) add(program, io, (ended) => (status = ended));
  try {
    refuseUnfinished(program, argv);
    await program.parseAsync(argv, { from: 'user' });
    return status;
  } catch (error) {
    return reportFailure(error, io);
  }
}

/** Throws 'invalid-argument' where a command is missing, of the program or of a group such as `pointcloud`. */
function refuseUnfinished(program: Command, [first, ...others]: readonly string[]): void {
  const group = first === undefined ? program : program.commands.find((command) => command.name() === first);
  if (group === undefined || group.commands.length === 0 || others.length > 0) return;
  const names = group.commands.map((command) => command.name()).join(', ');
  const words = first === undefined ? 'liouville' : `liouville ${first}`;
  throw new LiouvilleError('invalid-argument', `Expected a command: ${names}. Try ${words} --help.`);
}
