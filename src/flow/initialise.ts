import type { ModelTables } from '../program/index.ts';
import { evaluate } from './evaluate.ts';
import type { Call } from './evaluate.ts';
import { segmentsOf } from './segments.ts';
import { stepValues } from './statistics.ts';
import type { Step, Transform } from './transform.ts';

/**
 * Takes rows from data to latent and lets every step on the way that sets first values from data do so, each with the
 * rows that the steps before it, already set, make of them.
 */
export async function initialiseSteps(
  transform: Transform,
  tables: ModelTables,
  x: Float64Array,
  call: Call,
): Promise<void> {
  const { dim, contextDim } = transform;
  let rows = x;
  let passed: Step[] = [];
  for (const step of transform.steps('forward', '')) {
    if (step.kind === 'map' && step.initialise !== undefined) {
      const segments = segmentsOf(passed, tables, dim, contextDim, { method: 'none', probes: 0 });
      const parameters = { trained: tables.trained.flat.slice(), state: tables.state.flat.slice() };
      rows = (await evaluate(segments, rows, { ...call, parameters }, false)).x;
      const flat = { trained: tables.trained.flat, state: tables.state.flat };
      const arrived = { data: rows.slice(), rows: call.rows, cols: step.inputDim };
      step.initialise(arrived, stepValues(tables, step.path, flat));
      passed = [];
    }
    passed.push(step);
  }
}
