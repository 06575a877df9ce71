import type { Command } from 'commander';
import { sampleClouds } from '../../../pointcloud/index.ts';
import * as argument from '../../arguments.ts';
import { addEvaluationOptions, evaluationOf, surroundingsOf } from '../../evaluation.ts';
import type { EvaluationFlags } from '../../evaluation.ts';
import { exit } from '../../io.ts';
import type { Io } from '../../io.ts';
import { checkOutputFile } from '../../output-file.ts';
import { asGiven, writeCloudFile } from '../../pointcloud/data.ts';
import { openCloudRun } from '../../pointcloud/run.ts';

interface Flags extends EvaluationFlags {
  run: string;
  count: number;
  points: number;
  seed: number;
  out: string;
}

const examples = `
Examples:
  liouville pointcloud sample --run runs/chairs --count 16 --out chairs.npy
  liouville pointcloud sample --run runs/bunny --count 1 --points 100000 --out bunny.npy

The file holds an array [clouds, points, coordinates]. Cloud i of a seed is the same for any count.`;

/** `liouville pointcloud sample`: clouds drawn from a trained model. */
export function addCloudSample(parent: Command, io: Io, end: (status: number) => void): void {
  const command = parent
    .command('sample')
    .description('Draw clouds from a trained model, in the units of its data.')
    .requiredOption('--run <folder>', 'a run of pointcloud train', argument.path)
    .requiredOption('--count <n>', 'how many clouds', argument.count)
    .option('--points <n>', 'of each cloud', argument.count, 2048)
    .requiredOption('--out <file>', 'an .npy file')
    .option('--seed <n>', 'of the draws', argument.seed, 0);
  addEvaluationOptions(command)
    .addHelpText('after', examples)
    .action(async ({ run, count, points, seed, out, ...others }: Flags) => {
      await checkOutputFile('--out', out, ['.npy']);
      const { model, normalisation } = await openCloudRun(run);
      const options = { ...evaluationOf(others), ...surroundingsOf(io), points, seed };
      await writeCloudFile(out, asGiven(await sampleClouds(model, count, options), normalisation));
      end(exit.ok);
    });
}
