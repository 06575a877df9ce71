import { describe, expect, it } from 'vitest';
import { iaf, maf, masks, naf, nice, nsfAr, realNVP } from '../../src/discrete/index.ts';
import type { OrderCycle } from '../../src/discrete/index.ts';
import type { Flow } from '../../src/flow/index.ts';
import { normalRows } from '../flow/rows.ts';
import { perturbed } from '../flow/transforms.ts';

const exact = { precision: 'float64' } as const;

/** dependsOn[i][j]: z_i changes with x_j. */
async function dependence(flow: Flow): Promise<boolean[][]> {
  const { dim } = flow;
  const x = normalRows(1, dim, 4);
  const { z } = await flow.transform(x, exact);
  const columns = await Promise.all(
    Array.from({ length: dim }, async (_, j) => {
      const moved = x.data.map((value, i) => value + 0.5 * Number(i === j));
      return (await flow.transform({ ...x, data: moved }, exact)).z.data;
    }),
  );
  return Array.from({ length: dim }, (_, i) => columns.map((column) => column[i] !== z.data[i]));
}

const seen = (matrix: readonly boolean[][]): number => matrix.flat().filter(Boolean).length;

describe('the masks of a model of couplings', () => {
  it('are gone through again and again', async () => {
    const list = [[0, 1], [2], [1, 2]];
    const of = (layers: number): Promise<boolean[][]> =>
      dependence(perturbed(nice({ dim: 3, layers, masks: list, hidden: [8] })));
    // One after the other: feature 2 sees all, then 0 and 1 see it, then 0 sees it and 1 again.
    expect(await of(1)).toEqual([
      [true, false, false],
      [false, true, false],
      [true, true, true],
    ]);
    expect((await of(2)).every((row) => row.every(Boolean))).toBe(true);
    expect(masks.cycled(list, 3, 4)).toEqual([2]);
  });

  it('have names, alternating being the default', () => {
    expect(masks.cycled('halves', 4, 1)).toEqual(masks.halves(4, 1));
    expect(masks.cycled('random', 6, 3)).toEqual(masks.randomHalves(6, 3));
    const of = (options: object): Float64Array => realNVP({ dim: 5, ...options }).parameters.flat;
    expect(of({})).toEqual(of({ masks: 'alternating' }));
    expect(of({}).length).not.toBe(of({ masks: [[0]] }).length);
  });

  it.each([
    ['quarters', 'unknown-name', /^Unknown masks 'quarters'/],
    [[], 'invalid-argument', /^masks: expected lists .* got \[\]/],
    [[0, 1], 'invalid-argument', /^masks: /],
    [[[0, 1, 2]], 'invalid-argument', /^kept: /],
    [[[7]], 'invalid-argument', /^kept: /],
  ])('are refused: %j', (cycle, code, message) => {
    expect(() => realNVP({ dim: 3, masks: cycle as never })).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }),
    );
  });
});

describe('the orders of an autoregressive model', () => {
  const models = { maf, naf, nsfAr };
  const one = { dim: 4, layers: 1, hidden: [24] };

  it.each(Object.entries(models))('of %s are those of its layers', async (_name, model) => {
    for (const order of [
      [0, 1, 2, 3],
      [2, 0, 3, 1],
    ]) {
      const found = await dependence(perturbed(model({ ...one, orders: [order] })));
      order.forEach((i, place) => {
        expect(order.filter((j) => found[i]![j])).toEqual(order.slice(0, place + 1));
      });
    }
  });

  it.each([
    ['same', 10],
    ['alternating', 16],
    ['random', 16],
  ] as const)('%s: two layers see %d pairs', async (orders, pairs) => {
    const flow = perturbed(maf({ ...one, layers: 2, orders }));
    expect(seen(await dependence(flow))).toBe(pairs);
  });

  it('random: draws an order, then takes it the other way round', async () => {
    const of = (layers: number): Promise<boolean[][]> =>
      dependence(perturbed(maf({ ...one, dim: 6, layers, orders: 'random' })));
    const first = await of(1);
    const inOrder = await dependence(perturbed(maf({ ...one, dim: 6, orders: 'same' })));
    expect([seen(first), seen(inOrder)]).toEqual([21, 21]);
    expect(first).not.toEqual(inOrder);
    expect(seen(await of(2))).toBe(36);
  });

  it('draws other degrees in each layer, the same for the same seed', async () => {
    const of = async (degrees: number): Promise<unknown> => {
      const flow = perturbed(maf({ dim: 5, layers: 2, hidden: [6], degrees }));
      return (await flow.transform(normalRows(3, 5, 1), exact)).z.data;
    };
    expect(await of(3)).toEqual(await of(3));
    expect(await of(3)).not.toEqual(await of(4));
  });

  it.each([
    ['backwards', 'unknown-name', /^Unknown orders 'backwards'/],
    [[], 'invalid-argument', /^order: /],
    [[[0, 0]], 'invalid-argument', /^order: /],
  ])('are refused: %j', (orders, code, message) => {
    expect(() => iaf({ dim: 2, orders: orders as OrderCycle })).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) as string }),
    );
  });
});
