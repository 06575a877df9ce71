import type { EngineName } from '../engine/index.ts';
import type { EvaluateOptions, Flow } from '../flow/types.ts';
import type { Matrix } from '../matrix.ts';
import type { HistoryEntry, StepEvent } from '../train/index.ts';
import type { ComparisonData } from './data.ts';
import type { Box } from './quadrature.ts';
import type { ComparisonSettings } from './results.ts';

/** A model of the comparison: its name, and how it is made and trained for a number of columns. */
export interface Contestant {
  readonly name: string;
  readonly create: (options: { dim: number; seed: number }) => Flow;
  /** Adam's learning rate after the warm-up, unless the settings have one for all; default 1e-3. */
  readonly learningRate?: (dim: number) => number;
  /** Maximum likelihood in closed form, instead of training step by step. */
  readonly fit?: (flow: Flow, x: Matrix) => void;
}

/** What is told while a model runs. */
export type ModelProgress = ({ phase: 'training'; steps: number } & StepEvent) | { phase: string };

/** What training left behind: enough to measure the model without training it again. */
export interface Trained {
  readonly flow: Flow;
  /** Losses in nats of the data as given. */
  readonly history: readonly HistoryEntry[];
  readonly engine: EngineName;
  readonly seconds: number;
  readonly bestValidation: number | null;
}

/** What a model is trained and measured with. */
export interface Surroundings {
  readonly data: ComparisonData;
  readonly settings: ComparisonSettings;
  readonly box: Box | null;
  readonly evaluate: EvaluateOptions;
  readonly onProgress: (progress: ModelProgress) => void;
  /** What an earlier, unfinished comparison has trained already; null where it has not come to it. */
  readonly restore: (seed: number) => Promise<Trained | null>;
}
