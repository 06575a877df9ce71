import { describe, expect, it } from 'vitest';
import { continuousParts, ffjord, fieldAt, journey, rowCosts } from '../../src/cnf/index.ts';
import { realNVP } from '../../src/discrete/index.ts';
import { fieldFigure, pathDensityFigure, rowCostFigure } from '../../src/plot/index.ts';
import { expectClose, normalRows } from '../flow/rows.ts';
import { perturbed, tight } from '../flow/transforms.ts';
import { block, flowOfBlocks, linearField } from './fields.ts';

const x = normalRows(7, 2, 1);
const flow = perturbed(ffjord({ dim: 2, hidden: [5], blocks: 2, batchNorm: true, contextDim: 1 }));
const context = normalRows(7, 1, 2);

describe('journey', () => {
  it('begins with the density of the data and ends with that of the base', async () => {
    const stops = await journey(flow, x, { ...tight, context, intervals: 4 });
    expect(stops).toHaveLength(1 + 3 + 2 * 4);
    const first = stops[0]!;
    expect(first.x.data).toEqual(x.data);
    expectClose(first.logDensity, await flow.logProb(x, { ...tight, context }), 1e-8);
    const last = stops.at(-1)!;
    const { z } = await flow.transform(x, { ...tight, context });
    expectClose(last.x.data, z.data, 1e-8);
    const normal = Array.from({ length: 7 }, (_, i) => -(z.data[2 * i]! ** 2 + z.data[2 * i + 1]! ** 2) / 2);
    expectClose(
      last.logDensity,
      normal.map((value) => value - Math.log(2 * Math.PI)),
      1e-8,
    );
    expect(stops.map(({ time }) => time)).toEqual([
      null,
      null,
      ...[1, 2, 3, 4].map((i) => i / 8),
      null,
      ...[1, 2, 3, 4].map((i) => i / 8),
      null,
    ]);
  });

  it('carries the density of a linear field along: d log p / dt = -tr A', async () => {
    const linear = flowOfBlocks(
      block(
        2,
        linearField([
          [0.5, 1],
          [-1, 0.25],
        ]),
        0.8,
      ),
    );
    const stops = await journey(linear, x, { ...tight, intervals: 8 });
    stops.slice(1).forEach(({ logDensity, time }) => {
      expectClose(
        logDensity,
        stops[0]!.logDensity.map((value) => value - 0.75 * time!),
        1e-8,
      );
    });
  });
});

it('continuousParts counts what fieldAt can be asked for', () => {
  expect(continuousParts(flow)).toBe(2);
  expect(continuousParts(realNVP({ dim: 2 }))).toBe(0);
});

it('fieldAt gives the velocity at points and times', async () => {
  const linear = flowOfBlocks(
    block(
      2,
      linearField([
        [0, 1],
        [-2, 0],
      ]),
    ),
  );
  const [now, later] = await fieldAt(linear, [[1, 3]], [0, 0.3], tight);
  expectClose(now!.data, [3, -2], 1e-14);
  expect(later!.data).toEqual(now!.data);
  const [network] = await fieldAt(flow, x, [0.2], { ...tight, context, part: 1 });
  expect(network).toMatchObject({ rows: 7, cols: 2 });
  await expect(fieldAt(flow, x, [0], { context, part: 2 })).rejects.toMatchObject({
    code: 'invalid-argument',
  });
  await expect(fieldAt(realNVP({ dim: 2 }), x, [0])).rejects.toMatchObject({ code: 'invalid-argument' });
});

it('rowCosts counts for each row what transform sums up', async () => {
  const { evaluations, status } = await rowCosts(flow, x, { ...tight, context });
  const { nfe } = await flow.transform(x, { ...tight, context });
  expect(evaluations.reduce((a, b) => a + b) / 7).toBeCloseTo(nfe!.mean, 10);
  expect(Math.max(...evaluations)).toBe(nfe!.max);
  expect(status).toEqual(Array(7).fill('ok'));
  expect((await rowCosts(realNVP({ dim: 2 }), x)).evaluations).toEqual(new Int32Array(7));
});

it('figures of them are plain JSON', async () => {
  const [velocity] = await fieldAt(flow, x, [0], { context });
  const stops = await journey(flow, x, { ...tight, context, intervals: 2 });
  const { evaluations } = await rowCosts(flow, x, { context });
  for (const figure of [
    fieldFigure(x, velocity!, 0.5, '#000'),
    pathDensityFigure(stops, '#000'),
    rowCostFigure(evaluations, '#000'),
  ]) {
    expect(JSON.parse(JSON.stringify(figure))).toEqual(figure);
    expect(figure.data.length).toBeGreaterThan(0);
  }
  // A gap after each row.
  const [lines] = pathDensityFigure(stops, '#000').data as [{ x: { bdata: string } }];
  expect(atob(lines.x.bdata)).toHaveLength(4 * 7 * (stops.length + 1));
});
