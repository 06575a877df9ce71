import { describe, expect, it } from 'vitest';
import { cnf, cnfOfFormulas, ffjord, fourierRow } from '../../src/cnf/index.ts';
import type { CnfOptions, FormulaCnfOptions } from '../../src/cnf/index.ts';
import { reference } from '../../src/engine/index.ts';
import { load } from '../../src/models/index.ts';
import { Program, input, ones, ops } from '../../src/program/index.ts';
import { encodeFlow } from '../../src/train/index.ts';
import { expectClose, normalRows } from '../flow/rows.ts';
import { tight } from '../flow/transforms.ts';

const x = normalRows(5, 2, 1);

const swirl = cnf({
  dim: 2,
  field: (scope, _t, row) => {
    const rate = scope.parameter('rate', { k: 1, n: 1 }, ones);
    return ops.mul(rate, ops.concat([ops.neg(ops.slice(row, 1, 1)), ops.slice(row, 0, 1)]));
  },
});

describe('cnf', () => {
  it('integrates a field of the user, with its parameters', async () => {
    expect(swirl.parameters.names()).toEqual(['field.rate']);
    swirl.parameters.set('field.rate', [0.5]);
    const { z, logDet } = await swirl.transform(x, tight);
    const [cosine, sine] = [Math.cos(0.5), Math.sin(0.5)];
    const turned = [0, 1, 2, 3, 4].flatMap((i) => {
      const [a, b] = [x.data[2 * i]!, x.data[2 * i + 1]!];
      return [cosine * a - sine * b, sine * a + cosine * b];
    });
    expectClose(z.data, turned, 1e-8);
    expectClose(logDet, [0, 0, 0, 0, 0], 1e-12);
    const { gradient } = await swirl.lossAndGradient(x, tight);
    expectClose(gradient.get('field.rate')!.data, [0], 1e-8);
  });

  it('says when a file that has no field is loaded', async () => {
    await expect(load(encodeFlow(swirl))).rejects.toMatchObject({
      code: 'bad-file',
      message: expect.stringMatching(/a traced function is not in a file/) as string,
    });
  });

  it('refuses what is no field', () => {
    for (const field of [undefined, 'x', {}]) {
      expect(() => cnf({ dim: 2, field } as unknown as CnfOptions)).toThrow(
        expect.objectContaining({ code: 'invalid-argument' }),
      );
    }
    expect(() => cnf({ dim: 2, feld: 1 } as unknown as CnfOptions)).toThrow(
      expect.objectContaining({ code: 'unknown-name' }),
    );
  });
});

describe('Fourier features of the row', () => {
  it('are sines and cosines of doubling rates beside it, and none without', async () => {
    const row = input('x', 2);
    expect(fourierRow(row, 0)).toBe(row);
    const program = new Program('features', [row], { seen: fourierRow(row, 3) });
    const none = { trained: new Float64Array(0), state: new Float64Array(0) };
    const { seen } = await reference.run(program, none, 1, { x: Float64Array.of(0.3, -2) });
    const angles = [1, 2, 4].map((rate) => [0.3 * rate, -2 * rate]);
    expectClose(
      seen!,
      [0.3, -2, ...angles.flatMap((pair) => [...pair.map(Math.sin), ...pair.map(Math.cos)])],
      1e-15,
    );
  });

  it('widen the first layer of a model, and are refused where they are no count', () => {
    const flow = ffjord({ dim: 2, hidden: [5], rowFrequencies: 3 });
    expect(flow.parameters.get('chain.0.odefunc.diffeq.layers.0._layer.weight').cols).toBe(2 + 2 * 2 * 3);
    for (const rowFrequencies of [-1, 0.5, 17]) {
      expect(() => ffjord({ dim: 2, rowFrequencies })).toThrow(
        expect.objectContaining({
          code: 'invalid-argument',
          message: expect.stringMatching(/rowFrequencies/) as string,
        }),
      );
    }
  });
});

describe('cnfOfFormulas', () => {
  it('is the flow of the formulas, and can be loaded', async () => {
    const made = { dim: 2, formulas: ['-0.5 x[2]', '0.5 x[1]'] };
    const flow = await cnfOfFormulas(made);
    swirl.parameters.set('field.rate', [0.5]);
    expectClose(await flow.logProb(x, tight), await swirl.logProb(x, tight), 1e-9);
    const again = await load(encodeFlow(flow));
    expect(await again.logProb(x, tight)).toEqual(await flow.logProb(x, tight));
  });

  it('takes one formula for all features, and context', async () => {
    const flow = await cnfOfFormulas({ dim: 2, contextDim: 1, formulas: ['c * x'], endTime: 0.5 });
    const { z, logDet } = await flow.transform([[1, -2]], { ...tight, context: [[0.4]] });
    expectClose(z.data, [Math.exp(0.2), -2 * Math.exp(0.2)], 1e-8);
    expectClose(logDet, [0.4], 1e-8);
    const still = await cnfOfFormulas({ dim: 2, formulas: ['t'] });
    expectClose((await still.transform([[1, -2]], tight)).z.data, [1.5, -1.5], 1e-8);
  });

  it.each([
    [{ dim: 2, formulas: ['x', 'x', 'x'] }, 'invalid-argument'],
    [{ dim: 2, formulas: 'x' }, 'invalid-argument'],
    [{ dim: 2, formulas: ['x[1]', 'y'] }, 'invalid-argument'],
    [{ dim: 2, formulas: ['x[1]', 'c'] }, 'invalid-argument'],
    [{ dim: 3, formulas: ['x', '1', '2'] }, 'shape-mismatch'],
    [{ dim: 2, formulas: ['x'], endTime: -1 }, 'invalid-argument'],
  ])('refuses %j', async (options, code) => {
    await expect(cnfOfFormulas(options as unknown as FormulaCnfOptions)).rejects.toMatchObject({ code });
  });
});
