import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import type { EngineName, Precision } from '../engine/index.ts';
import type { EvaluateOptions } from '../flow/index.ts';
import * as argument from './arguments.ts';
import type { Io } from './io.ts';

/** What the commands that compute with a flow let one choose about that. */
export interface EvaluationFlags {
  engine?: EngineName | 'auto';
  precision?: Precision;
  solver?: string;
  tolerance?: number;
  stepSize?: number;
}

/** Adds the options that say how a flow is computed. */
export function addEvaluationOptions(command: Command): Command {
  return command
    .option('--engine <name>', 'what computes, see liouville doctor', argument.engine)
    .option('--precision <name>', 'float32 or float64', argument.precision)
    .option('--solver <name>', 'of continuous flows, dopri5 unless given', argument.solver)
    .option('--tolerance <x>', 'relative and absolute tolerance of the solver', argument.positive)
    .option('--step-size <x>', 'of solvers that take fixed steps', argument.positive);
}

/** Those that were given, as options of a call. */
export function evaluationOf({
  engine,
  precision,
  solver,
  tolerance,
  stepSize,
}: EvaluationFlags): EvaluateOptions {
  return {
    ...(engine !== undefined && { engine }),
    ...(precision !== undefined && { precision }),
    ...(solver !== undefined && { solver }),
    ...(tolerance !== undefined && { rtol: tolerance, atol: tolerance }),
    ...(stepSize !== undefined && { stepSize }),
  };
}

/** What belongs to this process and not to the result. */
export function surroundingsOf(io: Io): { threads: number; signal: AbortSignal } {
  return { threads: argument.threadsOf(io.env) ?? availableParallelism(), signal: io.signal };
}
