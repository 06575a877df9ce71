import { LiouvilleError, nearestName, unknownName } from '../errors.ts';
import { chooseEngine } from '../engine/index.ts';
import type { Engine, Precision } from '../engine/index.ts';
import { isExplicit, solverNames, tableaus } from '../ode/index.ts';
import { refuseUnknown } from './model-options.ts';
import { termsOf } from './roulette.ts';
import type { EvaluateOptions, GradientOptions } from './types.ts';

/** How the trace, or another estimated logDet, is computed in one call. */
export interface Trace {
  /** 'none' leaves logDet at 0, for callers that need no density. */
  readonly method: 'exact' | 'hutchinson' | 'hutch++' | 'none';
  readonly probes: number;
  /** The terms of series that end at random, drawn from the seed of the call; default: the fewest there may be. */
  readonly terms?: number;
}

const gradients = ['discrete', 'backsolve', 'quadrature'] as const;

/** The options of a call, checked, each with its value. */
export interface Settings {
  readonly engine: Engine;
  readonly precision: Precision;
  readonly threads: number | undefined;
  readonly solver: string;
  readonly rtol: number;
  readonly atol: number;
  readonly stepSize: number | undefined;
  readonly maxSteps: number;
  readonly trace: Trace;
  readonly probeDistribution: 'rademacher' | 'gaussian';
  readonly seed: number;
  readonly gradient: (typeof gradients)[number];
  /** Statistics of the batch in place of running ones. */
  readonly training: boolean;
  readonly onFailure: 'throw' | 'report';
  readonly signal: AbortSignal | undefined;
}

/** The names of the options that every call of a flow takes. */
export const evaluateOptions: { readonly [P in keyof Required<EvaluateOptions>]: true } = {
  engine: true,
  precision: true,
  threads: true,
  solver: true,
  rtol: true,
  atol: true,
  stepSize: true,
  maxSteps: true,
  trace: true,
  probes: true,
  probeDistribution: true,
  noise: true,
  seed: true,
  gradient: true,
  context: true,
  onFailure: true,
  signal: true,
};

/** The exact trace needs dim tangents; above these dimensions an estimate is the default. */
const exactUpTo = { evaluate: 64, train: 3 } as const;

/** float32 rounds at 6e-8: a tolerance below this would measure the rounding. */
const leastToleranceOfFloat32 = 1e-6;

/** Checks the options of a call and fills in the defaults. */
export function settle(options: GradientOptions, purpose: keyof typeof exactUpTo, dim: number): Settings {
  const names = Object.keys(evaluateOptions);
  refuseUnknown('option', options, purpose === 'train' ? [...names, 'training'] : names);
  const engine = chooseEngine(options.engine);
  const { solver = 'dopri5' } = options;
  if (!solverNames.includes(solver)) throw unknownName('solver', solver, solverNames);
  const precision =
    oneOf('precision', options.precision, ['float32', 'float64'] as const) ??
    defaultPrecision(options, engine, solver);
  const rtol = positive('rtol', options.rtol) ?? 1e-5;
  const atol = positive('atol', options.atol) ?? 1e-5;
  if (precision === 'float32' && Math.min(rtol, atol) < leastToleranceOfFloat32) {
    throw new LiouvilleError(
      'invalid-argument',
      `rtol ${rtol} and atol ${atol}: below ${leastToleranceOfFloat32} expected precision 'float64'; got 'float32'.`,
    );
  }
  const stepSize = positive('stepSize', options.stepSize);
  if (isExplicit(solver) && tableaus[solver]!.embeddedOrder === null && stepSize === undefined) {
    throw new LiouvilleError(
      'invalid-argument',
      `stepSize: the solver '${solver}' takes fixed steps; expected a positive number, got none.`,
    );
  }
  return {
    engine,
    precision,
    threads: count('threads', options.threads),
    solver,
    rtol,
    atol,
    stepSize,
    maxSteps: count('maxSteps', options.maxSteps) ?? 10_000,
    trace: { ...traceOf(options, dim <= exactUpTo[purpose]), terms: termsOf(seedOf(options.seed)) },
    probeDistribution:
      oneOf('probeDistribution', options.probeDistribution, ['rademacher', 'gaussian'] as const) ??
      'rademacher',
    seed: seedOf(options.seed),
    gradient: gradientOf(options, solver),
    training: booleanOf('training', options.training) ?? false,
    onFailure: oneOf('onFailure', options.onFailure, ['throw', 'report'] as const) ?? 'throw',
    signal: signalOf(options.signal),
  };
}

