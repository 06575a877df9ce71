import { describe, expect, it } from 'vitest';
import { assess } from '../../bench/assess.mjs';
import { fieldSections, fieldWorkloads } from '../../bench/fields.mjs';
import { parseLayers, widths } from '../../bench/kernels.mjs';
import { fill, short, table } from '../../bench/markdown.mjs';
import { fastest, isMet, spreadOf } from '../../bench/statistics.mjs';
import { chosen, workloads } from '../../bench/workloads.mjs';
import { read } from '../support/repository.ts';

describe('medians and verdicts', () => {
  it('takes the middle of an odd number, and the mean of the middle two of an even one', () => {
    expect(spreadOf([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3 });
    expect(spreadOf([10, 1, 3, 2])).toEqual({ median: 2.5, least: 1, most: 10 });
  });

  it.each([[[]], [[1, NaN]], [[Infinity]]])('refuses %j', (numbers) => {
    expect(() => spreadOf(numbers)).toThrow(/finite numbers/);
  });

  it('chooses the thread count by the median, not by the best run', () => {
    const [one, two] = [spreadOf([4, 4, 4]), spreadOf([1, 5, 5])];
    expect(
      fastest([
        { threads: 1, seconds: one },
        { threads: 2, seconds: two },
      ]).threads,
    ).toBe(1);
  });

  it('meets a floor from the floor on, and promises nothing without one', () => {
    expect([isMet(30, 30), isMet(29.99, 30), isMet(1, undefined)]).toEqual([true, false, null]);
  });
});

describe('assess', () => {
  const workload = workloads.find(({ name }) => name === 'ffjord-2d-1000')!;
  const peer = (threads: number, seconds: number) => ({
    threads,
    train_s: seconds,
    density_s: seconds,
    sample_s: seconds,
    nfe_density: 20,
  });
  const own = (threads: number, seconds: number) => ({
    threads,
    engine: 'native',
    parameters: 9,
    nfe: { mean: 21, max: 26 },
    seconds: { train: seconds, density: seconds, sample: seconds, inverse: seconds },
  });
  const found = assess(
    workload,
    [peer(1, 3), peer(2, 1.5), peer(1, 3), peer(2, 1.7), peer(1, 2), peer(2, 9)],
    [own(1, 0.2), own(2, 0.1), own(1, 0.16), own(2, 0.1), own(1, 0.16), own(2, 0.3)],
  );

  it("divides the peer's better median by ours with all threads, and holds it against the floor", () => {
    const train = found.ratios.find(({ task }) => task === 'train')!;
    expect(train).toMatchObject({ peer: { threads: 2 }, own: { threads: 2 }, floor: 15, met: true });
    expect(train.ratio).toBeCloseTo(17, 12);
    expect(train.own.seconds).toEqual({ median: 0.1, least: 0.1, most: 0.3 });
  });

  it('promises nothing of samples with their log-determinant', () => {
    expect(found.ratios.find(({ task }) => task === 'inverse')).toMatchObject({
      floor: undefined,
      met: null,
    });
  });

  it('says what the threads gain', () => {
    const [gain] = found.gains;
    expect(gain).toMatchObject({ task: 'train', threads: 2, met: false });
    expect(gain!.ratio).toBeCloseTo(1.6, 12);
  });
});

describe('the output of the kernel benchmark', () => {
  const head = ' | forward        | transposed     | weight gradient\n';
  const lines = [
    'float32   64 -> 64   T  1 k 1+0  |  236.3   49% |  230.8   49% |  208.8   40%',
    'float32   64 -> 64   T  4 k 1+0  |  258.3   98% |  258.3   97% |  220.2   59%',
    'float32   64 -> 64   T  2 k 1+2  |  255.7   96% |  257.5   96% |  228.4  100%',
    'float64   64 -> 64   T  2 k 1+2  |   55.7   16% |   57.5   16% |   28.4   15%',
  ];
  const layers = parseLayers(`${head}${lines.join('\n')}\n`);

  it('is read line by line', () => {
    expect(layers).toHaveLength(4);
    expect(layers[2]).toEqual({
      precision: 'float32',
      inputs: 64,
      outputs: 64,
      vectors: 2,
      values: 3,
      products: {
        forward: { gflops: 255.7, share: 96 },
        transposed: { gflops: 257.5, share: 96 },
        'weight gradient': { gflops: 228.4, share: 100 },
      },
    });
  });

  it('is held against the floors by the least share over tiles that the engine uses', () => {
    expect(widths(layers)).toEqual([
      { width: 64, product: 'forward', least: 96, most: 98, floor: 60, met: true },
      { width: 64, product: 'transposed', least: 96, most: 97, floor: 60, met: true },
      { width: 64, product: 'weight gradient', least: 59, most: 100, floor: 60, met: false },
    ]);
  });
});

describe('markdown', () => {
  it('writes tables and short numbers', () => {
    expect(table(['a', 'b'], [['1', '2']])).toBe('| a | b |\n| --- | --: |\n| 1 | 2 |');
    expect([1234.5, 0.012345, 0, 0.0000123].map(short)).toEqual(['1230', '0.0123', '0', '1.2e-5']);
  });

  it('fills a place again and again, and leaves the rest alone', () => {
    const document = 'before\n\n<!-- measured: a -->\n\nold\n\n<!-- end -->\n\nafter\n';
    const filled = fill(document, { a: 'new' });
    expect(filled).toBe('before\n\n<!-- measured: a -->\n\nnew\n\n<!-- end -->\n\nafter\n');
    expect(fill(filled, { a: 'new' })).toBe(filled);
  });

  it('names a place that is not there', () => {
    expect(() => fill('text', { b: 'new' })).toThrow(/'<!-- measured: b -->/);
  });

  it('has all its places in the document', () => {
    const names = ['machine', 'peers', 'agreement', 'threads', 'kernels', 'density', 'math', 'suite'];
    const sections = Object.fromEntries(names.map((name) => [name, `the ${name}`]));
    expect(fill(read('docs/performance.md'), sections)).toContain('the suite');
  });
});

describe('the choice of workloads', () => {
  it('takes names and beginnings of whole words', () => {
    expect(chosen('ffjord-2d-100').map(({ name }) => name)).toEqual(['ffjord-2d-100']);
    expect(chosen('ffjord-2d,realnvp').map(({ name }) => name)).toEqual([
      'ffjord-2d-100',
      'ffjord-2d-1000',
      'ffjord-2d-10000',
      'ffjord-2d-hutchinson-1000',
      'realnvp-6d-1000',
    ]);
    expect(() => chosen('nvp')).toThrow(/'nvp'; known are ffjord-2d-100, /);
  });
});

describe('the workloads of continuous fields', () => {
  it('count the products of the value and of each tangent', () => {
    const counted = new Map(fieldWorkloads.map(({ title, products }) => [title, products]));
    const plain = 2 * 64 + 64 * 64 + 64 * 64 + 64 * 2;
    expect(counted.get('2-D, ignore, 64-64-64')).toBe(3 * plain);
    expect(counted.get('2-D, concat, 64-64-64')).toBe(3 * plain + 64 + 64 + 64 + 2);
    expect(counted.get('2-D, blend, 64-64-64')).toBe(6 * plain);
    expect(counted.get('2-D, concatsquash, 64-64-64, context of 16')).toBe(3 * plain + 16 * 64);
  });

  it('make flows whose context has the width that is counted', () => {
    for (const { make, title } of fieldWorkloads) {
      const { dim, contextDim } = make();
      expect(title).toContain(`${dim}-D`);
      expect(contextDim).toBe(title.includes('context of 16') ? 16 : 0);
    }
  });

  it('stand in a table, without a share where nothing is counted', () => {
    const one = { title: 'a', rows: 10, threads: 1, nfe: 20.04, density: 0.5, likelihood: 2, matching: 0.1 };
    const { fields } = fieldSections([
      { ...one, share: 12.345 },
      { ...one, share: null },
    ]);
    expect(fields).toContain('| a | 10 | 1 | 20 | 0.5 | 12.3% | 2 | 0.1 |');
    expect(fields).toContain('| a | 10 | 1 | 20 | 0.5 |  | 2 | 0.1 |');
  });
});
