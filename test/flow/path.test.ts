import { describe, expect, it } from 'vitest';
import { ffjord } from '../../src/cnf/index.ts';
import { realNVP } from '../../src/discrete/index.ts';
import type { Matrix } from '../../src/matrix.ts';
import { normalRows } from './rows.ts';
import { allCases, perturbed, tight } from './transforms.ts';

const distance = (a: Matrix, b: Matrix): number =>
  Math.max(...Array.from(a.data, (value, i) => Math.abs(value - b.data[i]!)));

describe('path', () => {
  it.each(allCases)('ends where $name takes the rows, both ways', async ({ flow }) => {
    const x = normalRows(3, flow.dim, 1);
    const context = flow.contextDim > 0 ? { context: normalRows(3, flow.contextDim, 2) } : {};
    const options = { ...tight, ...context, intervals: 3 };
    const there = await flow.path(x, { ...options, direction: 'forward' });
    expect(there[0]).toMatchObject({ path: '', time: null });
    expect(distance(there[0]!.x, x)).toBe(0);
    const { z } = await flow.transform(x, { ...tight, ...context });
    expect(distance(there.at(-1)!.x, z)).toBeLessThan(1e-7);
    const back = await flow.path(z, options);
    expect(back).toHaveLength(there.length);
    // Stop by stop the same way.
    back.forEach((stop, i) => expect(distance(stop.x, there.at(-1 - i)!.x)).toBeLessThan(1e-6));
  });

  it('stops at equally spaced times of a continuous flow', async () => {
    const flow = ffjord({ dim: 2, hidden: [8], endTime: 0.5 });
    const stops = await flow.path(normalRows(2, 2, 1), { intervals: 4 });
    expect(stops.map(({ time }) => time)).toEqual([null, 0.375, 0.25, 0.125, 0]);
    expect((await flow.path([[0, 0]])).length).toBe(17);
  });

  it('stops after each layer of a discrete flow', async () => {
    const flow = perturbed(realNVP({ dim: 2, layers: 3, hidden: [4] }));
    const stops = await flow.path(normalRows(2, 2, 1));
    expect(stops.map(({ path }) => path)).toEqual(['', 'chain.2', 'chain.1', 'chain.0']);
    // A coupling moves one of two features.
    stops.slice(1).forEach(({ x }, i) => {
      const moved = Array.from(x.data, (value, k) => value !== stops[i]!.x.data[k]);
      expect(moved.filter(Boolean)).toHaveLength(2);
    });
  });

  it('reports rows that fail, and throws unless it is asked to report', async () => {
    const flow = perturbed(ffjord({ dim: 2, hidden: [8] }));
    await expect(flow.path([[0, 0]], { ...tight, maxSteps: 1 })).rejects.toMatchObject({
      code: 'numerical-failure',
    });
    const z = [
      [Infinity, 0],
      [0, 0],
    ];
    const stops = await flow.path(z, { onFailure: 'report' });
    expect([...stops.at(-1)!.x.data].map(Number.isFinite)).toEqual([false, false, true, true]);
  });

  it.each<[object, string, RegExp]>([
    [{ direction: 'sideways' }, 'unknown-name', /direction 'sideways'/],
    [{ intervals: 0 }, 'invalid-argument', /intervals: .*got 0/],
    [{ steps: 3 }, 'unknown-name', /option 'steps'/],
  ])('refuses %j', async (options, code, message) => {
    await expect(realNVP({ dim: 2 }).path([[0, 0]], options)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });
});
