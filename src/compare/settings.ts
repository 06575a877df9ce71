import { chooseEngine } from '../engine/index.ts';
import type { EngineName, Precision } from '../engine/index.ts';
import { LiouvilleError, unknownName } from '../errors.ts';
import { tableaus } from '../ode/index.ts';
import { checkCount, checkFraction, checkNonNegative, checkPositive, checkSeed } from '../train/check.ts';
import type { ScheduleName } from '../train/index.ts';
import type { ComparisonSettings, QuadratureSettings, TwoSampleSettings } from './results.ts';

/** What may be chosen about a comparison; what is left out has its default from `defaultsFor` the engine. */
export interface SettingOptions {
  /** Training steps of each model. */
  steps?: number;
  /** Training time of each model at most; without `steps` it is the whole budget. */
  seconds?: number;
  /** Rows of a minibatch. */
  batch?: number;
  /** Of the split, the models, the training and the samples. Default 0. */
  seed?: number;
  /** How many seeds each model is trained with: seed, seed + 1, ... Default 1. */
  seeds?: number;
  /** Default 'auto'. */
  engine?: EngineName | 'auto';
  /** Default 'float32'; the reference engine always computes in float64, and that is what its results say. */
  precision?: Precision;
  /** Default: all cores. */
  threads?: number;
  /** Of every model; default null: each model's own preset. */
  learningRate?: number | null;
  /** Of continuous flows; default 'dopri5'. One that takes fixed steps needs `stepSize`. */
  solver?: string;
  stepSize?: number;
  /** Relative and absolute tolerance of continuous flows, while they train and when they are measured. */
  trainTolerance?: number;
  tolerance?: number;
  schedule?: ScheduleName;
  /** Steps over which the learning rate rises; at most a tenth of all. */
  warmUp?: number;
  weightDecay?: number;
  /** null: gradients are not clipped. */
  clipNorm?: number | null;
  /** The decay of an average of the parameters to measure; null: the parameters themselves. */
  ema?: number | null;
  validateEvery?: number;
  validationRows?: number;
  testRows?: number;
  samples?: number;
  inverseRows?: number;
  twoSample?: TwoSampleSettings;
  quadrature?: QuadratureSettings;
}

type Defaults = Required<
  Omit<
    SettingOptions,
    | 'seconds'
    | 'seed'
    | 'solver'
    | 'stepSize'
    | 'seeds'
    | 'engine'
    | 'precision'
    | 'threads'
    | 'validateEvery'
  >
>;

/** Enough for every model of the toys to come near what it can reach, in half a minute on two cores. */
const compiled: Defaults = {
  steps: 2000,
  batch: 400,
  learningRate: null,
  trainTolerance: 1e-3,
  tolerance: 1e-5,
  schedule: 'cosine',
  warmUp: 100,
  weightDecay: 0,
  clipNorm: 2,
  ema: null,
  validationRows: 2000,
  testRows: 10_000,
  samples: 10_000,
  inverseRows: 1000,
  twoSample: { rows: 1000, permutations: 199, directions: 64 },
  quadrature: { intervals: { 1: 512, 2: 64 }, maxIntervals: { 1: 8192, 2: 512 }, tolerance: 1e-4 },
};

/** The reference engine is hundreds of times slower: enough to see a comparison in a few minutes, not to judge by. */
const interpreted: Defaults = {
  ...compiled,
  steps: 200,
  batch: 64,
  validationRows: 300,
  testRows: 2000,
  samples: 1000,
  inverseRows: 200,
  quadrature: { intervals: { 1: 256, 2: 32 }, maxIntervals: { 1: 1024, 2: 64 }, tolerance: 1e-4 },
};

/** What `liouville compare` does on an engine when nothing is said. */
export function defaultsFor(engine: EngineName): Defaults {
  return engine === 'reference' ? interpreted : compiled;
}

/** How many times a model is validated while it trains, unless `validateEvery` says otherwise. */
const VALIDATIONS = 20;

