import type { Failure, RowStatus, StepControl } from '../../ode/index.ts';
import type { Program } from '../../program/index.ts';
import { checkSolve } from '../check-solve.ts';
import { Pauses } from '../pause.ts';
import type { Columns, ParameterData, Solution, SolveOptions } from '../types.ts';
import { Batch } from './batch.ts';
import { AdaptiveClocks, Clock, FixedClocks, ReplayedClocks } from './clocks.ts';
import type { Walk } from './clocks.ts';
import { runtime } from './load.ts';
import { Snapshot, withMachine } from './machine.ts';
import { copyOf, tensorsOf } from './run.ts';
import { TensorStepper } from './stepper.ts';
import { stateSize, stepsToReplay, TfjsTape } from './tape.ts';

/** What a solve brings together, row by row. */
export interface Results {
  readonly y: Float64Array;
  readonly status: RowStatus[];
  readonly failures: (Failure | null)[];
}

/**
 * The initial value problems of all rows, each with its own clock: one step of all rows is a run of tensor ops, after
 * which a column of error norms comes back and every clock takes or refuses its step. Clocks are numbers of the host
 * in double precision, and go to the device as columns.
 */
export async function solve(
  field: Program,
  parameters: ParameterData,
  rows: number,
  inputs: Columns,
  options: SolveOptions,
): Promise<Solution> {
  const n = stateSize(field);
  const control = checkSolve(options, inputs['y']!.subarray(0, n));
  const walk = walkOf(options, rows, control);
  const pauses = new Pauses(options.signal);
  const snapshot = new Snapshot(field, parameters);
  const columns = copyOf(inputs);
  const tape = options.tape === true ? new TfjsTape(field, parameters, rows, columns, options) : null;
  const clocks = Array.from({ length: rows }, () => new Clock(options.t0));
  const results: Results = {
    y: new Float64Array(rows * n).fill(NaN),
    status: Array<RowStatus>(rows).fill('ok'),
    failures: Array<Failure | null>(rows).fill(null),
  };
  const started = await runtime();
  const { tf } = started;
  await withMachine(started, snapshot, async (machine) => {
    const { tableau, rtol, atol } = options;
    for (let from = 0; from < rows; from += snapshot.rowsAtOnce) {
      const to = Math.min(rows, from + snapshot.rowsAtOnce);
      const tensors = tensorsOf(tf, field, columns, from, to);
      const stepper = new TensorStepper(
        started,
        machine,
        tableau,
        walk.adaptive ? { rtol, atol } : null,
        tensors,
      );
      try {
        await new Batch({ stepper, walk, clocks, options, results, tape, pauses, from, to }).toEnd();
      } finally {
        stepper.dispose();
      }
    }
  });
  if (tape !== null) tape.end.set(results.y);
  return {
    ...results,
    nfe: Int32Array.from(clocks, ({ nfe }) => nfe),
    accepted: Int32Array.from(clocks, ({ accepted }) => accepted),
    rejected: Int32Array.from(clocks, ({ rejected }) => rejected),
    tape,
  };
}

function walkOf(options: SolveOptions, rows: number, control: StepControl): Walk {
  const { tableau, t0, t1, stepSize, maxSteps, replay } = options;
  if (replay !== undefined) return new ReplayedClocks(stepsToReplay(replay, rows, options));
  if (stepSize !== undefined) return new FixedClocks(t0, t1, stepSize, maxSteps);
  return new AdaptiveClocks({ t1, maxSteps, control, errorOrder: tableau.errorOrder! });
}
