import { LiouvilleError } from '../../errors.ts';
import type { Tableau } from '../../ode/index.ts';
import type { Program } from '../../program/index.ts';
import type { ParameterData, SolveOptions, Tape } from '../types.ts';
import type { Copies } from './run.ts';

/** The accepted steps of one row. */
export interface StepsOfRow {
  /** One more than there are steps. */
  readonly t: number[];
  /** Signed. */
  readonly h: number[];
  /** The stage states of each step lie in `block` from `offset`, stages times n numbers. */
  readonly stages: { readonly block: Float32Array; readonly offset: number }[];
}

/** What the engine keeps of a solve, in plain arrays: the steps of each row, and copies of what went in. */
export class TfjsTape implements Tape {
  readonly engine = 'tfjs';
  readonly rows: number;
  readonly field: Program;
  readonly parameters: ParameterData;
  readonly inputs: Copies;
  readonly tableau: Tableau;
  readonly interval: readonly [number, number];
  /** null for a row that failed. */
  readonly steps: (StepsOfRow | null)[];
  /** End states. */
  readonly end: Float32Array;

  constructor(
    field: Program,
    parameters: ParameterData,
    rows: number,
    inputs: Copies,
    options: SolveOptions,
  ) {
    this.field = field;
    this.parameters = { trained: parameters.trained.slice(), state: parameters.state.slice() };
    this.rows = rows;
    this.inputs = inputs;
    this.tableau = options.tableau;
    this.interval = [options.t0, options.t1];
    this.steps = Array.from({ length: rows }, () => ({ t: [options.t0], h: [], stages: [] }));
    this.end = new Float32Array(rows * stateSize(field));
  }
}

/** How many numbers the state of a field has. */
export function stateSize(field: Program): number {
  return field.inputs.find((x) => x.name === 'y')!.n;
}

export function ownTape(tape: Tape): TfjsTape {
  if (tape instanceof TfjsTape) return tape;
  throw new LiouvilleError(
    'invalid-argument',
    `The tape was made by the engine '${tape.engine}'; this is 'tfjs'.`,
  );
}

/** The steps of a tape that can be taken again from other states. */
export function stepsToReplay(
  tape: Tape,
  rows: number,
  { tableau, t0, t1 }: SolveOptions,
): readonly StepsOfRow[] {
  const own = ownTape(tape);
  if (own.rows !== rows) {
    throw new LiouvilleError(
      'shape-mismatch',
      `replay: the tape holds the steps of ${own.rows} rows; got ${rows} rows.`,
    );
  }
  const [from, to] = own.interval;
  if (from !== t0 || to !== t1 || own.tableau.stages !== tableau.stages) {
    throw new LiouvilleError(
      'invalid-argument',
      `replay: expected a tape of '${tableau.name}' from t0 = ${t0} to t1 = ${t1}, got one of '${own.tableau.name}' ` +
        `from ${from} to ${to}.`,
    );
  }
  const failed = own.steps.indexOf(null);
  if (failed === -1) return own.steps as readonly StepsOfRow[];
  throw new LiouvilleError(
    'invalid-argument',
    `replay: expected a tape to replay on which no row failed; row ${failed} did.`,
  );
}
