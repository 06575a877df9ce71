import type { Command } from 'commander';
import { canBeHeader, writeTable } from '../../files/index.ts';
import * as argument from '../arguments.ts';
import { addEvaluationOptions, evaluationOf, surroundingsOf } from '../evaluation.ts';
import type { EvaluationFlags } from '../evaluation.ts';
import { exit } from '../io.ts';
import type { Io } from '../io.ts';
import { checkOutputFile } from '../output-file.ts';
import { asGiven, openRun } from '../run.ts';

interface Flags extends EvaluationFlags {
  run: string;
  count: number;
  seed: number;
  out: string;
}

const examples = `
Examples:
  liouville sample --run runs/moons --count 1000 --out samples.csv
  liouville sample --run liouville-out/runs/ffjord --count 100000 --seed 1 --out samples.npy

Row i of a seed is the same for any count.`;

/** `liouville sample`: rows drawn from a trained model. */
export function addSample(program: Command, io: Io, end: (status: number) => void): void {
  const command = program
    .command('sample')
    .description('Draw rows from a trained model, in the units of its data.')
    .requiredOption('--run <folder>', 'a run of train, or of compare', argument.path)
    .requiredOption('--count <n>', 'how many rows', argument.count)
    .requiredOption('--out <file>', 'an .npy or .csv file')
    .option('--seed <n>', 'of the draws', argument.seed, 0);
  addEvaluationOptions(command)
    .addHelpText('after', examples)
    .action(async (flags: Flags) => {
      await checkOutputFile('--out', flags.out);
      const { flow, columns, standardisation } = await openRun(flags.run);
      const options = { ...evaluationOf(flags), ...surroundingsOf(io), seed: flags.seed };
      const drawn = await flow.sample(flags.count, options);
      // Parquet knows columns by the names of numbers, as pandas gives them; CSV cannot.
      await writeTable(
        flags.out,
        asGiven(drawn, standardisation),
        canBeHeader(columns) ? columns : undefined,
      );
      end(exit.ok);
    });
}