/** Checks what was chosen and fills in the rest. Throws 'invalid-argument', or what the choice of the engine throws. */
export function comparisonSettings(options: SettingOptions): ComparisonSettings {
  const { seed = 0, seeds = 1, engine = 'auto', precision = 'float32', threads } = options;
  const chosenEngine = chooseEngine(engine).name;
  const chosen = { ...defaultsFor(chosenEngine), ...options };
  const { batch, clipNorm, ema, learningRate, twoSample, weightDecay } = chosen;
  const { seconds = null, solver = 'dopri5', stepSize = null } = options;
  const steps = seconds !== null && options.steps === undefined ? null : chosen.steps;
  const counts = {
    batch,
    seeds,
    validationRows: chosen.validationRows,
    testRows: chosen.testRows,
    samples: chosen.samples,
    inverseRows: chosen.inverseRows,
  };
  for (const [name, value] of Object.entries({ ...counts, ...twoSample })) checkCount(name, value);
  if (steps !== null) checkCount('steps', steps);
  if (seconds !== null) checkPositive('seconds', seconds);
  checkNonNegative('weightDecay', weightDecay);
  if (ema !== null) checkFraction('ema', ema);
  if (learningRate !== null) checkPositive('learningRate', learningRate);
  if (clipNorm !== null) checkPositive('clipNorm', clipNorm);
  if (threads !== undefined) checkCount('threads', threads);
  checkSeed(seed);
  checkSeed(seed + seeds - 1);
  const usual = steps === null ? null : Math.max(1, Math.ceil(steps / VALIDATIONS));
  const validateEvery = chosen.validateEvery ?? usual;
  if (validateEvery !== null) checkCount('validateEvery', validateEvery);
  if (chosen.warmUp !== 0) checkCount('warmUp', chosen.warmUp);
  checkSolver(solver, stepSize);
  const isReference = chosenEngine === 'reference';
  const used = isReference ? 'float64' : precision;
  checkTolerances(chosen.tolerance, chosen.trainTolerance, used);
  return {
    steps,
    seconds,
    ...counts,
    seed,
    precision: used,
    threads: isReference ? 1 : (threads ?? null),
    engine,
    learningRate,
    solver,
    stepSize,
    trainTolerance: chosen.trainTolerance,
    tolerance: chosen.tolerance,
    schedule: chosen.schedule,
    warmUp: Math.min(chosen.warmUp, steps === null ? Infinity : Math.floor(steps / 10)),
    weightDecay,
    clipNorm,
    ema,
    validateEvery,
    twoSample,
    quadrature: chosen.quadrature,
  };
}

function checkSolver(solver: string, stepSize: number | null): void {
  const tableau = Object.hasOwn(tableaus, solver) ? tableaus[solver] : undefined;
  if (tableau === undefined) throw unknownName('solver', solver, Object.keys(tableaus));
  if (stepSize !== null) checkPositive('stepSize', stepSize);
  if (tableau.embeddedOrder === null && stepSize === null) {
    throw new LiouvilleError(
      'invalid-argument',
      `stepSize: the solver '${solver}' takes fixed steps; expected a positive number, got none.`,
    );
  }
}

/** float32 rounds at 6e-8: a tolerance below this would measure the rounding. */
const LEAST_OF_FLOAT32 = 1e-6;

function checkTolerances(tolerance: number, trainTolerance: number, precision: Precision): void {
  checkPositive('tolerance', tolerance);
  checkPositive('trainTolerance', trainTolerance);
  if (precision === 'float64' || Math.min(tolerance, trainTolerance) >= LEAST_OF_FLOAT32) return;
  throw new LiouvilleError(
    'invalid-argument',
    `tolerance ${tolerance} and trainTolerance ${trainTolerance}: below ${LEAST_OF_FLOAT32} expected precision 'float64'; got 'float32'.`,
  );
}
