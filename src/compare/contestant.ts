import type { EngineName } from '../engine/index.ts';
import type { EvaluateOptions, Flow } from '../flow/types.ts';
import type { Matrix } from '../matrix.ts';
import type { HistoryEntry, Objective, StepEvent } from '../train/index.ts';
import type { ComparisonData } from './data.ts';
import type { Box } from './quadrature.ts';
import type { ComparisonSettings } from './results.ts';

/** A model of the comparison: its name, and how it is made and trained for a number of columns. */
export interface Contestant {
  readonly name: string;
  readonly create: (options: { dim: number; seed: number }) => Flow;
  /** Adam's learning rate after the warm-up, unless the settings have one for all; default 1e-3. */
  readonly learningRate?: (dim: number) => number;
  /** What training makes small; default: the likelihood. */
  readonly objective?: Objective;
  /** Maximum likelihood in closed form, instead of training step by step. */
  readonly fit?: (flow: Flow, x: Matrix) => void;
}

/** What is told while a model runs. */
export type ModelProgress = ({ phase: 'training'; steps: number | null } & StepEvent) | { phase: string };

/** What training left behind: enough to measure the model without training it again. */
export interface Trained {
  readonly flow: Flow;
  /** Losses in nats of the data as given. */
  readonly history: HistoryEntry[];
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
  /** Where the training with a seed is recorded; null for nowhere. */
  readonly folderOf: (seed: number) => string | null;
  /** Whether to go on with what an earlier, unfinished comparison recorded. */
  readonly resume: boolean;
}
