import { describe, expect, it } from 'vitest';
import { labels } from '../../playground/src/menu.ts';
import type { FlowName } from '../../playground/src/menu.ts';
import { CELLS, GRID_LINES, POINTS_OF_A_LINE } from '../../playground/src/picture.ts';
import { Trainer } from '../../playground/src/trainer.ts';
import { load, toy } from '../../src/index.ts';

const { data } = toy['moons']!(300, { seed: 1 });
const points = Array.from({ length: 300 }, (_, i): [number, number] => [data[2 * i]!, data[2 * i + 1]!]);

describe('the trainer of the playground', () => {
  it.each(Object.keys(labels) as FlowName[])('steps, pictures and saves %s', async (name) => {
    const trainer = new Trainer(name);
    trainer.points = points;
    const { step, loss, evaluationsPerSecond } = await trainer.step();
    expect(step).toBe(1);
    expect(loss).toBeGreaterThan(0);
    expect(evaluationsPerSecond).toBeGreaterThan(0);
    const { density, grid, stops } = await trainer.picture();
    expect(density).toHaveLength(CELLS * CELLS);
    expect(density.every((value) => value >= 0)).toBe(true);
    expect(grid).toHaveLength(2 * 2 * GRID_LINES * POINTS_OF_A_LINE);
    expect(stops.length).toBeGreaterThan(1);
    const flow = await load(trainer.save());
    expect(flow.dim).toBe(2);
  });

  it('learns a drawing: its density is far above a Gaussian on the points, and small between the moons', async () => {
    const trainer = new Trainer('ffjord');
    trainer.points = points;
    let loss = Infinity;
    for (let i = 0; i < 150; i++) ({ loss } = await trainer.step());
    // The cross-entropy of a Gaussian with the moments of the moons is about 3.0, their entropy 2.4.
    expect(loss).toBeLessThan(2.85);
    const { density } = await trainer.picture();
    const cellArea = (8 / CELLS) ** 2;
    expect(density.reduce((sum, value) => sum + value * cellArea, 0)).toBeCloseTo(1, 1);
  });
});
