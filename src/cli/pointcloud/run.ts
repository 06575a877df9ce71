import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { LiouvilleError } from '../../errors.ts';
import { namesIn } from '../../files/index.ts';
import {
  cloudNormalisation,
  fitPointFlow,
  loadPointFlow,
  normaliseClouds,
  pointFlow,
} from '../../pointcloud/index.ts';
import type {
  CloudNormalisation,
  Clouds,
  FitPointFlowOptions,
  PointFlow,
  PointFlowOptions,
} from '../../pointcloud/index.ts';
import { readCheckpoint, runFiles } from '../../train/index.ts';
import { holdsRun } from '../run.ts';
import { writeText } from '../run-folder.ts';
import { versions } from '../versions.ts';
import { splitClouds } from './data.ts';
import { readCloudFile } from './source.ts';

const CONFIG = 'config.json';

/** What a run is, in words that JSON can hold: the command line gives it, and `config.json` keeps it. */
export interface CloudPlan {
  /** Absolute, since the run may be resumed and evaluated from elsewhere. */
  readonly data: string;
  readonly key: string | null;
  /** Points of the surface of a mesh in place of its corners; runs of earlier versions do not say. */
  readonly surface?: number | null;
  /** How many clouds are held out. */
  readonly test: number;
  readonly seed: number;
  readonly model: PointFlowOptions;
  readonly training: FitPointFlowOptions;
}

/** What `train` says in the end. */
export interface CloudOutcome {
  readonly steps: number;
  readonly seconds: number;
  readonly ended: string;
  readonly loss: number;
}

interface Config {
  readonly plan: CloudPlan;
  readonly normalisation: CloudNormalisation;
  readonly result: CloudOutcome | null;
}

/** A plan with its clouds and its model at hand, the clouds in the units of the model. */
export interface CloudPreparation {
  readonly plan: CloudPlan;
  readonly normalisation: CloudNormalisation;
  readonly train: Clouds;
  readonly model: PointFlow;
}

/** Reads the clouds and makes the model. Throws whatever is wrong with either. */
export async function prepareClouds(
  plan: CloudPlan,
  onNote?: (sentence: string) => void,
): Promise<CloudPreparation> {
  const clouds = await readCloudFile(plan.data, { ...plan, ...(onNote && { onNote }) });
  const { train } = splitClouds(clouds, plan.test, plan.seed);
  const normalisation = cloudNormalisation(train);
  const model = pointFlow({ ...plan.model, dim: clouds.dim, seed: plan.seed });
  return { plan, normalisation, train: normaliseClouds(train, normalisation), model };
}

/** Trains into a run folder. */
export async function trainClouds(
  { plan, train, model }: CloudPreparation,
  folder: string,
  options: Pick<
    FitPointFlowOptions,
    'threads' | 'signal' | 'onStep' | 'onWarning' | 'checkpointEvery' | 'resume'
  >,
): Promise<CloudOutcome> {
  // Killed before its first checkpoint, a run begins again; killed after the last one, nothing is left to train.
  const resume = options.resume === true && (await namesIn(folder)).includes(runFiles.checkpoint);
  const { counters } = resume ? await readCheckpoint(folder) : { counters: null };
  if (counters !== null && counters.ended !== null) {
    const { step: steps, wallSeconds: seconds, ended } = counters;
    return { steps, seconds, ended, loss: NaN };
  }
  const { steps, seconds, ended, loss } = await fitPointFlow(model, train, {
    ...plan.training,
    ...options,
    resume,
    checkpoint: folder,
    seed: plan.seed,
  });
  return { steps, seconds, ended, loss };
}

/** Writes `config.json`. */
export async function writeCloudConfig(
  folder: string,
  { plan, normalisation, model }: CloudPreparation,
  result: CloudOutcome | null,
): Promise<void> {
  const { configuration } = model;
  const config = { model: 'pointflow', configuration, plan, normalisation, result, versions: versions() };
  await writeText(join(folder, CONFIG), `${JSON.stringify(config, null, 2)}\n`);
}

/** Reads `config.json` of a run. Throws 'bad-file' for anything else. */
export async function readCloudConfig(folder: string): Promise<Config> {
  const bad = (what: string): LiouvilleError => new LiouvilleError('bad-file', `${folder}: ${what}.`);
  if (!(await holdsRun(folder))) throw bad(`it is not a run folder: there is no ${CONFIG} in it`);
  let config: Partial<Config> | null;
  try {
    config = JSON.parse(await readFile(join(folder, CONFIG), 'utf8')) as Partial<Config> | null;
  } catch {
    throw bad(`its ${CONFIG} is not JSON`);
  }
  const { plan, normalisation, result = null } = config ?? {};
  const isNormalised = [normalisation?.centers, normalisation?.scales].every(Array.isArray);
  if (typeof plan?.data !== 'string' || normalisation === undefined || !isNormalised) {
    throw bad('liouville pointcloud train did not make this run');
  }
  return { plan, normalisation, result };
}

/** The plan of a run that is to be resumed. Throws 'bad-file', and 'invalid-argument' for a finished run. */
export async function readCloudPlan(folder: string): Promise<CloudPlan> {
  const { plan, result } = await readCloudConfig(folder);
  if (result === null) return plan;
  throw new LiouvilleError(
    'invalid-argument',
    `--resume: the run in '${folder}' is finished, after ${result.steps} steps; there is nothing left to do.`,
  );
}

/** What a run has trained. */
export interface OpenCloudRun {
  readonly model: PointFlow;
  readonly plan: CloudPlan;
  readonly normalisation: CloudNormalisation;
}

/** Opens what a run has trained. Throws 'bad-file', 'incompatible-version', 'io'. */
export async function openCloudRun(folder: string): Promise<OpenCloudRun> {
  const { plan, normalisation } = await readCloudConfig(folder);
  if (!(await namesIn(folder)).includes(runFiles.model)) {
    throw new LiouvilleError(
      'bad-file',
      `${folder}: its training has not ended; liouville pointcloud train --resume ${folder} goes on with it.`,
    );
  }
  return { model: await loadPointFlow(join(resolve(folder), runFiles.model)), plan, normalisation };
}
