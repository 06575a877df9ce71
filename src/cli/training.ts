import { join, resolve } from 'node:path';
import { standardiser, toyNames } from '../data/index.ts';
import type { Standardiser } from '../data/index.ts';
import { LiouvilleError } from '../errors.ts';
import type { EvaluateOptions, Flow } from '../flow/index.ts';
import type { Matrix } from '../matrix.ts';
import { namesIn } from '../files/index.ts';
import { load, modelPreset } from '../models/index.ts';
import { fit, readCheckpoint, runFiles, save } from '../train/index.ts';
import type { FitOptions } from '../train/index.ts';
import { fitSettings } from '../train/options.ts';
import { loadData } from './dataset.ts';
import { readConfig } from './run.ts';
import { writeText } from './run-folder.ts';
import { versions } from './versions.ts';

/** What a run is, in words that JSON can hold: the command line gives it, and `config.json` keeps it. */
export interface Plan {
  readonly model: string;
  /** The name of a toy, or the path of a file. */
  readonly data: string;
  readonly key: string | null;
  readonly seed: number;
  readonly training: Training;
}

/** Options of `fit` that are plain values. */
export type Training = Pick<
  FitOptions,
  | 'steps'
  | 'seconds'
  | 'batchSize'
  | 'learningRate'
  | 'schedule'
  | 'warmUp'
  | 'weightDecay'
  | 'clipNorm'
  | 'ema'
  | 'patience'
  | 'validateEvery'
  | 'engine'
  | 'precision'
  | 'solver'
  | 'stepSize'
  | 'rtol'
  | 'atol'
>;

/** Rows at most that validate, and that the summary measures with. */
const VALIDATION_ROWS = 2000;
const TEST_ROWS = 10_000;

/** What `train` says in the end. */
export interface Outcome {
  readonly steps: number;
  readonly seconds: number;
  readonly ended: string;
  /** Mean log-likelihoods in nats of the data as given; the first of the parameters that were kept. */
  readonly validation: number;
  readonly test: { readonly mean: number; readonly standardError: number; readonly rows: number };
}

/** A plan with its rows and its model at hand. */
export interface Preparation {
  readonly plan: Plan;
  readonly flow: Flow;
  readonly data: { readonly name: string; readonly columns: readonly string[] };
  /** What to know of the rows, for people. */
  readonly notes: readonly string[];
  readonly standardiser: Standardiser;
  readonly rows: { readonly train: Matrix; readonly validation: Matrix; readonly test: Matrix };
}

/** Reads the rows and makes the model. Throws whatever is wrong with either, or with the options together. */
export async function prepare(plan: Plan): Promise<Preparation> {
  const source = await loadData(plan.data, plan.seed, plan.key ?? undefined);
  const { name, split } = source;
  const found = standardiser(split.train);
  const { columns } = split.train;
  const dim = columns.length;
  const preset = modelPreset(plan.model);
  const flow = preset.create({ dim, seed: plan.seed });
  const training = { learningRate: preset.learningRate(dim), ...plan.training };
  const rows = {
    train: found.apply(split.train.matrix),
    validation: firstRows(found.apply(split.validation.matrix), VALIDATION_ROWS),
    test: firstRows(found.apply(split.test.matrix), TEST_ROWS),
  };
  fitSettings({ ...training, validation: rows.validation });
  // A first look at one row meets an engine, a solver or a tolerance that cannot be before anything is written.
  await flow.logProb(firstRows(rows.train, 1), { ...evaluation(plan.training), onFailure: 'report' });
  const data = { name, columns };
  return { plan: { ...plan, training }, flow, data, notes: source.notes ?? [], standardiser: found, rows };
}

/** What is asked of one call, and does not belong to the run. */
export interface RunOptions extends Pick<FitOptions, 'checkpointEvery' | 'onStep' | 'onWarning'> {
  readonly threads: number;
  readonly signal: AbortSignal;
  readonly resume: boolean;
}

/** Trains into a run folder, in closed form where the model has one. */
export async function run(preparation: Preparation, folder: string, options: RunOptions): Promise<Outcome> {
  const { plan, flow, rows, standardiser: found } = preparation;
  const { fit: inClosedForm } = modelPreset(plan.model);
  const trained =
    inClosedForm === undefined
      ? await stepByStep(preparation, folder, options)
      : await atOnce(preparation, folder, inClosedForm);
  const { threads, signal } = options;
  const measured = async (x: Matrix): Promise<Outcome['test']> => {
    const { seed } = plan;
    // With the usual tolerance, which is finer than that of training.
    const { rtol: _rtol, atol: _atol, ...computed } = evaluation(plan.training);
    const logProb = await flow.logProb(x, { ...computed, threads, signal, seed });
    return momentsOf(logProb.map((value) => value + found.logDet));
  };
  const validation = (await measured(rows.validation)).mean;
  return { ...trained, validation, test: await measured(rows.test) };
}

