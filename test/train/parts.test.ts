import { describe, expect, it } from 'vitest';
import { Batches } from '../../src/train/batches.ts';
import { clip, norm } from '../../src/train/clip.ts';
import { schedules } from '../../src/train/index.ts';

describe('Batches', () => {
  it('goes through all rows in each epoch, each once', () => {
    const batches = new Batches(12, 4, 3);
    for (const epoch of [0, 1, 2]) {
      const rows = [0, 1, 2].flatMap((i) => [...batches.at(3 * epoch + i)]);
      expect(rows.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    }
  });

  it('has another order in each epoch and for each seed', () => {
    const order = (seed: number, epoch: number) => [...new Batches(50, 50, seed).at(epoch)].join();
    expect(new Set([order(1, 0), order(1, 1), order(2, 0), order(2, 1)]).size).toBe(4);
  });

  it('gives the same batch whatever was asked for before', () => {
    const walked = new Batches(10, 3, 5);
    for (let step = 0; step < 20; step++) walked.at(step);
    expect([...walked.at(7)]).toEqual([...new Batches(10, 3, 5).at(7)]);
  });

  it('leaves out what does not fill a batch, and cuts the size to the rows there are', () => {
    const batches = new Batches(10, 4, 0);
    expect([0, 1].flatMap((step) => [...batches.at(step)])).toHaveLength(8);
    expect([...batches.at(2)]).not.toEqual([...batches.at(0)]);
    expect(new Batches(5, 100, 0).at(0)).toHaveLength(5);
  });
});

describe('norm and clip', () => {
  it('is Euclidean, without overflow', () => {
    expect(norm(Float64Array.of(3, -4))).toBe(5);
    expect(norm(Float64Array.of(3e200, 4e200))).toBeCloseTo(5e200, -188);
    expect(norm(new Float64Array(3))).toBe(0);
  });

  it('is not finite where an entry is not', () => {
    expect(norm(Float64Array.of(1, NaN))).toBeNaN();
    expect(norm(Float64Array.of(1, -Infinity))).toBe(Infinity);
  });

  it('shortens what is too long and leaves the rest', () => {
    const gradient = Float64Array.of(3, -4);
    expect([...clip(gradient, 5, 1)]).toEqual([3 / 5, -4 / 5]);
    expect(clip(gradient, 5, 5)).toBe(gradient);
  });
});

describe('schedules', () => {
  it('start at 1', () => {
    for (const schedule of Object.values(schedules)) expect(schedule(0)).toBe(1);
  });

  it('fall as they say', () => {
    expect(schedules.constant(0.9)).toBe(1);
    expect(schedules.linear(0.9)).toBeCloseTo(0.1, 15);
    expect(schedules.cosine(0.5)).toBeCloseTo(0.5, 15);
    expect(schedules.cosine(0.9)).toBeCloseTo((1 + Math.cos(0.9 * Math.PI)) / 2, 15);
  });
});
