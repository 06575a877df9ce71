import { LiouvilleError } from '../errors.ts';
import type { Tape } from './tape.ts';

/** Throws unless there is a state, and an interval whose length is a finite number. */
export function checkProblem(y0: ArrayLike<number>, t0: number, t1: number): void {
  if (!(y0.length >= 1)) throw invalid('y0', 'at least one component', y0.length);
  if (!Number.isFinite(t0)) throw invalid('t0', 'a finite number', t0);
  if (!Number.isFinite(t1)) throw invalid('t1', 'a finite number', t1);
  if (!Number.isFinite(t1 - t0)) throw invalid('t1 - t0', 'a finite number', t1 - t0);
}

export function checkPositive(name: string, value: number): void {
  if (!(Number.isFinite(value) && value > 0)) throw invalid(name, 'a positive finite number', value);
}

export function checkMaxSteps(maxSteps: number): void {
  if (!Number.isInteger(maxSteps) || maxSteps < 1) throw invalid('maxSteps', 'a positive integer', maxSteps);
}

/** Throws unless the times run from t0 to t1 without turning back. */
export function checkTimes(times: ArrayLike<number>, t0: number, t1: number): void {
  if (!(times.length >= 0)) throw invalid('times', 'an array of numbers', times);
  const direction = t1 >= t0 ? 1 : -1;
  let before = t0;
  for (let i = 0; i < times.length; i++) {
    const time = times[i]!;
    if (!(direction * (time - before) >= 0 && direction * (t1 - time) >= 0)) {
      throw invalid(`times[${i}]`, `a time from ${before} to t1 = ${t1}`, time);
    }
    before = time;
  }
}

/** Throws unless the tape leads from t0 over the times to t1 with states of n components. */
export function checkReplay(
  tape: Tape,
  stateNumbers: number,
  t0: number,
  t1: number,
  times: ArrayLike<number>,
): void {
  if (tape.t[0] !== t0 || tape.t[tape.count] !== t1) {
    throw new LiouvilleError(
      'invalid-argument',
      `replay: expected a tape from t0 = ${t0} to t1 = ${t1}, got one from ${tape.t[0]} to ${tape.t[tape.count]}.`,
    );
  }
  checkTape(tape, stateNumbers);
  const reached = new Set(tape.t);
  for (let i = 0; i < times.length; i++) {
    if (!reached.has(times[i]!))
      throw invalid(`times[${i}]`, 'a time at which a step of replay ends', times[i]);
  }
}

/** Throws unless each step of the tape holds that many numbers: stages x n. */
export function checkTape(tape: Tape, stateNumbers: number): void {
  const found = tape.stages.find((states) => states.length !== stateNumbers);
  if (found !== undefined) {
    throw new LiouvilleError(
      'shape-mismatch',
      `The tape holds ${found.length} numbers a step; expected ${stateNumbers}, stages x components: ` +
        'it was recorded with another tableau or another state.',
    );
  }
}

export function invalid(name: string, expected: string, found: unknown): LiouvilleError {
  return new LiouvilleError('invalid-argument', `${name}: expected ${expected}, got ${describe(found)}.`);
}

function describe(value: unknown): string {
  switch (typeof value) {
    case 'number':
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'string':
      return `'${value}'`;
    default:
      if (Array.isArray(value) && value.length === 0) return 'an empty array';
      return value === null ? 'null' : typeof value;
  }
}