/**
 * The reference engine computes in float64 whatever is asked; asked for by name it may be held to that. So do the solvers that
 * run beside the engines: the closed forms around them then follow where they can.
 */
function defaultPrecision(options: EvaluateOptions, engine: Engine, solver: string): Precision {
  if (!isExplicit(solver) && engine.precisions.includes('float64')) return 'float64';
  return options.engine === 'reference' ? 'float64' : 'float32';
}

function gradientOf(options: EvaluateOptions, solver: string): Settings['gradient'] {
  const gradient = oneOf('gradient', options.gradient, gradients);
  if (isExplicit(solver)) return gradient ?? 'discrete';
  if (gradient !== 'discrete') return gradient ?? 'quadrature';
  throw new LiouvilleError(
    'invalid-argument',
    `gradient: the steps of '${solver}' have no 'discrete' gradient; take 'quadrature' or 'backsolve', or an explicit solver.`,
  );
}

function traceOf(options: EvaluateOptions, exactByDefault: boolean): Trace {
  const probes = count('probes', options.probes);
  const method = oneOf('trace', options.trace, ['exact', 'hutchinson', 'hutch++'] as const);
  if (options.noise !== undefined && (probes ?? 1) !== 1) {
    throw new LiouvilleError('invalid-argument', `noise: it implies one probe; probes is ${probes}.`);
  }
  if (method === 'hutch++') return { method, probes: probesOfHutch(options, probes) };
  const estimate = probes !== undefined || options.noise !== undefined || !exactByDefault;
  return { method: method ?? (estimate ? 'hutchinson' : 'exact'), probes: probes ?? 1 };
}

/** A sketch of one probe, its basis and one for the rest: fewer than three are no estimate. */
function probesOfHutch(options: EvaluateOptions, probes = 3): number {
  if (probes >= 3 && options.noise === undefined) return probes;
  const came = options.noise === undefined ? String(probes) : 'noise, which is one probe';
  throw new LiouvilleError('invalid-argument', `probes: trace 'hutch++' needs at least 3; got ${came}.`);
}

function signalOf(signal: AbortSignal | undefined): AbortSignal | undefined {
  if (signal === undefined || typeof signal?.aborted === 'boolean') return signal;
  throw new LiouvilleError('invalid-argument', `signal: expected an AbortSignal; got ${typeof signal}.`);
}

function booleanOf(name: string, value: boolean | undefined): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value;
  throw new LiouvilleError('invalid-argument', `${name}: expected true or false; got ${String(value)}.`);
}

function positive(name: string, value: number | undefined): number | undefined {
  if (value === undefined || (typeof value === 'number' && Number.isFinite(value) && value > 0)) return value;
  throw new LiouvilleError('invalid-argument', `${name}: expected a positive number; got ${String(value)}.`);
}

function count(name: string, value: number | undefined): number | undefined {
  if (value === undefined || (Number.isInteger(value) && value > 0)) return value;
  throw new LiouvilleError(
    'invalid-argument',
    `${name}: expected a positive whole number; got ${String(value)}.`,
  );
}

/**
 * A whole number from 0 to 2^53 - 1; default 0.
 *
 * @throws LiouvilleError 'invalid-argument', naming the argument.
 */
export function seedOf(seed: number | undefined): number {
  if (seed === undefined) return 0;
  if (Number.isSafeInteger(seed) && seed >= 0) return seed;
  throw new LiouvilleError('invalid-argument', `seed: expected a whole number from 0; got ${String(seed)}.`);
}

function oneOf<T extends string>(
  name: string,
  value: string | undefined,
  allowed: readonly T[],
): T | undefined {
  if (value === undefined || allowed.includes(value as T)) return value as T | undefined;
  const nearest = nearestName(String(value), allowed);
  const hint = nearest === undefined ? '' : ` Did you mean '${nearest}'?`;
  throw new LiouvilleError(
    'invalid-argument',
    `${name}: expected ${allowed.map((x) => `'${x}'`).join(' or ')}; got '${String(value)}'.${hint}`,
  );
}
