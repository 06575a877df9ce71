import type { Tableau } from '../../../ode/index.ts';
import type { CompiledProgram } from '../../../program/index.ts';
import { plus, text, times } from './memory.ts';
import type { Index, Range, RowMemory } from './memory.ts';
import { coefficientPlaces } from './tableau-settings.ts';
import { Writer } from './writer.ts';

/** Where a row's state lies in the buffer of states, in numbers, before y and its derivative. */
export const stateWords = {
  t: 0,
  h: 1,
  previousError: 2,
  earlierError: 3,
  lastError: 4,
  flags: 5,
  accepted: 6,
  rejected: 7,
  nfe: 8,
  status: 9,
  component: 10,
} as const;
export const stateHeader = 11;

/** The numbers of `status`: 0 for a row that is under way, else one more than its place here. */
export const statusNames = ['ok', 'max-steps', 'non-finite', 'step-underflow'] as const;

/** The settings of a solve, before the coefficients of its method. */
export const settingNames = [
  't0',
  't1',
  'rtol',
  'atol',
  'safety',
  'minFactor',
  'maxFactor',
  'beta0',
  'beta1',
  'beta2',
  'rejection',
  'order',
] as const;

/** How a solve is taken; the words of a call. */
export const ways = { adaptive: 0, fixed: 1, replay: 2 } as const;

/** Numbers of a row during a solve: those of the field, then the states and the derivatives of the stages. */
export function solveSize(program: CompiledProgram, { stages, fsal }: Tableau, n: number): number {
  return program.sizes.row + (2 * stages + Number(!fsal)) * n;
}

/** Where everything lies, and how it is written. */
export class SolvePlaces {
  readonly tableau: Tableau;
  readonly n: number;
  readonly memory: RowMemory;
  readonly #states: Range;
  readonly #slopes: Range;
  readonly #next: Range;
  readonly #coefficients: ReturnType<typeof coefficientPlaces>;

  constructor(program: CompiledProgram, tableau: Tableau, n: number, memory: RowMemory) {
    const { stages, fsal } = tableau;
    this.tableau = tableau;
    this.n = n;
    this.memory = memory;
    this.#states = { offset: program.sizes.row, size: stages * n };
    this.#slopes = { offset: program.sizes.row + stages * n, size: stages * n };
    this.#next = { offset: program.sizes.row + (fsal ? stages - 1 : 2 * stages) * n, size: n };
    this.#coefficients = coefficientPlaces(stages, settingNames.length);
  }

  state(stage: Index, i: Index): string {
    return this.memory.at(this.#states, plus(times(stage, this.n), i));
  }

  slope(stage: Index, i: Index): string {
    return this.memory.at(this.#slopes, plus(times(stage, this.n), i));
  }

  next(i: Index): string {
    return this.memory.at(this.#next, i);
  }

  setting(name: (typeof settingNames)[number]): string {
    return `settings[${settingNames.indexOf(name)}u]`;
  }

  coefficient(of: 'c' | 'a' | 'b' | 'bError' | 'bCorrection', index: Index): string {
    return `settings[${text(plus(this.#coefficients[of], index))}]`;
  }

  /** A word of the row in the buffer of states. */
  readonly word = (index: Index): string => {
    return `states[(${text(index)}) * call.stride + lane]`;
  };

  /** Statements for each component. */
  components(body: (i: Index, writer: Writer) => void): string {
    const writer = new Writer();
    writer.loop(this.n, (i) => body(i, writer));
    return writer.toString();
  }
}

/** atol + rtol size */
export function tolerance(places: SolvePlaces, magnitude: string): string {
  return `${places.setting('atol')} + ${places.setting('rtol')} * ${magnitude}`;
}
