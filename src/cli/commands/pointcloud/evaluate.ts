import type { Command } from 'commander';
import { LiouvilleError, unknownName } from '../../../errors.ts';
import { cloudDistanceNames } from '../../../pointcloud/index.ts';
import type { CloudDistanceName } from '../../../pointcloud/index.ts';
import * as argument from '../../arguments.ts';
import { addEvaluationOptions, evaluationOf, surroundingsOf } from '../../evaluation.ts';
import type { EvaluationFlags } from '../../evaluation.ts';
import { exit } from '../../io.ts';
import type { Io } from '../../io.ts';
import { contestOfFiles, contestOfRun, scoresOf, scoreTable } from '../../pointcloud/evaluate.ts';
import type { Contest } from '../../pointcloud/evaluate.ts';
import { surfaceOption } from '../../pointcloud/source.ts';
import { ProgressLine } from '../../progress.ts';

interface Flags extends EvaluationFlags {
  run?: string;
  reference?: string;
  samples?: string[];
  train?: string;
  distances: CloudDistanceName[];
  earthMoverPoints?: number;
  surface?: number;
  points: number;
  seed: number;
  json?: boolean;
}

const examples = `
Examples:
  liouville pointcloud evaluate --run runs/chairs
  liouville pointcloud evaluate --reference test.npy --train train.npy --samples cnf.npy splines.npy
  liouville pointcloud evaluate --run runs/chairs --distances chamfer,earth-mover --earth-mover-points 512 --json

JSD, and under each distance MMD, COV and 1-NNA, in the units of the data; docs/pointcloud-metrics.md defines them.
With --run, the clouds that the run held out are the reference, and the model draws as many. The line of the training set,
as many clouds of it, is what a model that draws true clouds would get.`;

/** `liouville pointcloud evaluate`: how well sets of clouds match reference clouds. */
export function addCloudEvaluate(parent: Command, io: Io, end: (status: number) => void): void {
  const command = parent
    .command('evaluate')
    .description('Score drawn clouds against held-out ones, with the training set for a bound.')
    .option('--run <folder>', 'a run of pointcloud train that held clouds out', argument.path)
    .option('--reference <file>', 'the clouds to be matched, in place of a run', argument.path)
    .option('--samples <file...>', 'clouds of models, a file and a line each')
    .option('--train <file>', 'clouds of the training set, for a bound', argument.path)
    .option(
      '--distances <names>',
      `with commas: ${cloudDistanceNames.join(', ')}; the second takes hours for hundreds of clouds of thousands of points`,
      distancesOf,
      ['chamfer'],
    )
    .option('--earth-mover-points <n>', "of each cloud under an earth mover's distance", argument.count)
    .addOption(surfaceOption())
    .option('--points <n>', 'of each cloud that a run draws', argument.count, 2048)
    .option('--seed <n>', 'of the draws', argument.seed, 0)
    .option('--json', 'print one JSON document');
  addEvaluationOptions(command)
    .addHelpText('after', examples)
    .action(async (flags: Flags) => {
      await run(flags, io);
      end(exit.ok);
    });
}

async function run(flags: Flags, io: Io): Promise<void> {
  const { distances, earthMoverPoints, seed } = flags;
  if (earthMoverPoints !== undefined && distances.every((name) => name === 'chamfer')) {
    throw new LiouvilleError(
      'invalid-argument',
      "--earth-mover-points: no earth mover's distance is measured; add it to --distances.",
    );
  }
  const contest = await contestOf(flags, io);
  const progress = new ProgressLine(io.stderr);
  const { engine } = flags;
  const options = { ...surroundingsOf(io), engine, distances, earthMoverPoints, seed };
  try {
    const scores = await scoresOf(contest, options, (name, part) =>
      progress.show(`${name}  ${Math.floor(100 * part)} %`),
    );
    progress.clear();
    const reference = contest.reference.name;
    const text = flags.json === true ? JSON.stringify({ reference, sets: scores }) : scoreTable(scores);
    io.stdout.write(`${text}\n`);
  } finally {
    progress.clear();
  }
}

async function contestOf(flags: Flags, io: Io): Promise<Contest> {
  const { run: folder, reference, samples, train, surface, points, seed } = flags;
  const named = [reference, samples, train, surface].some((given) => given !== undefined);
  if (folder !== undefined && !named) {
    return contestOfRun(folder, { ...evaluationOf(flags), ...surroundingsOf(io), points, seed });
  }
  if (folder !== undefined || reference === undefined || (samples ?? train) === undefined) {
    throw new LiouvilleError(
      'invalid-argument',
      'expected --run alone, or --reference with --samples or --train. Try liouville pointcloud evaluate --help.',
    );
  }
  return contestOfFiles(reference, samples ?? [], train, {
    surface,
    seed,
    onNote: (note) => io.stderr.write(`liouville: ${note}\n`),
  });
}

function distancesOf(text: string): CloudDistanceName[] {
  return text.split(',').map((part) => {
    const found = cloudDistanceNames.find((name) => name === part.trim());
    if (found === undefined) throw unknownName('cloud distance', part.trim(), cloudDistanceNames);
    return found;
  });
}