type Trained = Pick<Outcome, 'steps' | 'seconds' | 'ended'>;

async function stepByStep(
  { plan, flow, rows, standardiser: found }: Preparation,
  folder: string,
  { resume, ...options }: RunOptions,
): Promise<Trained> {
  // Killed before its first checkpoint, a run begins again.
  const goesOn = resume && (await namesIn(folder)).includes(runFiles.checkpoint);
  if (goesOn) {
    const { counters } = await readCheckpoint(folder);
    if (counters.ended !== null) {
      // Killed after the last step: only what follows it is left to do.
      const { parameters, state } = await load(join(folder, runFiles.model));
      flow.parameters.flat.set(parameters.flat);
      flow.state.flat.set(state.flat);
      return { steps: counters.step, seconds: counters.wallSeconds, ended: counters.ended };
    }
  }
  const { objective } = modelPreset(plan.model);
  const { steps, seconds, ended } = await fit(flow, rows.train, {
    ...plan.training,
    ...options,
    ...(objective !== undefined && { objective }),
    validation: rows.validation,
    logDet: found.logDet,
    checkpoint: folder,
    resume: goesOn,
    seed: plan.seed,
  });
  return { steps, seconds, ended };
}

async function atOnce(
  { flow, rows }: Preparation,
  folder: string,
  inClosedForm: (flow: Flow, x: Matrix) => void,
): Promise<Trained> {
  const began = performance.now();
  inClosedForm(flow, rows.train);
  await save(flow, join(folder, runFiles.model));
  await writeText(join(folder, runFiles.metrics), '');
  return { steps: 0, seconds: (performance.now() - began) / 1000, ended: 'closed form' };
}

/** Writes `config.json`: the plan, and how the model's coordinates follow from those of the data. */
export async function writeConfig(
  folder: string,
  { plan, flow, data, standardiser: found }: Preparation,
  result: Outcome | null,
): Promise<void> {
  const { model, seed, training } = plan;
  const config = {
    model,
    configuration: flow.configuration,
    // Absolute, since the run may be resumed from elsewhere.
    data: { ...data, source: toyNames.includes(plan.data) ? plan.data : resolve(plan.data), key: plan.key },
    // A row x of the data is (x - mean) / scale for the model.
    standardisation: { mean: Array.from(found.mean), scale: Array.from(found.scale) },
    training,
    seed,
    ...(result !== null && { result }),
    versions: versions(),
  };
  await writeText(join(folder, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
}

/** The plan of a run that is to be resumed. Throws 'bad-file' where there is none, 'invalid-argument' for a finished run. */
export async function readPlan(folder: string): Promise<Plan> {
  const config = (await readConfig(folder)) as unknown as {
    model: string;
    data: { source?: unknown; key?: unknown };
    seed?: unknown;
    training?: Training | null;
    result?: Outcome | null;
  };
  const { model, data, seed, training, result } = config;
  if (
    typeof training !== 'object' ||
    training === null ||
    typeof data.source !== 'string' ||
    typeof seed !== 'number'
  ) {
    throw new LiouvilleError(
      'bad-file',
      `${folder}: liouville train did not make this run, and cannot resume it.`,
    );
  }
  if (result !== undefined && result !== null) {
    throw new LiouvilleError(
      'invalid-argument',
      `--resume: the run in '${folder}' is finished, after ${result.steps} steps; there is nothing left to do.`,
    );
  }
  return { model, data: data.source, key: typeof data.key === 'string' ? data.key : null, seed, training };
}

function evaluation({ engine, precision, solver, stepSize, rtol, atol }: Training): EvaluateOptions {
  const given = { engine, precision, solver, stepSize, rtol, atol };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function firstRows({ data, rows, cols }: Matrix, most: number): Matrix {
  const count = Math.min(rows, most);
  return { data: data.slice(0, count * cols), rows: count, cols };
}

function momentsOf(values: Float64Array): { mean: number; standardError: number; rows: number } {
  const rows = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / rows;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, standardError: Math.sqrt(squares / Math.max(1, rows - 1) / rows), rows };
}
