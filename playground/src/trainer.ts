import { adam, chooseEngine, encodeFlow } from 'liouville';
import { normal, uniform } from 'liouville/random';
import type { EngineName, Flow, Matrix, OptimiserState } from 'liouville';
import type { Engine } from 'liouville/engine';
import { RANGE } from './link.ts';
import type { FlowName } from './menu.ts';
import { choices } from './models.ts';
import type { Choice } from './models.ts';
import { CELLS, GRID_LINES, POINTS_OF_A_LINE } from './picture.ts';
import type { Picture } from './picture.ts';

/** Numbers of a training at one moment. */
export interface Progress {
  readonly step: number;
  /** Of the last batch; nats, except for flow matching. */
  readonly loss: number;
  /** Evaluations of the field for each row of the last step; null for closed forms. */
  readonly nfe: number | null;
  /** Rows times evaluations, or rows for closed forms, that a second of training takes. */
  readonly evaluationsPerSecond: number;
}

const PARTICLES = 220;
const BATCH = 200;
/** Points are blurred by this much: else the best density would be a spike on each of them. */
const BLUR = 0.06;
const INTERVALS = 14;
const WARM_UP = 30;

/** Trains one flow on drawn points, a step at a time. It knows no page, so that it runs in a worker and in tests. */
export class Trainer {
  readonly #choice: Choice;
  readonly #flow: Flow;
  readonly #engine: EngineName | 'auto';
  readonly #computer: Engine;
  readonly #optimiser = adam();
  readonly #state: OptimiserState;
  #points: readonly (readonly [number, number])[] = [];
  #seed = 1;

  constructor(name: FlowName, engine: EngineName | 'auto' = 'auto') {
    this.#choice = choices[name];
    this.#flow = this.#choice.create();
    this.#engine = engine;
    this.#computer = chooseEngine(engine);
    this.#state = this.#optimiser.start(this.#flow.parameters.count);
  }

  set points(points: readonly (readonly [number, number])[]) {
    this.#points = points;
  }

  /** One step on blurred draws from the points. */
  async step(): Promise<Progress> {
    const began = performance.now();
    const batch = this.#batch();
    const options = { engine: this.#engine, seed: this.#seed, rtol: 1e-4, atol: 1e-4 };
    if (this.#state.step === 0) await this.#flow.initialise(batch, options);
    const { loss, flat, nfe, state } = await this.#choice.objective.evaluate(this.#flow, batch, options);
    const length = norm(flat);
    if (!Number.isFinite(loss) || !Number.isFinite(length))
      throw new Error('The loss is not finite. Start over.');
    const shortened = length > 10 ? flat.map((value) => (value * 10) / length) : flat;
    const rate = this.#choice.learningRate * Math.min(1, (this.#state.step + 1) / WARM_UP);
    this.#optimiser.update(this.#state, this.#flow.parameters.flat, shortened, rate, this.#computer);
    if (state != null) this.#flow.state.flat.set(state);
    const evaluations = nfe?.mean ?? null;
    const seconds = (performance.now() - began) / 1000;
    return {
      step: this.#state.step,
      loss,
      nfe: evaluations,
      evaluationsPerSecond: (BATCH * (evaluations ?? 1)) / seconds,
    };
  }

  /** The density, the bent grid of latent space, and particles on their way. Rows that fail are NaN. */
  async picture(): Promise<Picture> {
    const options = { engine: this.#engine, rtol: 1e-3, atol: 1e-3, onFailure: 'report' } as const;
    const logDensity = await this.#flow.logProb(cells, options);
    const { x } = await this.#flow.inverse(gridLines, options);
    const stops = await this.#flow.path(particles, { ...options, intervals: INTERVALS });
    return {
      density: Float32Array.from(logDensity, Math.exp),
      grid: Float32Array.from(x.data),
      stops: stops.map((stop) => Float32Array.from(stop.x.data)),
    };
  }

  /** The model as a .safetensors file. */
  save(): Uint8Array<ArrayBuffer> {
    return encodeFlow(this.#flow);
  }

  #batch(): Matrix {
    const points = this.#points;
    const data = new Float64Array(2 * BATCH);
    this.#seed += 1;
    const noise = normals(2 * BATCH, this.#seed);
    const places = uniforms(BATCH, this.#seed);
    for (let i = 0; i < BATCH; i++) {
      const [x, y] = points[Math.floor(places[i]! * points.length)]!;
      data[2 * i] = x + BLUR * noise[2 * i]!;
      data[2 * i + 1] = y + BLUR * noise[2 * i + 1]!;
    }
    return { data, rows: BATCH, cols: 2 };
  }
}

/** Streams of the page's own draws. */
const [NOISE, PLACES] = [1, 2];

function normals(count: number, seed: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => normal(seed, NOISE, i));
}

function uniforms(count: number, seed: number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => uniform(seed, PLACES, i));
}

function norm(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum);
}

/** Middles of the cells of the density. */
const cells: Matrix = table(CELLS * CELLS, (i) => [cell(i % CELLS), cell(Math.floor(i / CELLS))]);

function cell(i: number): number {
  return (2 * RANGE * (i + 0.5)) / CELLS - RANGE;
}

/** Upright lines, then level ones, between -3 and 3 in latent space. */
const gridLines: Matrix = table(2 * GRID_LINES * POINTS_OF_A_LINE, (i) => {
  const line = Math.floor(i / POINTS_OF_A_LINE);
  const along = (6 * (i % POINTS_OF_A_LINE)) / (POINTS_OF_A_LINE - 1) - 3;
  const across = (6 * (line % GRID_LINES)) / (GRID_LINES - 1) - 3;
  return line < GRID_LINES ? [across, along] : [along, across];
});

const particles: Matrix = (() => {
  const noise = normals(2 * PARTICLES, 0);
  return table(PARTICLES, (i) => [noise[2 * i]!, noise[2 * i + 1]!]);
})();

function table(rows: number, at: (i: number) => readonly [number, number]): Matrix {
  const data = new Float64Array(2 * rows);
  for (let i = 0; i < rows; i++) data.set(at(i), 2 * i);
  return { data, rows, cols: 2 };
}
