import type { Addon, Code, RunCall, SolveCall } from '../../src/engine/native/addon.ts';
import { loadAddon } from '../../src/engine/native/load.ts';
import { codeOf } from '../../src/engine/native/programs.ts';
import { compile } from '../../src/program/index.ts';
import type { Program } from '../../src/program/index.ts';

const loaded = loadAddon();

/** Why there is no addon to test; undefined where there is one. */
export const missing = 'reason' in loaded ? `${loaded.reason} ${loaded.remedy}` : undefined;
// Whole suites are skipped by it, and vitest has no place for their reason.
if (missing !== undefined) console.log(`Tests of the native engine are skipped: ${missing}`);

/** The addon itself, below the checks of the engine. */
export const addon = ('addon' in loaded ? loaded.addon : undefined) as Addon;

export function codeOfProgram(program: Program): Code {
  return codeOf(compile(program));
}

/** The instructions that the kernels run for a program. */
export function described(program: Program): string {
  return addon.describe(addon.createProgram(codeOfProgram(program)));
}

/** A well-formed call of a program, every number 0.5. */
export function callOf(program: Program, rows: number): RunCall {
  const { inputs, sizes } = compile(program);
  return {
    instructionSet: 0,
    float64: true,
    threads: 2,
    cancellation: null,
    rows,
    trained: new Float64Array(sizes.trained).fill(0.5),
    state: new Float64Array(sizes.state).fill(0.5),
    inputs: inputs.map(({ location: { k, n } }) => new Float64Array(rows * k * n).fill(0.5)),
  };
}

/** What a solve by Heun's method of a field with the inputs t, y, ... has beside a run. */
export const heun: Omit<SolveCall, keyof RunCall> = {
  t: 0,
  y: 1,
  t0: 0,
  t1: 1,
  rtol: 1e-3,
  atol: 1e-3,
  stepSize: 0,
  maxSteps: 50,
  tape: true,
  replay: null,
  control: {
    safety: 0.9,
    minFactor: 0.2,
    maxFactor: 10,
    beta: Float64Array.of(0.85, -0.2, 0),
    rejection: 0.85,
  },
  tableau: {
    stages: 2,
    fsal: false,
    errorOrder: 2,
    c: Float64Array.of(0, 1),
    a: Float64Array.of(0, 0, 1, 0),
    b: Float64Array.of(0.5, 0.5),
    bError: Float64Array.of(-0.5, 0.5),
    bCorrection: null,
  },
};
