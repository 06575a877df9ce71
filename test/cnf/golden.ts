import { existsSync, readFileSync } from 'node:fs';
import type { TestContext } from 'vitest';
import { importFfjord } from '../../src/cnf/index.ts';
import { decodeSafetensors } from '../../src/files/index.ts';
import type { EvaluateOptions, Flow } from '../../src/flow/index.ts';
import type { Matrix } from '../../src/matrix.ts';
import { mean } from '../flow/rows.ts';

/** What the published FFJORD code computed, in float64 at tolerance 1e-10: beside the project, and with it. */
const folders = ['../../../shared/golden/ffjord/', './golden/'].map((path) => new URL(path, import.meta.url));

/** Every layer, several activations, residual fields, blocks and batch normalisation. */
export const goldenNames = [
  'concatsquash-tanh-2d',
  'concat-softplus-3d',
  'concatsquash-softplus-6d-hutchinson',
  'ignore-tanh-residual-3d',
  'blend-tanh-4d',
  'hyper-tanh-2d',
  'squash-swish-2d-2blocks-bn',
  // Made by golden/make.py.
  'concat_v2-elu-3d',
  'concatcoord-square-2d-residual-hutchinson',
  'squash-tanh-5d-2blocks',
  'hyper-softplus-2d-bn',
  'blend-swish-3d-3blocks-bn-residual',
  'concatsquash-identity-1d',
  'ignore-swish-4d-hutchinson',
  'concat-tanh-4d-autoencoder-hutchinson',
];

/** Those whose gradients are held against differences of the loss. */
export const slopeNames = goldenNames.slice(0, 7);

/** Across a kink neither the adjoint of the file nor differences are as exact. */
export const kinked = ['concat_v2-elu-3d'];

/** How far a gradient may be from that of a file, as a share of the largest entry. */
export function gradientTolerance(name: string): number {
  return kinked.includes(name) ? 1e-4 : 1e-6;
}

export interface Golden {
  readonly flow: Flow;
  /** A tensor as a matrix; one of one axis is a column. */
  readonly rows: (name: string) => Matrix;
  /** Names of the parameters that have a gradient in the file. */
  readonly differentiated: readonly string[];
  /** How the file was computed: the trace, the probes, and a tolerance. */
  readonly options: EvaluateOptions & { noise?: Matrix };
}

/** Skips the test when the file is not beside the project. */
export async function readGolden(name: string, { skip }: Pick<TestContext, 'skip'>): Promise<Golden> {
  const paths = folders.map((folder) => new URL(`${name}.safetensors`, folder));
  const path = paths.find((each) => existsSync(each));
  if (path === undefined) return skip(`${name}.safetensors is not beside the project`);
  const bytes = new Uint8Array(readFileSync(path));
  const { tensors } = decodeSafetensors(bytes);
  const rows = (tensor: string): Matrix => {
    const { data, shape } = tensors.get(tensor)!;
    return { data: data as Float64Array, rows: shape[0]!, cols: shape[1] ?? 1 };
  };
  const trace = name.endsWith('hutchinson') ? ({ trace: 'hutchinson', noise: rows('e') } as const) : {};
  return {
    flow: await importFfjord(bytes),
    rows,
    differentiated: [...tensors.keys()].filter((key) => key.startsWith('grad/')).map((key) => key.slice(5)),
    options: {
      engine: 'reference',
      precision: 'float64',
      rtol: 1e-11,
      atol: 1e-11,
      trace: 'exact',
      ...trace,
    },
  };
}

/**
 * The derivative of the loss of some rows where one parameter array moves along `direction`, by central
 * differences with steps h, h / 2 and h / 4, extrapolated twice (Richardson): the error is of order h^6.
 */
export async function lossSlope(
  { flow }: Golden,
  x: Matrix,
  options: EvaluateOptions,
  parameter: string,
  direction: ArrayLike<number>,
  h: number,
): Promise<number> {
  const { data } = flow.parameters.get(parameter);
  const before = data.slice();
  const loss = async (t: number): Promise<number> => {
    before.forEach((value, i) => (data[i] = value + t * direction[i]!));
    const logProb = await flow.logProb(x, options);
    data.set(before);
    return -mean(logProb);
  };
  const central = async (step: number): Promise<number> =>
    ((await loss(step)) - (await loss(-step))) / (2 * step);
  const [d1, d2, d4] = [await central(h), await central(h / 2), await central(h / 4)];
  const [e1, e2] = [(4 * d2 - d1) / 3, (4 * d4 - d2) / 3];
  return (16 * e2 - e1) / 15;
}

export function largestOf(gradients: Iterable<Matrix>): number {
  let largest = 0;
  for (const { data } of gradients) for (const value of data) largest = Math.max(largest, Math.abs(value));
  return largest;
}
