import { resolve } from 'node:path';
import type { Command } from 'commander';
import { LiouvilleError } from '../../../errors.ts';
import { modelNames } from '../../../models/index.ts';
import type { PointFlowOptions } from '../../../pointcloud/index.ts';
import * as argument from '../../arguments.ts';
import { addEvaluationOptions, evaluationOf, surroundingsOf } from '../../evaluation.ts';
import type { EvaluationFlags } from '../../evaluation.ts';
import { exit } from '../../io.ts';
import type { Io } from '../../io.ts';
import { checkOutputFolder } from '../../output-folder.ts';
import { prepareClouds, readCloudPlan, trainClouds, writeCloudConfig } from '../../pointcloud/run.ts';
import type { CloudPlan } from '../../pointcloud/run.ts';
import { surfaceOption } from '../../pointcloud/source.ts';
import { ProgressLine, trainingText } from '../../progress.ts';
import { refuseBesides } from '../../resume.ts';
import { holdsRun } from '../../run.ts';
import { alone } from '../../run-lock.ts';

interface Flags extends EvaluationFlags {
  data?: string;
  key?: string;
  surface?: number;
  out?: string;
  resume?: string;
  overwrite?: boolean;
  latent?: number;
  decoder?: string;
  hidden?: number[];
  prior?: string;
  deterministic?: boolean;
  points?: number;
  test?: number;
  steps?: number;
  batch?: number;
  learningRate?: number;
  priorWeight?: number;
  ema?: number;
  checkpointEvery?: number;
  seed?: number;
  json?: boolean;
}

/** What is trained with when nothing is said. */
const usual = { latent: 128, decoder: 'cnf-fm', points: 512, test: 0, steps: 5000, batch: 16, rate: 1e-3 };
/** By flow matching, whose steps are many and small, and whose prior can follow latents that say much of a shape. */
const ofMatching = { rate: 5e-3, priorWeight: 0.02 };
/** What a field learns thin surfaces with, in flow matching. */
const forMatching = { timeFrequencies: 3, activation: 'swish' };

const examples = `
Examples:
  liouville pointcloud train --data bunny.npy --latent 0 --out runs/bunny
  liouville pointcloud train --data teapot.obj --surface --latent 0 --out runs/teapot
  liouville pointcloud train --data chairs.npz --test 100 --latent 64 --hidden 256-256-256 --out runs/chairs
  liouville pointcloud train --data chairs.npz --test 100 --decoder nsf --prior realnvp --out runs/splines
  liouville pointcloud train --resume runs/chairs

The file holds an array of the shape [clouds, points, coordinates], or the points of one cloud as rows, a mesh, whose
surface --surface draws points of, or a folder of meshes or clouds, one a file. With --latent 0 one
distribution of points is trained, without encoder and prior. cnf-fm is trained by flow matching, all others by likelihood.`;

/** `liouville pointcloud train`: a model of clouds into a run folder. */
export function addCloudTrain(parent: Command, io: Io, end: (status: number) => void): void {
  const command = parent
    .command('train')
    .description('Train a model of point clouds, or go on with a run that was stopped.')
    .option('--data <path>', 'clouds: .npz, .npy, .ply, .obj, .off, .xyz, .pcd, .csv, .parquet, or a folder')
    .option('--key <name>', 'which array of a file that holds several')
    .addOption(surfaceOption())
    .option('--out <folder>', 'where the run goes', argument.path)
    .option('--overwrite', 'replace a run that is there already')
    .option('--resume <folder>', 'go on with the run in this folder; its settings are kept', argument.path)
    .option('--latent <n>', `width of the latent of a shape (default: ${usual.latent})`, argument.seed)
    .option(
      '--decoder <name>',
      `of points: ${modelNames.join(', ')} (default: ${usual.decoder})`,
      argument.model,
    )
    .option('--hidden <widths>', 'hidden layers of the decoder, such as 256-256-256', argument.widths)
    .option('--prior <name>', 'of latents (default: that of the decoder)', argument.model)
    .option('--deterministic', 'an auto-encoder: the latent is a function of the cloud')
    .option('--points <n>', `of each cloud in a step (default: ${usual.points})`, argument.count)
    .option('--test <n>', `clouds that are held out for evaluate (default: ${usual.test})`, argument.seed)
    .option('--steps <n>', `training steps (default: ${usual.steps})`, argument.count)
    .option('--batch <n>', `clouds of a step (default: ${usual.batch})`, argument.count)
    .option(
      '--learning-rate <x>',
      `the highest one (default: ${usual.rate}; ${ofMatching.rate} for the decoder cnf-fm)`,
      argument.positive,
    )
    .option(
      '--prior-weight <x>',
      `of prior and entropy in the loss; with less, latents say more of a shape (default: 1; ${ofMatching.priorWeight} for the decoder cnf-fm)`,
      argument.positive,
    )
    .option('--ema <x>', 'end with the moving average of this decay, such as 0.999', argument.fraction)
    .option('--checkpoint-every <n>', 'steps (default: every 15 seconds)', argument.count)
    .option('--seed <n>', 'of the split, the model and the training (default: 0)', argument.seed)
    .option('--json', 'print the outcome as JSON');
  addEvaluationOptions(command)
    .addHelpText('after', examples)
    .action(async (flags: Flags) => {
      await run(flags, command, io);
      end(exit.ok);
    });
}

