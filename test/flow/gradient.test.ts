import { describe, expect, it } from 'vitest';
import type { Matrix } from '../../src/matrix.ts';
import { replaying, rowSlopes, slopes, slopesApart } from './differences.ts';
import { contextFor, mean, normalRows } from './rows.ts';
import { allCases, continuousCases, tight } from './transforms.ts';

describe.each(allCases)('the gradient of $name', ({ flow }) => {
  const x = normalRows(5, flow.dim, 1);
  const context = contextFor(flow, 5);

  it('reaches every parameter, and is given by name and flat', async () => {
    const options = { ...tight, ...context };
    const { loss, gradient, flat } = await flow.lossAndGradient(x, options);
    expect(loss).toBe(-mean(await flow.logProb(x, options)));
    const names = flow.parameters.names();
    expect([...gradient.keys()]).toEqual(names);
    const unreached = names.filter((name) => gradient.get(name)!.data.every((value) => value === 0));
    expect(unreached).toEqual([]);
    expect(Float64Array.from(names.flatMap((name) => [...gradient.get(name)!.data]))).toEqual(flat);
    for (const name of names) {
      const { rows, cols } = flow.parameters.get(name);
      expect(gradient.get(name)).toMatchObject({ rows, cols });
    }
  });

  it('is that of the steps taken, with the exact trace', async () => {
    // A tape leads to one end time and cannot be replayed to another.
    const names = flow.parameters.names().filter((name) => !name.endsWith('end_time'));
    const options = { ...context, engine: 'reference', trace: 'exact' } as const;
    const found = await replaying(() => slopes(flow, x, options, names));
    expect(slopesApart(found, 1e-6)).toEqual([]);
  });
});

describe.each(allCases)('the gradient of $name by its rows', ({ flow }) => {
  const x = normalRows(3, flow.dim, 1);
  const context = contextFor(flow, 3).context as Matrix | undefined;

  it('and by their context is that of the steps taken', async () => {
    const options = { ...tight, engine: 'reference', ...(context && { context }) } as const;
    const found = await replaying(() => rowSlopes(flow, x, options));
    expect(found).toHaveLength(context === undefined ? 1 : 2);
    expect(slopesApart(found, 1e-6)).toEqual([]);
  });
});

describe.each(continuousCases)('the gradient of $name', ({ flow }) => {
  const x = normalRows(5, flow.dim, 1);
  const context = contextFor(flow, 5);

  it('is that of the steps taken, with estimated traces', async () => {
    const names = flow.parameters.names().filter((name) => !name.endsWith('end_time'));
    const options = {
      ...context,
      engine: 'reference',
      trace: 'hutchinson',
      probes: 2,
      probeDistribution: 'gaussian',
    } as const;
    const found = await replaying(() => slopes(flow, x, options, names));
    expect(slopesApart(found, 1e-6)).toEqual([]);
  });

  it('with equal steps is that of the loss, end times included', async () => {
    const options = { ...tight, ...context, solver: 'rk4', stepSize: 0.03 } as const;
    expect(slopesApart(await slopes(flow, x, options, flow.parameters.names()), 1e-6)).toEqual([]);
  });
});
