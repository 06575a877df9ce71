import { resolve } from 'node:path';
import type { Command } from 'commander';
import { LiouvilleError } from '../../errors.ts';
import { modelNames } from '../../models/index.ts';
import { schedules } from '../../train/index.ts';
import type { ScheduleName } from '../../train/index.ts';
import { toyNames } from '../../data/index.ts';
import * as argument from '../arguments.ts';
import { tellNotes } from '../dataset.ts';
import { addEvaluationOptions, evaluationOf, surroundingsOf } from '../evaluation.ts';
import type { EvaluationFlags } from '../evaluation.ts';
import { exit } from '../io.ts';
import type { Io } from '../io.ts';
import { checkOutputFolder } from '../output-folder.ts';
import { ProgressLine, trainingText } from '../progress.ts';
import { holdsRun } from '../run.ts';
import { alone } from '../run-lock.ts';
import { prepare, readPlan, run, writeConfig } from '../training.ts';
import type { Outcome, Plan, Preparation } from '../training.ts';
import { refuseBesides } from '../resume.ts';
import { summary } from '../training-summary.ts';

interface Flags extends EvaluationFlags {
  data?: string;
  key?: string;
  model?: string;
  out?: string;
  resume?: string;
  overwrite?: boolean;
  steps?: number;
  seconds?: number;
  batch?: number;
  learningRate?: number;
  schedule?: ScheduleName;
  warmUp?: number;
  weightDecay?: number;
  clipNorm?: number;
  ema?: number;
  patience?: number;
  validateEvery?: number;
  checkpointEvery?: number;
  seed?: number;
}

/** What is trained with when nothing is said. */
const usual = { steps: 2000, batchSize: 400, schedule: 'cosine', clipNorm: 5, tolerance: 1e-3 } as const;

const examples = `
Examples:
  liouville train --data moons --model ffjord --out runs/moons
  liouville train --data measurements.csv --model realnvp --seconds 600 --patience 5 --out runs/measured
  liouville train --resume runs/measured

Ctrl-C, or SIGTERM, ends the run after a checkpoint; a run that was killed goes on from its last one. Either way --resume
leads to the parameters that the run would have ended with undisturbed.`;

/** `liouville train`: one model into a run folder. */
export function addTrain(program: Command, io: Io, end: (status: number) => void): void {
  const command = program
    .command('train')
    .description('Train one model, or go on with a run that was stopped.')
    .option('--data <name|file>', `a table of numbers, or a toy: ${toyNames.join(', ')}`)
    .option('--key <name>', 'which array of a file that holds several')
    .option(
      '--model <name>',
      `one of ${modelNames.join(', ')}; or with the size of a paper, such as maf-bsds300`,
      argument.preset,
    )
    .option('--out <folder>', 'where the run goes', argument.path)
    .option('--overwrite', 'replace a run that is there already')
    .option('--resume <folder>', 'go on with the run in this folder; its settings are kept', argument.path)
    .option(
      '--steps <n>',
      `training steps (default: ${usual.steps}, or what --seconds allows)`,
      argument.count,
    )
    .option('--seconds <x>', 'training time at most, validation not counted', argument.positive)
    .option('--batch <n>', `rows of a step (default: ${usual.batchSize})`, argument.count)
    .option('--learning-rate <x>', 'the highest one (default: that of the model)', argument.positive)
    .option(
      '--schedule <name>',
      `${Object.keys(schedules).join(', ')} (default: ${usual.schedule})`,
      argument.schedule,
    )
    .option('--warm-up <n>', 'steps over which the learning rate rises', argument.count)
    .option('--weight-decay <x>', 'decoupled, of the weights of layers (default: 0)', argument.nonNegative)
    .option('--clip-norm <x>', `longest gradient (default: ${usual.clipNorm})`, argument.positive)
    .option('--ema <x>', 'end with the moving average of this decay, such as 0.999', argument.fraction)
    .option('--patience <n>', 'stop after so many validations that were no better', argument.count)
    .option('--validate-every <n>', 'steps (default: a twentieth of the run)', argument.count)
    .option('--checkpoint-every <n>', 'steps (default: every 15 seconds)', argument.count)
    .option('--seed <n>', 'of the split, the model and the training (default: 0)', argument.seed);
  addEvaluationOptions(command)
    .addHelpText('after', examples)
    .action(async (flags: Flags) => {
      await runTrain(flags, command, io);
      end(exit.ok);
    });
}