async function run(flags: Flags, command: Command, io: Io): Promise<void> {
  const isResumed = flags.resume !== undefined;
  if (isResumed) refuseBesides(command, ['resume', 'checkpointEvery', 'json']);
  const preparation = await prepareClouds(
    isResumed ? await readCloudPlan(flags.resume!) : planOf(flags),
    (note) => io.stderr.write(`liouville: ${note}\n`),
  );
  const folder = resolve((flags.resume ?? flags.out)!);
  const option = isResumed ? '--resume' : '--out';
  await checkOutputFolder(option, folder);
  const progress = new ProgressLine(io.stderr);
  const outcome = await alone(option, folder, async () => {
    if (!isResumed) {
      if (flags.overwrite !== true && (await holdsRun(folder))) throw alreadyThere(flags.out!);
      await writeCloudConfig(folder, preparation, null);
    }
    try {
      const trained = await trainClouds(preparation, folder, {
        ...surroundingsOf(io),
        ...(flags.checkpointEvery !== undefined && { checkpointEvery: flags.checkpointEvery }),
        resume: isResumed,
        onStep: (event) => progress.show(trainingText('pointflow', preparation.plan.training, event)),
        onWarning(message) {
          progress.clear();
          io.stderr.write(`liouville: ${message}\n`);
        },
      });
      await writeCloudConfig(folder, preparation, trained);
      return trained;
    } catch (error) {
      if (!(error instanceof LiouvilleError) || error.code !== 'aborted') throw error;
      const again = `liouville pointcloud train --resume ${folder} goes on.`;
      throw new LiouvilleError('aborted', `${error.message} ${again}`, { cause: error });
    } finally {
      progress.clear();
    }
  });
  const parameters = preparation.model.parameters.count;
  if (flags.json === true) {
    io.stdout.write(`${JSON.stringify({ run: folder, parameters, ...outcome })}\n`);
    return;
  }
  const { steps, seconds, loss } = outcome;
  io.stdout.write(
    `${parameters} parameters, ${steps} steps in ${seconds.toFixed(0)} s, loss ${loss.toFixed(3)}: ${folder}\n`,
  );
}

/** The plan that the command line describes. */
function planOf(flags: Flags): CloudPlan {
  const {
    data,
    out,
    key,
    surface = null,
    seed = 0,
    steps,
    batch,
    points,
    learningRate,
    priorWeight,
    ema,
    test,
    ...others
  } = flags;
  if (data === undefined || out === undefined) {
    const missing = data === undefined ? '--data' : '--out';
    throw new LiouvilleError(
      'invalid-argument',
      `${missing} is missing: expected --data and --out, or --resume. Try liouville pointcloud train --help.`,
    );
  }
  const { model, objectives } = modelOf(flags);
  const isMatching = objectives.decoder === 'flow-matching';
  const weight = priorWeight ?? (isMatching ? ofMatching.priorWeight : 1);
  return {
    data: resolve(data),
    key: key ?? null,
    surface,
    test: test ?? usual.test,
    seed,
    model,
    training: {
      ...objectives,
      points: points ?? usual.points,
      steps: steps ?? usual.steps,
      batchSize: batch ?? usual.batch,
      learningRate: learningRate ?? (isMatching ? ofMatching.rate : usual.rate),
      ...(model.latentDim !== 0 && { weights: { prior: weight, entropy: weight } }),
      schedule: 'cosine',
      ...(ema !== undefined && { ema }),
      ...evaluationOf(others),
    },
  };
}

type PartObjectives = Pick<CloudPlan['training'], 'decoder' | 'prior'>;

function modelOf(flags: Flags): { model: PointFlowOptions; objectives: PartObjectives } {
  const { latent = usual.latent, decoder = usual.decoder, hidden, deterministic } = flags;
  const { prior = decoder } = flags;
  const objectiveOf = (name: string): 'likelihood' | 'flow-matching' =>
    name === 'cnf-fm' ? 'flow-matching' : 'likelihood';
  const isContinuous = decoder === 'cnf-fm' || decoder === 'ffjord';
  const part = {
    model: decoder,
    options: {
      ...(hidden !== undefined && { hidden }),
      ...(isContinuous && latent > 0 && { conditioning: 'layers' }),
      ...(decoder === 'cnf-fm' && { rowFrequencies: latent > 0 ? 5 : 6, ...forMatching }),
    },
  };
  if (latent === 0) {
    const given = ['prior', 'deterministic', 'priorWeight'].find((name) => name in flags);
    if (given !== undefined) {
      const option = given === 'priorWeight' ? 'prior-weight' : given;
      throw new LiouvilleError(
        'invalid-argument',
        `--${option}: a model of one shape (--latent 0) has none.`,
      );
    }
    return { model: { latentDim: 0, decoder: part }, objectives: { decoder: objectiveOf(decoder) } };
  }
  const objectives = { decoder: objectiveOf(decoder), prior: objectiveOf(prior) };
  const ofPrior = { model: prior, options: prior === 'cnf-fm' ? forMatching : {} };
  const model = {
    latentDim: latent,
    decoder: part,
    prior: ofPrior,
    ...(deterministic === true && { deterministic }),
  };
  return { model, objectives };
}

function alreadyThere(out: string): LiouvilleError {
  return new LiouvilleError(
    'invalid-argument',
    `--out: '${out}' holds a run already. Go on with it by --resume, or replace it by --overwrite.`,
  );
}
