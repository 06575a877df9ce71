import { describe, expect, it } from 'vitest';
import { energies } from '../../src/data/index.ts';
import { chooseEngine } from '../../src/engine/index.ts';
import { Program, formula, input } from '../../src/program/index.ts';
import { normalRows } from '../flow/rows.ts';

const { exp, hypot, log, max, sin, abs } = Math;

/** Table 1 of the paper as it stands there, with the walls of ours. */
const table: Readonly<Record<keyof typeof energies, (x: number, y: number) => number>> = {
  crescents: (x, y) =>
    ((hypot(x, y) - 2) / 0.4) ** 2 / 2 -
    log(exp(-(((x - 2) / 0.6) ** 2) / 2) + exp(-(((x + 2) / 0.6) ** 2) / 2)),
  wave: (x, y) => ((y - w1(x)) / 0.4) ** 2 / 2 + wall(x),
  fork: (x, y) =>
    -log(exp(-(((y - w1(x)) / 0.35) ** 2) / 2) + exp(-(((y - w1(x) + w2(x)) / 0.35) ** 2) / 2)) + wall(x),
  branch: (x, y) =>
    -log(exp(-(((y - w1(x)) / 0.4) ** 2) / 2) + exp(-(((y - w1(x) + w3(x)) / 0.35) ** 2) / 2)) + wall(x),
};
const w1 = (x: number): number => sin((2 * Math.PI * x) / 4);
const w2 = (x: number): number => 3 * exp(-(((x - 1) / 0.6) ** 2) / 2);
const w3 = (x: number): number => 3 / (1 + exp(-(x - 1) / 0.3));
const wall = (x: number): number => (max(abs(x) - 4, 0) / 0.2) ** 2 / 2;

async function values(
  text: string,
  x: Float64Array,
  precision: 'float32' | 'float64',
): Promise<Float64Array> {
  const U = await formula(text, ['x']);
  const row = input('x', 2);
  const none = { trained: new Float64Array(0), state: new Float64Array(0) };
  const program = new Program('energy', [row], { U: U({ x: row }) });
  const found = await chooseEngine().run(program, none, x.length / 2, { x }, { precision });
  return found['U']!;
}

describe.each(Object.entries(energies))('the energy %s', (name, { text, logNormaliser }) => {
  it('is that of the paper', async () => {
    const x = normalRows(200, 2, 1, 2.2).data as Float64Array;
    const found = await values(text, x, 'float64');
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(table[name as keyof typeof energies](x[2 * i]!, x[2 * i + 1]!), 9);
    });
  });

  it('is finite far away, in float32 too', async () => {
    const far = Float64Array.of(50, -60, -300, 2, 1e3, 1e3, 0.5, 400);
    for (const value of await values(text, far, 'float32')) {
      expect(Number.isFinite(value)).toBe(true);
      expect(value).toBeGreaterThan(100);
    }
  });

  it('has this integral', async () => {
    const [count, reach] = [320, 8];
    const h = (2 * reach) / count;
    const x = new Float64Array(2 * count * count);
    for (let i = 0; i < count * count; i++) {
      x.set([h * ((i % count) + 0.5) - reach, h * (Math.floor(i / count) + 0.5) - reach], 2 * i);
    }
    const found = await values(text, x, 'float64');
    const integral = found.reduce((sum, value) => sum + h * h * exp(-value), 0);
    expect(Math.abs(log(integral) - logNormaliser)).toBeLessThan(5e-4);
  });
});
