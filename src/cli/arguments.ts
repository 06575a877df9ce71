import { InvalidArgumentError } from 'commander';
import { engineNames } from '../engine/index.ts';
import type { EngineName, Precision } from '../engine/index.ts';
import { LiouvilleError, unknownName } from '../errors.ts';
import { modelNames, paperModelNames } from '../models/index.ts';
import { solverNames } from '../ode/index.ts';
import { schedules } from '../train/index.ts';
import type { ScheduleName } from '../train/index.ts';

/*
 * From the text of an option to its value. What they throw names the option, or what was expected, or both.
 */

/** 1, 2, 3, ... */
export function count(text: string): number {
  const value = wholeNumber(text);
  if (value === undefined || value < 1) throw new InvalidArgumentError('Expected a positive whole number.');
  return value;
}

/** A path. The empty one, which an unset variable of a shell leads to, would be the folder that one is in. */
export function path(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Expected a path.');
  return text;
}

/** A positive number. */
export function positive(text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!(value > 0 && value < Infinity)) throw new InvalidArgumentError('Expected a positive number.');
  return value;
}

/** Widths of layers, such as 64-64. */
export function widths(text: string): number[] {
  return text.split('-').map((width) => {
    const value = wholeNumber(width);
    if (value === undefined || value < 1) {
      throw new InvalidArgumentError(
        'Expected positive whole numbers with dashes between them, such as 64-64.',
      );
    }
    return value;
  });
}

/** 0, 1, 2, ... */
export function seed(text: string): number {
  const value = wholeNumber(text);
  if (value === undefined) throw new InvalidArgumentError('Expected a whole number from 0 to 2^53 - 1.');
  return value;
}

/** The name of an engine, or 'auto'. */
export function engine(text: string): EngineName | 'auto' {
  const known = ['auto', ...engineNames] as const;
  const found = known.find((name) => name === text);
  if (found === undefined) throw unknownName('engine', text, known);
  return found;
}

export function precision(text: string): Precision {
  const known = ['float32', 'float64'] as const;
  const found = known.find((name) => name === text);
  if (found === undefined) throw unknownName('precision', text, known);
  return found;
}

/** Names of presets, with commas between them; 'all' is every one but those with the sizes of papers. */
export function models(text: string): string[] {
  if (text === 'all') return [...modelNames];
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) {
    if (name === '') {
      throw new InvalidArgumentError(
        `Expected names with commas between them, or all. Known: ${modelNames.join(', ')}.`,
      );
    }
    preset(name);
  }
  return names;
}

/** The name of one preset, those with the sizes of papers among them. */
export function preset(text: string): string {
  const known = [...modelNames, ...paperModelNames];
  if (!known.includes(text)) throw unknownName('model', text, known);
  return text;
}

/** The number of threads that LIOUVILLE_THREADS asks for, if it does. */
export function threadsOf(env: Readonly<Record<string, string | undefined>>): number | undefined {
  const text = env['LIOUVILLE_THREADS'];
  if (text === undefined || text === '') return undefined;
  const value = wholeNumber(text);
  if (value === undefined || value < 1) {
    throw new LiouvilleError(
      'invalid-argument',
      `LIOUVILLE_THREADS: expected a positive whole number; got '${text}'.`,
    );
  }
  return value;
}

function wholeNumber(text: string): number | undefined {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  return Number.isSafeInteger(value) ? value : undefined;
}

/** 0 or a positive number. */
export function nonNegative(text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!(value >= 0 && value < Infinity)) throw new InvalidArgumentError('Expected 0 or a positive number.');
  return value;
}

/** A number from 0 to below 1. */
export function fraction(text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!(value >= 0 && value < 1)) throw new InvalidArgumentError('Expected a number from 0 to below 1.');
  return value;
}

/** The name of one model. */
export function model(text: string): string {
  if (!modelNames.includes(text)) throw unknownName('model', text, modelNames);
  return text;
}

/** The name of a schedule of the learning rate. */
export function schedule(text: string): ScheduleName {
  if (!Object.hasOwn(schedules, text)) throw unknownName('schedule', text, Object.keys(schedules));
  return text as ScheduleName;
}

/** The name of a solver. */
export function solver(text: string): string {
  if (!solverNames.includes(text)) throw unknownName('solver', text, solverNames);
  return text;
}
