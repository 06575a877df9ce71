import { readFileSync, writeFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { toy } from '../../src/data/index.ts';
import { encodeCsv, readTable, writeTable } from '../../src/files/index.ts';
import { parquet } from '../files/parquet-fixture.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { liouville } from './run.ts';

const SCALE = [20, 1 / 50] as const;
const SHIFT = [100, -3] as const;
const rows = toy.moons!(400, { seed: 1 });
const csv = encodeCsv({ ...rows, data: rows.data.map((value, i) => SHIFT[i % 2]! + SCALE[i % 2]! * value) }, [
  'width',
  'height',
]);

/** A folder with a run and with its data. */
async function place(model = 'realnvp'): Promise<{ folder: string; data: string; run: string }> {
  const folder = temporaryFolder({ 'data.csv': new TextDecoder().decode(csv) });
  const [data, run] = [join(folder, 'data.csv'), join(folder, 'run')];
  const argv = ['train', '--data', data, '--model', model, '--steps', '20', '--batch', '50', '--out', run];
  expect(await liouville(argv)).toMatchObject({ status: 0, stderr: '' });
  return { folder, data, run };
}

async function tableOf(path: string): Promise<{ columns: string[]; data: number[]; rows: number }> {
  const { matrix, columns } = await readTable(path);
  return { columns, data: Array.from(matrix.data), rows: matrix.rows };
}

describe('liouville sample and logprob', () => {
  it('work in the units of the data', async () => {
    const { folder, data, run } = await place('gaussian');
    const out = join(folder, 'drawn.csv');
    const argv = ['sample', '--run', run, '--count', '4000', '--out', out];
    expect(await liouville(argv)).toEqual({ status: 0, stdout: '', stderr: '' });
    const drawn = await tableOf(out);
    const given = await tableOf(data);
    expect(drawn).toMatchObject({ columns: ['width', 'height'], rows: 4000 });
    for (const j of [0, 1]) {
      const [ours, theirs] = [drawn, given].map((table) => table.data.filter((_, i) => i % 2 === j));
      const moments = [ours!, theirs!].map((column) => {
        const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
        return {
          mean,
          deviation: Math.sqrt(column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / column.length),
        };
      });
      // The rows of the file are a split away from those that the model saw.
      expect(Math.abs(moments[0]!.mean - moments[1]!.mean)).toBeLessThan(0.2 * moments[1]!.deviation);
      expect(moments[0]!.deviation / moments[1]!.deviation).toBeCloseTo(1, 0);
    }
    // The Gaussian's density, from its own moments.
    const scores = join(folder, 'scores.npy');
    expect(await liouville(['logprob', '--run', run, '--data', out, '--out', scores])).toEqual({
      status: 0,
      stdout: '',
      stderr: '',
    });
    const { data: found, rows: count } = await tableOf(scores);
    expect(count).toBe(4000);
    // The mean log-density of a Gaussian's own draws is minus its entropy.
    const [a, b, c] = covariance(drawn.data);
    const entropy = 1 + Math.log(2 * Math.PI) + Math.log(a! * c! - b! ** 2) / 2;
    const mean = found.reduce((sum, value) => sum + value, 0) / count;
    expect(Math.abs(mean + entropy)).toBeLessThan(0.05);
  });

  it('count the standardisation: densities change by the scale of the data and nothing else', async () => {
    const { folder, data, run } = await place();
    const out = join(folder, 'scores.csv');
    await liouville(['logprob', '--run', run, '--data', data, '--out', out]);
    const plain = temporaryFolder({ 'data.csv': new TextDecoder().decode(encodeCsv(rows)) });
    const argv = ['--data', join(plain, 'data.csv'), '--out', join(plain, 'run')];
    await liouville(['train', ...argv, '--model', 'realnvp', '--steps', '20', '--batch', '50']);
    const other = ['--run', join(plain, 'run'), '--data', join(plain, 'data.csv')];
    await liouville(['logprob', ...other, '--out', join(plain, 'scores.csv')]);
    const [scaled, unscaled] = [await tableOf(out), await tableOf(join(plain, 'scores.csv'))];
    expect(scaled.columns).toEqual(['logProb']);
    const shift = -Math.log(SCALE[0] * SCALE[1]);
    scaled.data.forEach((value, i) => expect(value).toBeCloseTo(unscaled.data[i]! + shift, 3));
  });

  it('draw the same rows for a seed, whatever the count', async () => {
    const { folder, run } = await place();
    const draw = async (count: string, seed: string) => {
      const out = join(folder, 'drawn.npy');
      const argv = ['sample', '--run', run, '--count', count, '--seed', seed, '--out', out];
      expect((await liouville(argv)).status).toBe(0);
      return (await tableOf(out)).data;
    };
    const five = await draw('5', '2');
    expect((await draw('8', '2')).slice(0, 10)).toEqual(five);
    expect(await draw('5', '3')).not.toEqual(five);
  });

  it('take the runs of a comparison too', async () => {
    const { folder, data } = await place();
    const argv = ['--data', data, '--models', 'realnvp', '--steps', '3', '--batch', '16'];
    await liouville(['compare', ...argv, '--out', join(folder, 'compared')]);
    const run = join(folder, 'compared', 'runs', 'realnvp');
    const out = join(folder, 'drawn.csv');
    expect(await liouville(['sample', '--run', run, '--count', '2', '--out', out])).toMatchObject({
      status: 0,
    });
    const resumed = await liouville(['train', '--resume', run]);
    expect(resumed).toMatchObject({ status: 2, stdout: '' });
    expect(resumed.stderr).toMatch(/liouville train did not make this run/);
  });

  it('take columns whose names are numbers, which a header line of CSV cannot hold', async () => {
    const folder = temporaryFolder();
    const [data, run, out] = ['rows.parquet', 'run', 'drawn.csv'].map((name) => join(folder, name));
    const column = (name: string, seed: number) => ({
      name,
      data: Float64Array.from({ length: 40 }, (_, i) => Math.sin(seed * (i + 1))),
    });
    writeFileSync(data!, parquet([column('0', 1), column('1', 2)]));
    const commands = [
      ['train', '--data', data!, '--model', 'nice', '--steps', '2', '--out', run!],
      ['sample', '--run', run!, '--count', '3', '--out', out!],
      ['logprob', '--run', run!, '--data', out!, '--out', join(folder, 'densities.csv')],
    ];
    for (const argv of commands) expect(await liouville(argv)).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(out!, 'utf8')).toMatch(/^(-?[\d.e-]+,-?[\d.e-]+\n){3}$/);
  });

  it('take one row, and say of many which could not be computed', async () => {
    const { folder, run } = await place();
    const out = join(folder, 'scores.csv');
    writeFileSync(join(folder, 'one.csv'), '100,-3\n');
    const argv = ['logprob', '--run', run, '--out', out, '--data'];
    expect(await liouville([...argv, join(folder, 'one.csv')])).toMatchObject({ status: 0, stderr: '' });
    expect((await tableOf(out)).rows).toBe(1);
    writeFileSync(join(folder, 'far.csv'), '100,-3\n1e300,1e300\n');
    const ended = await liouville([...argv, join(folder, 'far.csv')]);
    expect(ended.status).toBe(0);
    expect(ended.stderr).toBe(
      'liouville: 1 of 2 rows could not be computed and are NaN; --precision float64 may help.\n',
    );
    expect(readFileSync(out, 'utf8')).toMatch(/\n-?[\d.]+\nnan\n$/i);
  });

  it.each<[string, string[], RegExp]>([
    ['no run', ['sample'], /required option '--run <folder>' not specified/],
    [
      'a folder that is not there',
      ['sample', '--run', 'none'],
      /none: it is not a run folder: there is no config\.json/,
    ],
    ['a count of 0', ['sample', '--count', '0'], /--count.*Expected a positive whole number/],
    ['a seed below 0', ['sample', '--seed=-1'], /--seed.*Expected a whole number/],
    ['an unknown engine', ['sample', '--engine', 'natve'], /Unknown engine 'natve'. Did you mean 'native'/],
    ['an unknown solver', ['sample', '--solver', 'dopri'], /Unknown solver 'dopri'. Did you mean 'dopri5'/],
    ['a negative tolerance', ['sample', '--tolerance=-1'], /--tolerance.*Expected a positive number/],
    [
      'another extension',
      ['sample', '--out', 'a.txt'],
      /--out: expected a file that ends in \.npy or \.csv; got 'a\.txt'/,
    ],
    ['a file that is not there', ['logprob', '--data', 'none.csv'], /--data: there is no file 'none\.csv'/],
    ['a toy', ['logprob', '--data', 'moons'], /--data: there is no file 'moons'\. Toys have no file/],
    ['an unknown option', ['logprob', '--dat', 'x.csv'], /unknown option '--dat'.*--data/],
  ])('refuse %s in one line, with status 2', async (what, [command, ...more], message) => {
    const { folder, data, run } = await place('gaussian');
    const usual =
      command === 'sample'
        ? ['--run', run, '--count', '2', '--out', join(folder, 'out.csv')]
        : ['--run', run, '--data', data, '--out', join(folder, 'out.csv')];
    const ended = await liouville([command!, ...(what === 'no run' ? usual.slice(2) : usual), ...more]);
    expect(ended).toMatchObject({ status: 2, stdout: '' });
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr).toMatch(/^liouville: [^\n]*\n$/);
    expect((await readdir(folder)).toSorted()).toEqual(['data.csv', 'run']);
  });

  it.each<[string, string, RegExp]>([
    ['another width', '1,2,3\n4,5,6\n', /expected the 2 columns .*\(width, height\); got 3/],
    ['a number that is none', '1,2\n3,nan\n', /NaN in row 2/],
    ['an infinite one', '1,2\ninf,4\n', /Infinity in row 2/],
    ['no rows', 'a,b\n', /.+/],
    ['nothing', '', /.+/],
    ['rows of different lengths', '1,2\n3\n', /.+/],
    ['words', '1,2\n3,four\n', /.+/],
  ])('refuse data with %s', async (_, text, message) => {
    const { folder, run } = await place('gaussian');
    const data = join(folder, 'bad.csv');
    writeFileSync(data, text);
    const ended = await liouville([
      'logprob',
      '--run',
      run,
      '--data',
      data,
      '--out',
      join(folder, 'out.csv'),
    ]);
    expect(ended).toMatchObject({ status: 2, stdout: '' });
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr).toMatch(/^liouville: [^\n]*\n$/);
  });

  it('refuse what is no whole run', async () => {
    const { folder, run } = await place('gaussian');
    const argv = ['sample', '--run', run, '--count', '2', '--out', join(folder, 'out.csv')];
    const refused = async (message: RegExp) => {
      const ended = await liouville(argv);
      expect(ended).toMatchObject({ status: 2, stdout: '' });
      expect(ended.stderr).toMatch(message);
    };
    const config = join(run, 'config.json');
    const text = readFileSync(config, 'utf8');
    const changed = (change: object) => JSON.stringify({ ...(JSON.parse(text) as object), ...change });
    writeFileSync(config, changed({ standardisation: { mean: [0], scale: [1] } }));
    await refused(/the model has 2 features; the file tells of 2 columns, 1 means and 1 scales/);
    for (const bad of [
      '{',
      '[]',
      'null',
      '{"model":"gaussian"}',
      changed({ standardisation: { mean: [0, 0], scale: [1, 0] } }),
    ]) {
      writeFileSync(config, bad);
      await refused(/config\.json: it (is not JSON|does not describe a run)/);
    }
    writeFileSync(config, text);
    const model = join(run, 'model.safetensors');
    writeFileSync(model, readFileSync(model).subarray(0, 100));
    await refused(/model\.safetensors/);
    await rm(model);
    await refused(/there is no model\.safetensors in it/);
    writeFileSync(join(run, 'checkpoint.safetensors'), '');
    await refused(/its training has not ended; liouville train --resume .* goes on with it/);
  });

  describe('with labels of anomalies', () => {
    /** Twenty rows of the data, and five that lie far away. */
    const far = Array.from({ length: 5 }, (_, i) => [SHIFT[0] + SCALE[0] * (9 + i), SHIFT[1] - SCALE[1] * 9]);
    const near = Array.from({ length: 20 }, (_, i) =>
      [0, 1].map((j) => SHIFT[j]! + SCALE[j]! * rows.data[2 * i + j]!),
    );
    const table = (labelled: boolean): string =>
      [
        labelled ? 'width,strange,height' : 'width,height',
        ...[...near, ...far].map(([a, b], i) => (labelled ? `${a},${Number(i >= 20)},${b}` : `${a},${b}`)),
      ].join('\n');
    const labels = ['strange', ...[...near, ...far].map((_, i) => Number(i >= 20))].join('\n');
    const perfect = {
      method: 'DeLong',
      area: 1,
      standardError: 0,
      anomalies: 5,
      normal: 20,
      leftOut: 0,
    };

    it('tell the area under the ROC curve, of a column or a file of labels', async () => {
      const { folder, run } = await place('gaussian');
      const at = (name: string): string => join(folder, name);
      writeFileSync(at('labelled.csv'), table(true));
      writeFileSync(at('plain.csv'), table(false));
      writeFileSync(at('labels.csv'), labels);
      const argv = ['logprob', '--run', run, '--out', at('scores.csv')];
      const ofColumn = [...argv, '--data', at('labelled.csv'), '--label-column', 'strange'];
      expect(await liouville(ofColumn)).toEqual({
        status: 0,
        stderr: '',
        stdout:
          'area under the ROC curve 1.0000 +- 0.0000 (standard error, DeLong); 5 anomalies, 20 normal rows\n',
      });
      const scores = await tableOf(at('scores.csv'));
      const ofFile = [...argv, '--data', at('plain.csv'), '--labels', at('labels.csv'), '--json'];
      const { status, stdout } = await liouville(ofFile);
      expect(status).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ schema: 1, rows: 25, failed: 0, anomalies: perfect });
      expect(await tableOf(at('scores.csv'))).toEqual(scores);
      const { meanLogProb } = JSON.parse(stdout) as { meanLogProb: number };
      expect(meanLogProb).toBeCloseTo(scores.data.reduce((a, b) => a + b) / 25, 9);
    });

    it('refuse labels that say nothing', async () => {
      const { folder, run } = await place('gaussian');
      const at = (name: string): string => join(folder, name);
      writeFileSync(at('data.csv'), table(true));
      writeFileSync(at('plain.csv'), table(false));
      writeFileSync(at('short.csv'), 'strange\n1\n0\n');
      writeFileSync(at('two.csv'), labels.replaceAll('1', '2'));
      writeFileSync(at('same.csv'), labels.replaceAll('1', '0'));
      const refusals: [string[], RegExp][] = [
        [['--label-column', 'strang'], /--label-column: there is no column 'strang'.*width, strange, height/],
        [['--label-column', 'width'], /--label-column: expected 1 for an anomaly .*; row 1 has/],
        [['--labels', at('none.csv')], /--labels: there is no file/],
        [['--labels', at('short.csv')], /--labels: expected 25 labels, .*; got 2/],
        [['--labels', at('two.csv')], /--labels: .* row 21 has 2/],
        [['--labels', at('same.csv')], /--labels: .* all labels are 0/],
        [['--labels', at('plain.csv')], /--labels: expected one column/],
        [['--labels-key', 'y'], /--labels-key: there is no --labels/],
        [['--labels', at('short.csv'), '--label-column', 'strange'], /cannot be used with/],
      ];
      for (const [more, message] of refusals) {
        const data = more[0] === '--label-column' ? at('data.csv') : at('plain.csv');
        const ended = await liouville([
          'logprob',
          '--run',
          run,
          '--data',
          data,
          '--out',
          at('out.csv'),
          ...more,
        ]);
        expect(ended).toMatchObject({ status: 2, stdout: '' });
        expect(ended.stderr).toMatch(message);
      }
    });
  });

  it('refuse to write over the rows that they read', async () => {
    const { data, run } = await place('gaussian');
    const before = readFileSync(data);
    const ended = await liouville(['logprob', '--run', run, '--data', data, '--out', data]);
    expect(ended).toMatchObject({ status: 2, stdout: '' });
    expect(ended.stderr).toBe(`liouville: --out: '${data}' is the file that the rows come from.\n`);
    expect(readFileSync(data)).toEqual(before);
  });

  it('refuse a place that cannot be written to', async () => {
    const { folder, data, run } = await place('gaussian');
    for (const argv of [
      ['sample', '--run', run, '--count', '2'],
      ['logprob', '--run', run, '--data', data],
    ]) {
      const ended = await liouville([...argv, '--out', join(data, 'out.csv')]);
      expect(ended).toMatchObject({ status: 2, stdout: '' });
      expect(ended.stderr).toMatch(/^liouville: --out: expected a folder to write to\. .*data\.csv/);
    }
    await writeTable(join(folder, 'kept.csv'), rows);
  });
});

function covariance(data: readonly number[]): number[] {
  const [x, y] = [0, 1].map((j) => data.filter((_, i) => i % 2 === j));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x!), mean(y!)];
  return [
    mean(x!.map((value) => (value - mx) ** 2)),
    mean(x!.map((value, i) => (value - mx) * (y![i]! - my))),
    mean(y!.map((value) => (value - my) ** 2)),
  ];
}
