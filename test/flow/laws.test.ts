import { describe, expect, it } from 'vitest';
import type { EvaluateOptions } from '../../src/flow/index.ts';
import type { Matrix } from '../../src/matrix.ts';
import { logDetByDifferences, logDetByDifferentiation } from './jacobian.ts';
import { contextFor, expectClose, farthest, negated, normalRows } from './rows.ts';
import { allCases, continuousCases, tight, transformCases } from './transforms.ts';

const logTwoPi = Math.log(2 * Math.PI);

describe.each(allCases)('$name', ({ flow, continuous }) => {
  const { dim } = flow;
  const x = normalRows(5, dim, 1);
  const context = contextFor(flow, 5);
  const exact: EvaluateOptions = { ...tight, ...context };

  it('gives one latent row and one logDet for each row', async () => {
    const { z, logDet, status, nfe, engine } = await flow.transform(x, context);
    expect(z).toMatchObject({ rows: 5, cols: dim });
    expect(z.data).toHaveLength(5 * dim);
    expect(logDet).toHaveLength(5);
    expect(status).toEqual(Array(5).fill('ok'));
    expect(engine).toBe(process.env['LIOUVILLE_ENGINE']);
    expect(nfe === null).toBe(!continuous);
    expect(nfe?.max ?? 1).toBeGreaterThanOrEqual(nfe?.mean ?? 1);
    const back = await flow.inverse(x, context);
    expect(back.x).toMatchObject({ rows: 5, cols: dim });
    expect(back.logDet).toHaveLength(5);
  });

  it('inverts both ways, with the opposite logDet', async () => {
    const there = await flow.transform(x, exact);
    const back = await flow.inverse(there.z, exact);
    expectClose(back.x.data, x.data, 1e-8);
    expectClose(back.logDet, there.logDet.map(negated), 1e-8);
    const other = await flow.inverse(x, exact);
    const again = await flow.transform(other.x, exact);
    expectClose(again.z.data, x.data, 1e-8);
    expectClose(again.logDet, other.logDet.map(negated), 1e-8);
    expect(farthest(there.z.data, x.data)).toBeGreaterThan(1e-3);
  });

  it('logProb is the base density of z, and logDet', async () => {
    const { z, logDet } = await flow.transform(x, exact);
    const expected = logDet.map((value, row) => {
      const squares = Array.from(z.data.subarray(row * dim, (row + 1) * dim), (zi) => zi * zi);
      return value - (squares.reduce((a, b) => a + b) + dim * logTwoPi) / 2;
    });
    expectClose(await flow.logProb(x, exact), expected, 1e-12);
  });

  it('logDet is log|det| of the Jacobian by central differences', async () => {
    // Equal steps, so that the map is a smooth function of x.
    const fixed = { ...exact, stepSize: 0.02 };
    const { logDet } = await flow.transform(x, fixed);
    expectClose(logDet, await logDetByDifferences(flow, x, fixed), 1e-7);
  });
});

describe.each(transformCases)('$name', ({ flow, transform }) => {
  it('logDet is log|det| of the Jacobian by differentiation', async () => {
    const x = normalRows(5, flow.dim, 1);
    const options = contextFor(flow, 5);
    const context = (options.context as Matrix | undefined)?.data ?? null;
    const witness = await logDetByDifferentiation(
      transform,
      { trained: flow.parameters, state: flow.state },
      x.data as Float64Array,
      context as Float64Array | null,
    );
    const { z, logDet } = await flow.transform(x, { ...tight, ...options });
    expectClose(z.data, witness.z, 1e-9);
    expectClose(logDet, witness.logDet, 1e-9);
  });
});

describe.each(continuousCases)('$name', ({ flow }) => {
  it('an estimate of the trace is undone by the inverse with the same seed', async () => {
    const x = normalRows(5, flow.dim, 1);
    const options = { ...tight, ...contextFor(flow, 5), trace: 'hutchinson', probes: 2, seed: 3 } as const;
    const there = await flow.transform(x, options);
    const back = await flow.inverse(there.z, options);
    expectClose(back.logDet, there.logDet.map(negated), 1e-7);
  });
});
