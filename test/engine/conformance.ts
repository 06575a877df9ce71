import { describe } from 'vitest';
import type { CallOptions, Engine, EngineName, Precision } from '../../src/engine/index.ts';
import { bitLaws } from './laws/bits.ts';
import { callLaws } from './laws/calls.ts';
import { cloudLaws } from './laws/clouds.ts';
import { methodLaws } from './laws/methods.ts';
import { pullbackLaws } from './laws/pullback.ts';
import { refusalLaws } from './laws/refusals.ts';
import { rowLaws } from './laws/rows.ts';
import { runLaws } from './laws/run.ts';
import { solveGradientLaws } from './laws/solve-gradient.ts';
import { solveLaws } from './laws/solve.ts';
import { oracleWitness, referenceWitness } from './laws/subject.ts';
import type { Subject } from './laws/subject.ts';

export interface Tolerance {
  /** The largest error of a well-conditioned program, relative to the largest number of an output. */
  readonly relative: number;
  /** Whether every row of every solve must take exactly the steps of the witness. */
  readonly sameSteps: boolean;
  /** What the engine is asked to compute in; default 'float64'. */
  readonly precision?: Precision;
  /** Threads, when the engine has them. */
  readonly threads?: number;
  /** For an engine that takes long over each new program: a part of the cases, and few random programs. Default false. */
  readonly sampled?: boolean;
}

const laws: Readonly<Record<string, (subject: Subject) => void>> = {
  run: runLaws,
  pullback: pullbackLaws,
  rows: rowLaws,
  solve: solveLaws,
  solvePullback: solveGradientLaws,
  methods: methodLaws,
  calls: callLaws,
  refusals: refusalLaws,
  bits: bitLaws,
  clouds: cloudLaws,
};

/**
 * What every engine must do, as tests. The reference engine is compared with the oracle and with finite
 * differences; all others with the reference engine, and in float64 with finite differences too.
 */
export function conformance(engine: Engine, name: EngineName, tolerance: Tolerance): void {
  const { relative, sameSteps, precision = 'float64', threads, sampled = false } = tolerance;
  const options: CallOptions = { precision, ...(threads !== undefined && { threads }) };
  const witness = name === 'reference' ? oracleWitness : referenceWitness;
  const subject: Subject = { engine, name, precision, options, relative, sameSteps, sampled, witness };
  const title = `${name} in ${precision}${threads === undefined ? '' : ` on ${threads} threads`}`;
  describe(title, () => {
    for (const [what, state] of Object.entries(laws)) {
      // Distances of clouds are computed in float64 whatever is asked.
      if (what === 'clouds' && precision === 'float32') continue;
      describe(what, () => {
        state(subject);
      });
    }
  });
}
