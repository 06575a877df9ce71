import type { Command } from 'commander';
import { LiouvilleError } from '../../../errors.ts';
import {
  decodeLatents,
  denormaliseClouds,
  encodeClouds,
  interpolateLatents,
  normaliseClouds,
} from '../../../pointcloud/index.ts';
import type { Clouds } from '../../../pointcloud/index.ts';
import type { Matrix } from '../../../matrix.ts';
import * as argument from '../../arguments.ts';
import { addEvaluationOptions, evaluationOf, surroundingsOf } from '../../evaluation.ts';
import type { EvaluationFlags } from '../../evaluation.ts';
import { exit } from '../../io.ts';
import type { Io } from '../../io.ts';
import { checkOutputFile } from '../../output-file.ts';
import { chosen, cloudFiles, writeCloudFile } from '../../pointcloud/data.ts';
import { addPageOptions, betweenScene, checkPage, writePage } from '../../pointcloud/page.ts';
import type { PageFlags } from '../../pointcloud/page.ts';
import { openCloudRun } from '../../pointcloud/run.ts';
import { readCloudFile } from '../../pointcloud/source.ts';

interface Flags extends EvaluationFlags, PageFlags {
  run: string;
  data?: string;
  key?: string;
  from: number;
  to: number;
  steps: number;
  points: number;
  seed: number;
  out: string;
}

const examples = `
Example:
  liouville pointcloud interpolate --run runs/chairs --from 3 --to 17 --steps 8 --out between.npy --html between.html

The clouds between two of a file (that of the training, unless --data names another), through their latents, both ends
included: an array [steps, points, coordinates].`;

/** `liouville pointcloud interpolate`: the way from one cloud to another. */
export function addCloudInterpolate(parent: Command, io: Io, end: (status: number) => void): void {
  const command = parent
    .command('interpolate')
    .description('Draw the clouds on the way from one cloud to another.')
    .requiredOption('--run <folder>', 'a run of pointcloud train', argument.path)
    .option('--data <file>', 'where the two clouds are (default: the data of the run)')
    .option('--key <name>', 'which array of a file that holds several')
    .requiredOption('--from <n>', 'the number of a cloud, from 0', argument.seed)
    .requiredOption('--to <n>', 'the number of another', argument.seed)
    .option('--steps <n>', 'clouds on the way, both ends included', argument.count, 8)
    .option('--points <n>', 'of each cloud', argument.count, 2048)
    .requiredOption('--out <file>', 'an .npy or .npz file')
    .option('--seed <n>', 'of the draws', argument.seed, 0);
  addPageOptions(command, 'a page with the clouds on the way, between the two');
  addEvaluationOptions(command)
    .addHelpText('after', examples)
    .action(async (flags: Flags) => {
      await run(flags, io);
      end(exit.ok);
    });
}

async function run(flags: Flags, io: Io): Promise<void> {
  const { data, key, from, to, steps, points, seed, out, html, up, ...others } = flags;
  if (steps < 2) throw new LiouvilleError('invalid-argument', '--steps: expected at least 2, the two ends.');
  await checkOutputFile('--out', out, cloudFiles);
  const { model, plan, normalisation } = await openCloudRun(flags.run);
  await checkPage(html, model.dim);
  if (model.encoder === null) {
    throw new LiouvilleError(
      'invalid-argument',
      `--run: the model of '${flags.run}' is one shape (--latent 0); there is none to go to.`,
    );
  }
  const clouds = await readCloudFile(
    data ?? plan.data,
    data === undefined ? plan : { key: key ?? null, seed },
  );
  const computed = { ...evaluationOf(others), ...surroundingsOf(io) };
  const latentOf = async (number: number, option: string): Promise<Matrix> => {
    const cloud: Clouds = normaliseClouds(chosen(clouds, number, option), normalisation);
    return (await encodeClouds(model, cloud, computed)).mean;
  };
  const ends = [await latentOf(from, '--from'), await latentOf(to, '--to')] as const;
  const latents = await interpolateLatents(model, ...ends, steps, computed);
  const decoded = await decodeLatents(model, latents, { ...computed, points, seed });
  const drawn = denormaliseClouds(decoded, normalisation);
  await writeCloudFile(out, drawn);
  if (html === undefined) return;
  const named = [from, to].map(
    (number) => [`cloud ${number} of the data`, chosen(clouds, number, '')] as const,
  );
  const title = `From cloud ${from} to cloud ${to}, by ${flags.run}`;
  await writePage(html, { title, scenes: [betweenScene(drawn, named)], up });
}
