import type { Tableau } from '../../../ode/index.ts';
import type { CompiledProgram } from '../../../program/index.ts';
import { RowMemory, plus, text, times } from './memory.ts';
import type { Index } from './memory.ts';
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

/** Where everything lies, and how it is written. */
export class SolvePlaces {
  readonly tableau: Tableau;
  readonly n: number;
  readonly memory: RowMemory;
  readonly #states: number;
  readonly #slopes: number;
  readonly #next: number;
  readonly #coefficients: ReturnType<typeof coefficientPlaces>;

  constructor(program: CompiledProgram, tableau: Tableau, n: number) {
    const { stages, fsal } = tableau;
    this.tableau = tableau;
    this.n = n;
    this.#states = program.sizes.row;
    this.#slopes = this.#states + stages * n;
    this.#next = fsal ? this.#slopes - n : this.#slopes + stages * n;
    this.memory = new RowMemory(this.#slopes + stages * n + (fsal ? 0 : n));
    this.#coefficients = coefficientPlaces(stages, settingNames.length);
  }

  state(stage: Index, i: Index): string {
    return this.memory.at(plus(plus(this.#states, times(stage, this.n)), i));
  }

  slope(stage: Index, i: Index): string {
    return this.memory.at(plus(plus(this.#slopes, times(stage, this.n)), i));
  }

  next(i: Index): string {
    return this.memory.at(plus(this.#next, i));
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