async function runTrain(flags: Flags, command: Command, io: Io): Promise<void> {
  const isResumed = flags.resume !== undefined;
  if (isResumed) refuseBesides(command, ['resume', 'checkpointEvery']);
  const preparation = await prepare(isResumed ? await readPlan(flags.resume!) : planOf(flags));
  const folder = resolve((flags.resume ?? flags.out)!);
  const option = isResumed ? '--resume' : '--out';
  await checkOutputFolder(option, folder);
  const outcome = await alone(option, folder, async () => {
    if (!isResumed) {
      if (flags.overwrite !== true && (await holdsRun(folder))) throw alreadyThere(flags.out!);
      await writeConfig(folder, preparation, null);
    }
    tellNotes(preparation, io);
    const trained = await withProgress(preparation, folder, flags, io);
    await writeConfig(folder, preparation, trained);
    return trained;
  });
  io.stdout.write(summary(preparation, outcome, folder));
}

async function withProgress(
  preparation: Preparation,
  folder: string,
  { resume, checkpointEvery }: Flags,
  io: Io,
): Promise<Outcome> {
  const { model, training } = preparation.plan;
  const progress = new ProgressLine(io.stderr);
  let validation: number | undefined;
  try {
    return await run(preparation, folder, {
      ...surroundingsOf(io),
      ...(checkpointEvery !== undefined && { checkpointEvery }),
      resume: resume !== undefined,
      onStep(event) {
        validation = event.validation ?? validation;
        progress.show(
          trainingText(model, training, { ...event, ...(validation !== undefined && { validation }) }),
        );
      },
      onWarning(message) {
        progress.clear();
        io.stderr.write(`liouville: ${message}\n`);
      },
    });
  } catch (error) {
    if (!(error instanceof LiouvilleError) || error.code !== 'aborted') throw error;
    const again = `liouville train --resume ${folder} goes on.`;
    throw new LiouvilleError('aborted', `${error.message} ${again}`, { cause: error });
  } finally {
    progress.clear();
  }
}

/** The plan that the command line describes. */
function planOf(flags: Flags): Plan {
  const { data, model, out, key, seed = 0, steps, seconds } = flags;
  const missing = Object.entries({ '--data': data, '--model': model, '--out': out }).find(
    ([, value]) => value === undefined,
  );
  if (missing !== undefined) {
    throw new LiouvilleError(
      'invalid-argument',
      `${missing[0]} is missing: expected --data, --model and --out, or --resume. Try liouville train --help.`,
    );
  }
  const { warmUp, weightDecay, ema, patience, validateEvery, tolerance = usual.tolerance, ...others } = flags;
  const chosen = { steps: steps ?? (seconds === undefined ? usual.steps : undefined), seconds };
  const optional = { ...chosen, warmUp, weightDecay, ema, patience, validateEvery };
  return {
    model: model!,
    data: data!,
    key: key ?? null,
    seed,
    training: {
      ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
      batchSize: flags.batch ?? usual.batchSize,
      schedule: flags.schedule ?? usual.schedule,
      clipNorm: flags.clipNorm ?? usual.clipNorm,
      ...(flags.learningRate !== undefined && { learningRate: flags.learningRate }),
      ...evaluationOf({ ...others, tolerance }),
    },
  };
}

function alreadyThere(out: string): LiouvilleError {
  return new LiouvilleError(
    'invalid-argument',
    `--out: '${out}' holds a run already. Go on with it by --resume, or replace it by --overwrite.`,
  );
}
