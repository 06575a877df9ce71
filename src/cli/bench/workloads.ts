import { ffjord } from '../../cnf/index.ts';
import type { FfjordOptions } from '../../cnf/index.ts';
import { realNVP } from '../../discrete/index.ts';
import type { EngineName } from '../../engine/index.ts';
import type { EvaluateOptions, Flow } from '../../flow/index.ts';
import { fillNormal, namedStream } from '../../random/index.ts';

/** A model and a number of rows: what is measured. */
export interface Workload {
  readonly name: string;
  readonly rows: number;
  readonly trace: NonNullable<EvaluateOptions['trace']>;
  /** Makes the model, with weights that a field after some training could have. */
  make(): Flow;
}

const toyField: FfjordOptions = { dim: 2, hidden: [64, 64, 64], activation: 'tanh' };

const full: readonly Workload[] = [
  ...[100, 1000, 10_000].map((rows) => continuous(`ffjord-2d-${rows}`, rows, 'exact', toyField)),
  continuous('ffjord-6d-1000', 1000, 'hutchinson', {
    dim: 6,
    hidden: [60, 60, 60],
    activation: 'softplus',
    blocks: 5,
  }),
  continuous('ffjord-43d-1000', 1000, 'hutchinson', { dim: 43, hidden: [860, 860], activation: 'softplus' }),
  coupling('realnvp-6d-1000', 1000),
];

/** Few rows, for an engine that is there to define the meaning and not to be fast. */
const tiny: readonly Workload[] = [
  continuous('ffjord-2d-4', 4, 'exact', toyField),
  coupling('realnvp-6d-16', 16),
];

/** What an engine is measured with. */
export function workloadsOf(engine: EngineName): readonly Workload[] {
  return engine === 'reference' ? tiny : full;
}

function continuous(name: string, rows: number, trace: Workload['trace'], options: FfjordOptions): Workload {
  return { name, rows, trace, make: () => scattered(ffjord(options), 1) };
}

/** Five couplings with conditioners of 128-128, for six features. */
function coupling(name: string, rows: number): Workload {
  const make = () => scattered(realNVP({ dim: 6, layers: 5, hidden: [128, 128] }), 0.5);
  return { name, rows, trace: 'exact', make };
}

/**
 * Gives a flow normal weights of deviation scale / sqrt(inputs), and biases of deviation scale / 2. A field whose
 * weights are as a constructor leaves them is too smooth: its solver would need fewer evaluations than that of a
 * trained one. Couplings that are too wild, on the other hand, carry rows beyond what single precision resolves.
 */
function scattered(flow: Flow, scale: number): Flow {
  for (const name of flow.parameters.names()) {
    const { data, cols } = flow.parameters.get(name);
    fillNormal(data, 0, namedStream(name));
    const deviation = scale / Math.sqrt(name.endsWith('bias') ? 4 : cols);
    data.forEach((value, i) => (data[i] = value * deviation));
  }
  return flow;
}

/** Standard normal rows. */
export function rowsFor({ rows }: Workload, dim: number): { data: Float64Array; rows: number; cols: number } {
  const data = new Float64Array(rows * dim);
  fillNormal(data, 0, namedStream('bench rows'));
  return { data, rows, cols: dim };
}
