import { expect, it } from 'vitest';
import { bitsPerDimension, dequantise, elementwise } from '../../src/discrete/index.ts';
import { createFlow, uniformBase } from '../../src/flow/index.ts';
import { expectClose, mean } from '../flow/rows.ts';

const x = { data: Float64Array.from({ length: 600 }, (_, i) => i % 4), rows: 200, cols: 3 };

it('fills each level evenly, and the same seed gives the same numbers', () => {
  const { data, rows, cols } = dequantise(x, { levels: 4, seed: 2 });
  expect([rows, cols]).toEqual([200, 3]);
  data.forEach((value, i) => expect(Math.floor(4 * value)).toBe(x.data[i]));
  const rest = Array.from(data, (value) => 4 * value - Math.floor(4 * value));
  expect(Math.abs(mean(rest) - 0.5)).toBeLessThan(4 / Math.sqrt(12 * 600));
  expect(dequantise(x, { levels: 4, seed: 2 }).data).toEqual(data);
  expect(dequantise(x, { levels: 4 }).data).not.toEqual(data);
});

it('what knows the range only needs log2 levels', async () => {
  const flow = createFlow({
    name: 'uniform',
    transform: elementwise.leakyRelu(3, 1),
    base: uniformBase(3),
    configuration: { model: 'of a test', options: {} },
  });
  const logProb = await flow.logProb(dequantise(x, { levels: 4 }));
  expectClose(bitsPerDimension(logProb, { dim: 3, levels: 4 }), Array<number>(200).fill(2), 1e-6);
  // Half the volume, so twice the density, is one bit less for all features together.
  expectClose(bitsPerDimension([Math.LN2], { dim: 3, levels: 4 }), [2 - 1 / 3], 1e-14);
});

it.each([
  [[0, 1, 4], /^x: expected whole numbers from 0 to 3; row 0, column 2 is 4/],
  [[0, 1.5, 0], /column 1 is 1\.5/],
  [[0, -1, NaN], /column 1 is -1/],
])('refuses %j', (row, message) => {
  expect(() => dequantise({ data: Float64Array.from(row), rows: 1, cols: 3 }, { levels: 4 })).toThrow(
    message,
  );
});
