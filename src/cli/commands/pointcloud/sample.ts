import { extname } from 'node:path';
import type { Command } from 'commander';
import { LiouvilleError } from '../../../errors.ts';
import type { CloudScene } from '../../../plot/index.ts';
import {
  cloudAt,
  cloudPath,
  denormaliseClouds,
  normaliseClouds,
  sampleClouds,
  sampleLatents,
} from '../../../pointcloud/index.ts';
import type { Clouds, DrawOptions } from '../../../pointcloud/index.ts';
import * as argument from '../../arguments.ts';
import { addEvaluationOptions, evaluationOf, surroundingsOf } from '../../evaluation.ts';
import type { EvaluationFlags } from '../../evaluation.ts';
import { exit } from '../../io.ts';
import type { Io } from '../../io.ts';
import { checkOutputFile } from '../../output-file.ts';
import { cloudFiles, filesOfOne, splitClouds, writeCloudFile } from '../../pointcloud/data.ts';
import {
  addPageOptions,
  checkPage,
  pageIntervals,
  samplesScene,
  shown,
  wayScene,
  writePage,
} from '../../pointcloud/page.ts';
import type { PageFlags } from '../../pointcloud/page.ts';
import { openCloudRun } from '../../pointcloud/run.ts';
import type { CloudPlan, OpenCloudRun } from '../../pointcloud/run.ts';
import { readCloudFile } from '../../pointcloud/source.ts';

interface Flags extends EvaluationFlags, PageFlags {
  run: string;
  count: number;
  points: number;
  seed: number;
  out: string;
}

const examples = `
Examples:
  liouville pointcloud sample --run runs/chairs --count 16 --out chairs.npy
  liouville pointcloud sample --run runs/chairs --count 16 --out chairs.npy --html chairs.html
  liouville pointcloud sample --run runs/bunny --count 1 --points 100000 --out bunny.ply

The file holds an array [clouds, points, coordinates]. Cloud i of a seed is the same for any count. The page shows clouds that
can be turned, beside those of the data (held-out ones, if there are any), and the points of the first on their way from
noise to shape; it needs nothing else.`;

/** `liouville pointcloud sample`: clouds drawn from a trained model. */
export function addCloudSample(parent: Command, io: Io, end: (status: number) => void): void {
  const command = parent
    .command('sample')
    .description('Draw clouds from a trained model, in the units of its data.')
    .requiredOption('--run <folder>', 'a run of pointcloud train', argument.path)
    .requiredOption('--count <n>', 'how many clouds', argument.count)
    .option('--points <n>', 'of each cloud', argument.count, 2048)
    .requiredOption('--out <file>', 'an .npy or .npz file; for one cloud also .ply or .xyz')
    .option('--seed <n>', 'of the draws', argument.seed, 0);
  addPageOptions(command, 'a page with the clouds beside those of the data');
  addEvaluationOptions(command)
    .addHelpText('after', examples)
    .action(async (flags: Flags) => {
      await run(flags, io);
      end(exit.ok);
    });
}

async function run(
  { run: folder, count, points, seed, out, html, up, ...others }: Flags,
  io: Io,
): Promise<void> {
  await checkOutputFile('--out', out, [...cloudFiles, ...filesOfOne]);
  if (count > 1 && filesOfOne.includes(extname(out).toLowerCase())) {
    throw new LiouvilleError('invalid-argument', `--out: '${out}' holds one cloud, and --count is ${count}.`);
  }
  const opened = await openCloudRun(folder);
  const { model, normalisation, plan } = opened;
  await checkPage(html, model.dim);
  const options = { ...evaluationOf(others), ...surroundingsOf(io), points, seed };
  const samples = denormaliseClouds(await sampleClouds(model, count, options), normalisation);
  await writeCloudFile(out, samples);
  if (html === undefined) return;
  const data = await dataOf(plan, io);
  const scenes = [samplesScene(samples, data), await wayOf(opened, samples, options)];
  await writePage(html, { title: `Clouds of ${folder}`, scenes, up });
}

/** The first of the samples on its way. */
async function wayOf(
  { model, normalisation }: OpenCloudRun,
  samples: Clouds,
  { points: _points, ...options }: DrawOptions,
): Promise<CloudScene> {
  const cloud = cloudAt(normaliseClouds([shown(samples)[0]!], normalisation), 0);
  const latent = model.latentDim === 0 ? null : await sampleLatents(model, 1, options);
  const path = await cloudPath(model, cloud, latent, { ...options, intervals: pageIntervals });
  const continuous = path.length === pageIntervals + 1;
  const text = continuous
    ? 'The points of the first cloud, at equal times of the ODE. Colours are those of where a point ends.'
    : 'The points of the first cloud, after each layer. Colours are those of where a point ends.';
  const stops = path.map((stop) => cloudAt(denormaliseClouds([stop], normalisation), 0));
  return wayScene(stops, text);
}

/** Clouds of the data to compare with; without them a page is still of use. */
async function dataOf(plan: CloudPlan, io: Io): Promise<Clouds | null> {
  try {
    const split = splitClouds(await readCloudFile(plan.data, plan), plan.test, plan.seed);
    return split.test ?? split.train;
  } catch (error) {
    if (!(error instanceof LiouvilleError)) throw error;
    io.stderr.write(`liouville: the page is without the data: ${error.message}\n`);
    return null;
  }
}
