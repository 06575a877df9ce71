import { chooseEngine } from '../../engine/index.ts';
import type { EvaluateOptions, Flow } from '../../flow/index.ts';
import type { BatchLike } from '../../matrix.ts';
import { adam } from '../../train/index.ts';

export const taskNames = ['train', 'density', 'sample', 'inverse'] as const;
export type TaskName = (typeof taskNames)[number];

/** One piece of work that can be repeated. */
export interface Task {
  readonly name: TaskName;
  /** Does it once. What it returns depends on everything that was computed. */
  run(): Promise<readonly ArrayLike<number>[]>;
  /** Undoes what a run has changed, so that the next does the same again. */
  reset(): void;
}

/** Adam's, in a training step that is measured. */
const learningRate = 1e-4;

/**
 * The things that people do with a flow and these rows:
 *
 * - train: the loss, its gradient, and an update by Adam;
 * - density: log p(x);
 * - sample: as many new rows, drawn and taken to the data, without their density;
 * - inverse: the rows taken as latent ones to the data, with log|det dx/dz|.
 */
export function tasksOf(
  flow: Flow,
  x: BatchLike,
  rows: number,
  options: { train: EvaluateOptions; evaluate: EvaluateOptions },
): readonly Task[] {
  const evaluate = (name: TaskName, run: Task['run']): Task => ({ name, run, reset: () => undefined });
  return [
    trainingStep(flow, x, options.train),
    evaluate('density', async () => [await flow.logProb(x, options.evaluate)]),
    evaluate('sample', async () => [(await flow.sample(rows, options.evaluate)).data]),
    evaluate('inverse', async () => {
      const { x: found, logDet } = await flow.inverse(x, options.evaluate);
      return [found.data, logDet];
    }),
  ];
}

function trainingStep(flow: Flow, x: BatchLike, options: EvaluateOptions): Task {
  const optimiser = adam();
  const engine = chooseEngine(options.engine);
  const { flat } = flow.parameters;
  const before = flat.slice();
  const state = optimiser.start(flat.length);
  let last: Float64Array | undefined;
  return {
    name: 'train',
    async run() {
      const { loss, flat: gradient } = await flow.lossAndGradient(x, options);
      optimiser.update(state, flat, gradient, learningRate, engine);
      last = gradient;
      return [[loss], gradient, flat];
    },
    // As in a training, steps leave no large arrays behind.
    reset() {
      flat.set(before);
      state.step = 0;
      for (const slot of Object.values(state.slots)) slot.fill(0);
      if (last !== undefined) engine.release?.(last);
    },
  };
}
