import { describe, expect, it } from 'vitest';
import { det, expm, matrix } from 'mathjs';
import { linearMap, luMap, orthogonalMap, qrMap, triangularMap } from '../../src/discrete/index.ts';
import { exponential } from '../../src/discrete/orthogonal.ts';
import { reference } from '../../src/engine/index.ts';
import type { Flow, Transform } from '../../src/flow/index.ts';
import { constant, trace } from '../../src/program/index.ts';
import { namedStream, normal } from '../../src/random/index.ts';
import { expectClose, normalRows } from '../flow/rows.ts';
import { flowOf, perturbed } from '../flow/transforms.ts';

const exact = { precision: 'float64' } as const;

/** The matrix of a linear flow, row by row, from the images of the unit vectors. */
async function matrixOf(flow: Flow): Promise<number[][]> {
  const { dim } = flow;
  const points = Array.from({ length: dim + 1 }, (_, j) =>
    Array.from({ length: dim }, (_, i) => Number(i === j)),
  );
  const { z } = await flow.transform(points, exact);
  return Array.from({ length: dim }, (_, i) =>
    Array.from({ length: dim }, (_, j) => z.data[j * dim + i]! - z.data[dim * dim + i]!),
  );
}

const maps: Readonly<Record<string, Transform>> = {
  linearMap: linearMap({ dim: 5 }),
  triangularMap: triangularMap({ dim: 5 }),
  luMap: luMap({ dim: 5, seed: 3 }),
  qrMap: qrMap({ dim: 5 }),
};

describe.each(Object.entries(maps))('%s', (_name, transform) => {
  it('is a matrix, with log|det| of it', async () => {
    const flow = perturbed(flowOf(transform));
    const W = await matrixOf(flow);
    const { logDet } = await flow.transform(normalRows(1, 5, 1), exact);
    expect(logDet[0]).toBeCloseTo(Math.log(Math.abs(det(W))), 10);
  });
});

it('a triangular map is triangular, the upper one too', async () => {
  const lower = await matrixOf(perturbed(flowOf(triangularMap({ dim: 4 }))));
  const upper = await matrixOf(perturbed(flowOf(triangularMap({ dim: 4, upper: true }))));
  lower.forEach((row, i) => row.forEach((x, j) => expect(x === 0).toBe(j > i)));
  upper.forEach((row, i) => row.forEach((x, j) => expect(x === 0).toBe(j < i)));
});

describe.each(['householder', 'cayley', 'exponential'] as const)('an orthogonal map by %s', (form) => {
  it.each([0.3, 3, 20])('stays orthogonal when its parameters move by %d', async (size) => {
    const flow = flowOf(orthogonalMap({ dim: 5, form }));
    const { flat } = flow.parameters;
    flat.forEach((x, i) => (flat[i] = x + size * normal(3, namedStream('moved'), i)));
    const Q = await matrixOf(flow);
    const product = Q.flatMap((a) => Q.map((b) => a.reduce((sum, x, i) => sum + x * b[i]!, 0)));
    expectClose(
      product,
      product.map((_, i) => Number(i % 6 === 0)),
      1e-11,
    );
    expect((await flow.transform(normalRows(2, 5, 1), exact)).logDet).toEqual(new Float64Array(2));
  });
});

it('the exponential of a matrix is that of mathjs', async () => {
  for (const size of [1e-3, 1, 5]) {
    const A = Array.from(normalRows(4, 4, 2, size).data);
    const program = trace('exponential', { x: 1 }, () => ({
      y: exponential(constant(A, { k: 4, n: 4 })),
    }));
    const none = { trained: new Float64Array(0), state: new Float64Array(0) };
    const { y } = await reference.run(program, none, 1, { x: new Float64Array(1) });
    const rows = [0, 1, 2, 3].map((i) => A.slice(4 * i, 4 * i + 4));
    const expected = (expm(matrix(rows)).toArray() as number[][]).flat();
    expectClose(y!, expected, 1e-11 * Math.max(...expected.map(Math.abs)));
  }
});

it('with channels, one matrix mixes those of every pixel', async () => {
  const flow = perturbed(flowOf(linearMap({ dim: 6, channels: 2, bias: false })));
  const W = await matrixOf(flow);
  W.forEach((row, i) =>
    row.forEach((x, j) => {
      const same = Math.floor(i / 2) === Math.floor(j / 2);
      if (!same) expect(x).toBe(0);
      else expect(x).toBeCloseTo(W[i % 2]![j % 2]!, 14);
    }),
  );
  const [logDet] = (await flow.transform(normalRows(1, 6, 1), exact)).logDet;
  expect(logDet).toBeCloseTo(3 * Math.log(Math.abs(W[0]![0]! * W[1]![1]! - W[0]![1]! * W[1]![0]!)), 12);
});

it('an lu map begins as a permutation, by its seed', async () => {
  const W = await matrixOf(flowOf(luMap({ dim: 6, seed: 4 })));
  expect(W.map((row) => row.filter((x) => x === 1)).every((ones) => ones.length === 1)).toBe(true);
  expect(W.flat().filter((x) => x !== 0)).toHaveLength(6);
  expect(await matrixOf(flowOf(luMap({ dim: 6, seed: 5 })))).not.toEqual(W);
});

it.each([
  [() => linearMap({ dim: 6, channels: 4 }), /^channels of linearMap: expected a divisor of dim 6; got 4/],
  [() => linearMap({ dim: 0 }), /^dim: /],
  [() => orthogonalMap({ dim: 2, form: 'givens' as 'cayley' }), /Unknown form 'givens'/],
  [() => qrMap({ dim: 2, reflections: 0 }), /^reflections: /],
])('refuses %s', (make, message) => {
  expect(make).toThrow(message);
});
