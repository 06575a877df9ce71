import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { autoregressive, randomPermutation, univariates } from '../../src/discrete/index.ts';
import type { AutoregressiveOptions, HiddenDegrees } from '../../src/discrete/index.ts';
import type { Flow, Transform } from '../../src/flow/index.ts';
import type { Matrix } from '../../src/matrix.ts';
import { compile, modelTables, Scope, trace } from '../../src/program/index.ts';
import { jacobianByDifferentiation } from '../flow/jacobian.ts';
import { expectClose, normalRows } from '../flow/rows.ts';
import { flowOf, perturbed } from '../flow/transforms.ts';

const { affine, additive, spline } = univariates;
const exact = { precision: 'float64' } as const;

const networks = fc.record({
  dim: fc.integer({ min: 2, max: 7 }),
  contextDim: fc.integer({ min: 0, max: 2 }),
  hidden: fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 3 }),
  degrees: fc.oneof(fc.constantFrom('equal' as const, 'cyclic' as const), fc.integer({ min: 0, max: 99 })),
  univariate: fc.constantFrom('affine', 'additive', 'spline'),
  seed: fc.integer({ min: 0, max: 1000 }),
});

const kinds = { affine: affine(), additive, spline: spline({ bins: 3, bound: 2 }) };

function made(drawn: {
  dim: number;
  contextDim: number;
  hidden: number[];
  degrees: HiddenDegrees;
  univariate: string;
  seed: number;
}): { flow: Flow; transform: Transform; order: number[]; context: { context?: Matrix } } {
  const { dim, contextDim, seed } = drawn;
  const order = randomPermutation(dim, seed);
  const univariate = kinds[drawn.univariate as keyof typeof kinds];
  const options: AutoregressiveOptions = { ...drawn, univariate, order, activation: 'tanh' };
  const context = contextDim > 0 ? { context: normalRows(3, contextDim, seed + 1) } : {};
  const transform = autoregressive(options);
  return { flow: perturbed(flowOf(transform), seed), transform, order, context };
}

