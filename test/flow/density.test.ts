import { beforeAll, describe, expect, it } from 'vitest';
import type { EvaluateOptions, Flow } from '../../src/flow/index.ts';
import { expectClose, mean, normalRows } from './rows.ts';
import { allCases } from './transforms.ts';

/** Those whose density a grid can hold; one way round is enough where the other takes seconds. */
const small = allCases.filter(({ name, flow, continuous }) => {
  return flow.dim <= 2 && !(continuous && name.startsWith('inverse'));
});

/** Bounded functions of a row, to compare means of samples with integrals. */
const statistics: ((row: ArrayLike<number>) => number)[] = [
  (row) => Math.tanh(row[0]!),
  (row) => Math.exp(-(row[0]! ** 2)),
  (row) => Math.cos(row[row.length - 1]! - 0.5),
  (row) => Math.tanh(2 * row[0]! * row[row.length - 1]!),
];

describe.each(small)('the density of $name', ({ flow, continuous }) => {
  const { dim } = flow;
  let grid: Grid;

  beforeAll(async () => {
    // Closed forms are quick to compute, and stretch the plane more. Normalisations, which have a state, do so too.
    const solved = flow.state.count > 0 ? ([20, 0.25] as const) : ([10, 0.3] as const);
    const [reach, spacing] = dim === 1 ? [60, 0.05] : continuous ? solved : [25, 0.15];
    grid = await densityOn(flow, reach, spacing);
  }, 120_000);

  it('integrates to 1', () => {
    expect(Math.abs(integral(grid, () => 1) - 1)).toBeLessThan(1e-3);
  });

  it('is that of the samples', async () => {
    const count = 2000;
    const samples = await flow.sample(count, { ...sameContext(flow, count), seed: 6 });
    expect(samples).toMatchObject({ rows: count, cols: dim });
    for (const statistic of statistics) {
      const values = Array.from({ length: count }, (_, row) =>
        statistic(samples.data.subarray(row * dim, (row + 1) * dim)),
      );
      const expected = integral(grid, statistic);
      const deviation = Math.sqrt((integral(grid, (row) => statistic(row) ** 2) - expected ** 2) / count);
      expect(Math.abs(mean(values) - expected)).toBeLessThan(4 * deviation + 1e-3);
    }
  });

  it('comes of samples whose latent rows are standard normal', async () => {
    const count = 1000;
    const options = { ...sameContext(flow, count), seed: 5 };
    const { z } = await flow.transform(await flow.sample(count, options), options);
    for (let i = 0; i < dim; i++) {
      const column = Array.from({ length: count }, (_, row) => z.data[row * dim + i]!);
      expect(Math.abs(mean(column))).toBeLessThan(4 / Math.sqrt(count));
      expect(Math.abs(mean(column.map((value) => value * value)) - 1)).toBeLessThan(4 * Math.sqrt(2 / count));
    }
  });

  it('has the same first samples for any count', async () => {
    const first = await flow.sample(10, { ...sameContext(flow, 10), seed: 5 });
    const more = await flow.sample(20, { ...sameContext(flow, 20), seed: 5 });
    expectClose(first.data, more.data.subarray(0, first.data.length), 0);
  });
});

interface Grid {
  readonly points: readonly Float64Array[];
  readonly density: Float64Array;
  /** Length, or area, of a cell. */
  readonly cell: number;
}

async function densityOn(flow: Flow, reach: number, spacing: number): Promise<Grid> {
  const { dim } = flow;
  const side = Math.round((2 * reach) / spacing) + 1;
  const rows = side ** dim;
  const data = Float64Array.from({ length: rows * dim }, (_, i) => {
    const place = i % dim === 0 ? Math.floor(i / dim) % side : Math.floor(i / dim / side);
    return place * spacing - reach;
  });
  const logProb = await flow.logProb({ data, rows, cols: dim }, sameContext(flow, rows));
  return {
    points: Array.from({ length: rows }, (_, row) => data.subarray(row * dim, (row + 1) * dim)),
    density: logProb.map(Math.exp),
    cell: spacing ** dim,
  };
}

function integral({ points, density, cell }: Grid, f: (row: ArrayLike<number>) => number): number {
  return points.reduce((sum, point, i) => sum + f(point) * density[i]!, 0) * cell;
}

/** One context row, for as many rows. */
function sameContext(flow: Flow, rows: number): EvaluateOptions {
  if (flow.contextDim === 0) return {};
  const { data, cols } = normalRows(1, flow.contextDim, 2);
  return {
    context: { data: Float64Array.from({ length: rows * cols }, (_, i) => data[i % cols]!), rows, cols },
  };
}
