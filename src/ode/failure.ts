import type { Failure, RowStatus } from './types.ts';

/** What a message about a failure may mention beside the failure itself. */
export interface FailureContext {
  /** The row of the batch. */
  row?: number | undefined;
  /** The limit in force. */
  maxSteps?: number | undefined;
  /** The fixed step size, when there was one. */
  stepSize?: number | undefined;
  /** Was the method made for stiff fields? */
  stiffMethod?: boolean | undefined;
  /** The time since which the steps were bounded by stability, where that was noticed. */
  stiffSince?: number | null | undefined;
}

/**
 * One failed integration in words: what happened, the time, row, step, norm and component, and what to try.
 *
 *   The field returned NaN or infinity at t=0.31 for row 17 (|y|=4e7, component 0). Check ...
 */
export function describeFailure(
  status: Exclude<RowStatus, 'ok'>,
  failure: Failure,
  context: FailureContext = {},
): string {
  const row = context.row === undefined ? '' : ` for row ${context.row}`;
  const where = `t=${short(failure.t, 6)}${row}`;
  const state = `|y|=${short(failure.norm, 3)}`;
  const step = `h=${short(failure.h, 3)}`;
  const component = `component ${failure.component}`;
  switch (status) {
    case 'non-finite':
      return (
        `The field returned NaN or infinity at ${where} (${state}, ${component}). ` +
        'Check the field there for overflow, 0/0 and logarithms or roots of negative numbers, and its ' +
        'parameters and the initial state for NaN; where |y| is large, the solution itself may end before t1.'
      );
    case 'step-underflow':
      return (
        `The error test asks for a step that t cannot resolve at ${where} (${step}, ${state}; ${component} ` +
        'dominates the error). Where |y| is large, the solution may end there: stop before it. Otherwise the ' +
        'field jumps there (smooth it, or integrate up to the jump and on from it), or rtol and atol are ' +
        'finer than its rounding errors (loosen them).'
      );
    case 'max-steps': {
      const limit = context.maxSteps === undefined ? 'maxSteps' : `maxSteps = ${context.maxSteps}`;
      const { stiffSince = null } = context;
      const remedy =
        stiffSince !== null
          ? `Since t=${short(stiffSince, 6)} steps have been bounded by stability, not by accuracy: the field is ` +
            'stiff. Take a method for stiff fields, or raise maxSteps.'
          : context.stepSize === undefined
            ? 'Raise maxSteps, loosen rtol and atol, or shorten the interval. Steps far smaller than the scale ' +
              (context.stiffMethod === true
                ? 'on which the solution changes mean a field that jumps: smooth it, or integrate up to the jump and on from it.'
                : 'on which the solution changes mean a stiff or discontinuous field: explicit methods do not suit it.')
            : `Raise maxSteps, or stepSize = ${context.stepSize}.`;
      return `${limit} steps did not suffice: stopped at ${where} (${step}, ${state}, ${component}). ${remedy}`;
    }
    default:
      return status satisfies never;
  }
}

/** A number to a few digits: 0.31, 4e7. */
function short(value: number, digits: number): string {
  const rounded = Number(value.toPrecision(digits));
  const size = Math.abs(rounded);
  const plain = size === 0 || (size >= 1e-3 && size < 1e5);
  return plain ? String(rounded) : rounded.toExponential().replace('e+', 'e');
}