describe('a masked autoregressive transform', () => {
  it('has a triangular Jacobian in its order, for any order, widths and degrees', async () => {
    await fc.assert(
      fc.asyncProperty(networks, async (drawn) => {
        const { flow, order, context } = made(drawn);
        const x = normalRows(3, drawn.dim, drawn.seed);
        const { z } = await flow.transform(x, { ...exact, ...context });
        for (let place = 0; place < drawn.dim; place++) {
          const moved = x.data.map((value, i) => (i % drawn.dim === order[place] ? value + 0.5 : value));
          const after = await flow.transform({ ...x, data: moved }, { ...exact, ...context });
          // What comes before in the order does not even change in the last bit.
          const before = new Set(order.slice(0, place));
          after.z.data.forEach((value, i) => {
            if (before.has(i % drawn.dim)) expect(value).toBe(z.data[i]);
            if (i % drawn.dim === order[place]) expect(value).not.toBe(z.data[i]);
          });
        }
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  it('is autoregressive by its derivatives: exactly zero above the diagonal, positive on it', async () => {
    await fc.assert(
      fc.asyncProperty(networks, async (drawn) => {
        const { flow, transform, order, context } = made(drawn);
        const { dim, seed } = drawn;
        const tables = { trained: flow.parameters, state: flow.state };
        const x = normalRows(3, dim, seed).data as Float64Array;
        const seen = (context.context?.data as Float64Array | undefined) ?? null;
        const { jacobians } = await jacobianByDifferentiation(transform, tables, x, seen);
        const slope = (row: number, i: number, j: number): number => jacobians[(row * dim + j) * dim + i]!;
        for (let row = 0; row < 3; row++) {
          order.forEach((i, place) => {
            expect(slope(row, i, i)).toBeGreaterThan(0);
            for (const j of order.slice(place + 1)) expect(Math.abs(slope(row, i, j))).toBe(0);
          });
        }
      }),
      { numRuns: 15, seed: 9, endOnFailure: true },
    );
  });

  it('lets every feature depend on all before it, given units enough', async () => {
    const { flow, order } = made({
      dim: 6,
      contextDim: 0,
      hidden: [20, 20],
      degrees: 'equal',
      univariate: 'affine',
      seed: 5,
    });
    const x = normalRows(1, 6, 2);
    const { z } = await flow.transform(x, exact);
    for (let place = 0; place < 6; place++) {
      const moved = x.data.map((value, i) => (i === order[place] ? value + 0.5 : value));
      const after = (await flow.transform({ ...x, data: moved }, exact)).z.data;
      const changed = order.filter((j) => after[j] !== z.data[j]);
      expect(changed).toEqual(order.slice(place));
    }
  });

  it('is inverted feature by feature as by dim passes of the whole network', async () => {
    await fc.assert(
      fc.asyncProperty(networks, async (drawn) => {
        const { flow, order, context } = made(drawn);
        const z = normalRows(3, drawn.dim, drawn.seed + 2);
        const options = { ...exact, ...context };
        const { x, logDet } = await flow.inverse(z, options);
        const naive = await byPasses(flow, z, order, options);
        expectClose(x.data, naive.x, 1e-12 * Math.max(1, ...naive.x.map(Math.abs)));
        expectClose(logDet, naive.logDet, 1e-11);
      }),
      { numRuns: 30, seed: 8 },
    );
  });

  it('has a way back whose products hold no more weights than the masks let through', () => {
    const dim = 9;
    const transform = autoregressive({ dim, hidden: [20, 20], univariate: affine() });
    const [step] = transform.steps('inverse', '');
    const tables = modelTables();
    const program = trace('inverse', { x: dim }, ({ x }) => {
      return { y: step!.kind === 'map' ? step!.apply(new Scope(tables), x, null).x : x };
    });
    const products = program.values.filter(
      (value) => value.kind === 'operation' && value.op === 'matmul' && value.level === 'row',
    );
    const weights = products.reduce((sum, value) => {
      const [, weight] = value.kind === 'operation' ? value.inputs : [];
      return sum + weight!.k * weight!.n;
    }, 0);
    const dense = dim * 20 + 20 * 20 + 20 * 2 * dim;
    expect(weights).toBeGreaterThan(0.3 * dense);
    expect(weights).toBeLessThan(0.6 * dense);
    // Nothing is copied: what is known of a layer grows in place.
    const code = compile(program);
    const concats = instructionsOf(code.body).filter((op) => op === 49);
    expect(concats).toHaveLength(0);
  });

  it.each([
    [{ order: [0, 0] }, /^order: expected the numbers from 0 to 1, each once; got \[0,0\]/],
    [{ order: [0] }, /^order: .*got \[0\]/],
    [{ dim: 0 }, /^dim: /],
    [{ degrees: -1 }, /^degrees: /],
    [{ contextDim: 0.5 }, /^contextDim: /],
  ])('refuses %j', (options, message) => {
    expect(() => autoregressive({ dim: 2, univariate: additive, ...options })).toThrow(
      expect.objectContaining({
        code: 'invalid-argument',
        message: expect.stringMatching(message) as string,
      }),
    );
  });
});

/** x by dim evaluations of z(x): after pass i the first i features of the order are right. */
async function byPasses(
  flow: Flow,
  z: { data: ArrayLike<number>; rows: number; cols: number },
  order: readonly number[],
  options: object,
): Promise<{ x: number[]; logDet: number[] }> {
  const { rows, cols: dim } = z;
  const x = new Float64Array(rows * dim);
  for (const j of order) {
    // f is increasing: the root of z_j(x) - z_j is bracketed and bisected, knowing nothing of its form.
    const low = new Float64Array(rows).fill(-1e4);
    const high = new Float64Array(rows).fill(1e4);
    for (let i = 0; i < 80; i++) {
      for (let row = 0; row < rows; row++) x[row * dim + j] = (low[row]! + high[row]!) / 2;
      const found = (await flow.transform({ data: x, rows, cols: dim }, options)).z.data;
      for (let row = 0; row < rows; row++) {
        const at = row * dim + j;
        if (found[at]! < z.data[at]!) low[row] = x[at]!;
        else high[row] = x[at]!;
      }
    }
  }
  const { logDet } = await flow.transform({ data: x, rows, cols: dim }, options);
  return { x: [...x], logDet: [...logDet].map((value) => -value) };
}

function instructionsOf(section: Int32Array): number[] {
  const found: number[] = [];
  for (let at = 0; at < section.length; at += section[at]!) found.push(section[at + 1]!);
  return found;
}

it('the engines agree on the way back, in both precisions', async () => {
  const { flow } = made({
    dim: 7,
    contextDim: 0,
    hidden: [16, 16],
    degrees: 'equal',
    univariate: 'spline',
    seed: 3,
  });
  const z = normalRows(40, 7, 4);
  const meant = await flow.inverse(z, { engine: 'reference' });
  const same = await flow.inverse(z, { engine: 'native', ...exact });
  expectClose(same.x.data, meant.x.data, 1e-12);
  expectClose(same.logDet, meant.logDet, 1e-11);
  const single = await flow.inverse(z, { engine: 'native', precision: 'float32' });
  expectClose(single.x.data, meant.x.data, 1e-4);
  expectClose(single.logDet, meant.logDet, 1e-3);
});
