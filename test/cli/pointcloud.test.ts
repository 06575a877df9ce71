import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { samplesScene } from '../../src/cli/pointcloud/page.ts';
import { decodeNpy, encodeNpy } from '../../src/files/index.ts';
import { cloudsOf, selectClouds } from '../../src/pointcloud/index.ts';
import { normalRows } from '../flow/rows.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { liouville } from './run.ts';

/** A file with clouds of 30 points. */
function cloudFile(folder: string, count = 6): string {
  const file = join(folder, 'clouds.npy');
  const { data } = normalRows(count * 30, 3, 1, 2);
  writeFileSync(file, encodeNpy({ shape: [count, 30, 3], data: data.map((value) => value + 5) }));
  return file;
}

const tiny = [
  '--latent',
  '2',
  '--hidden',
  '6',
  '--points',
  '16',
  '--steps',
  '6',
  '--batch',
  '2',
  '--step-size',
  '0.25',
];
const fixed = ['--solver', 'rk4', '--step-size', '0.25'];

const words = (text: string): string[] => text.split(' ');

/** How many clouds each view of each scene of a page has. */
function scenesOf(page: string): number[][] {
  const [, json = ''] = /id="clouds">(.*?)<\/script>/s.exec(readFileSync(page, 'utf8')) ?? [];
  const { scenes } = JSON.parse(json) as { scenes: { views: unknown[][] }[] };
  return scenes.map(({ views }) => views.map((clouds) => clouds.length));
}

/** Each makes models of the usual encoder, several times. */
const slow = { timeout: 120_000 };

describe('liouville pointcloud', () => {
  test('trains, draws and interpolates, in the units of the data', slow, async () => {
    const folder = temporaryFolder();
    const [data, run, out] = [cloudFile(folder), join(folder, 'run'), join(folder, 'out.npy')];
    const page = join(folder, 'page.html');
    const trained = await liouville([
      ...words('pointcloud train --test 2 --seed 3 --json --solver rk4 --decoder cnf-fm'),
      ...tiny,
      '--data',
      data,
      '--out',
      run,
    ]);
    expect(trained).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(trained.stdout)).toMatchObject({ run, steps: 6, ended: 'steps' });
    const config = JSON.parse(readFileSync(join(run, 'config.json'), 'utf8')) as {
      plan: { data: string; test: number };
      normalisation: { centers: number[][]; scales: number[][] };
    };
    expect(config.plan).toMatchObject({ data, test: 2 });
    expect(config.normalisation.scales[0]![0]).toBeGreaterThan(1.5);

    const sampled = await liouville([
      ...words('pointcloud sample --count 3 --points 40'),
      ...fixed,
      '--run',
      run,
      '--out',
      out,
      '--html',
      page,
    ]);
    expect(sampled).toEqual({ status: 0, stdout: '', stderr: '' });
    const drawn = decodeNpy(readFileSync(out));
    expect(drawn.shape).toEqual([3, 40, 3]);
    const mean = Array.from(drawn.data).reduce((a, b) => a + b, 0) / drawn.data.length;
    expect(Math.abs(mean - 5)).toBeLessThan(3);
    // Two clouds were held out; 24 intervals of the ODE have 25 ends.
    expect(scenesOf(page)).toEqual([[2, 3], [25]]);

    const between = await liouville([
      ...words('pointcloud interpolate --from 0 --to 5 --steps 4 --points 8 --up y'),
      ...fixed,
      '--run',
      run,
      '--out',
      out,
      '--html',
      page,
    ]);
    expect(scenesOf(page)).toEqual([[1, 4, 1]]);
    expect(between).toEqual({ status: 0, stdout: '', stderr: '' });
    expect(decodeNpy(readFileSync(out)).shape).toEqual([4, 8, 3]);
    const beyond = await liouville([
      ...words('pointcloud interpolate --from 0 --to 6 --run'),
      run,
      '--out',
      out,
    ]);
    expect(beyond.status).toBe(2);
    expect(beyond.stderr).toBe('liouville: --to: expected a whole number from 0 to 5; got 6.\n');
  });

  test('goes on with a run that was stopped, to the same bits', slow, async () => {
    const folder = temporaryFolder();
    const data = cloudFile(folder);
    const options = [...tiny, '--decoder', 'realnvp', '--checkpoint-every', '2'];
    const train = (run: string, signal?: AbortSignal) =>
      liouville(
        ['pointcloud', 'train', '--data', data, '--out', join(folder, run), ...options],
        signal === undefined ? {} : { signal },
      );
    expect((await train('whole')).status).toBe(0);
    const stopped = await train('stopped', AbortSignal.abort());
    expect(stopped.status).toBe(130);
    const resumed = await liouville(['pointcloud', 'train', '--resume', join(folder, 'stopped')]);
    expect(resumed).toMatchObject({ status: 0, stderr: '' });
    const model = (run: string): Buffer => readFileSync(join(folder, run, 'model.safetensors'));
    expect(model('stopped').equals(model('whole'))).toBe(true);
    const again = await liouville(['pointcloud', 'train', '--resume', join(folder, 'whole')]);
    expect(again.status).toBe(2);
    expect(again.stderr).toMatch(/is finished, after 6 steps; there is nothing left to do/);
  });

  test('trains one shape from a table, and draws any number of points', async () => {
    const folder = temporaryFolder({ 'shape.csv': 'x,y,z\n1,2,3\n4,5,6\n7,8,9\n2,1,0\n' });
    const [run, out] = [join(folder, 'run'), join(folder, 'out.npy')];
    const options = [
      '--latent',
      '0',
      '--decoder',
      'realnvp',
      '--hidden',
      '4',
      '--points',
      '4',
      '--steps',
      '3',
    ];
    const data = join(folder, 'shape.csv');
    const trained = await liouville(['pointcloud', 'train', '--data', data, '--out', run, ...options]);
    expect(trained.stdout).toMatch(/^\d+ parameters, 3 steps in \d+ s, loss [\d.]+: /);
    const sample = ['pointcloud', 'sample', '--run', run, '--count', '1', '--points', '100', '--out', out];
    await liouville(sample);
    expect(decodeNpy(readFileSync(out)).shape).toEqual([1, 100, 3]);

    // Without the data, the page has the drawn cloud alone, and its way through 8 layers.
    rmSync(data);
    const page = join(folder, 'page.html');
    const { status, stderr } = await liouville([...sample, '--html', page]);
    expect(status).toBe(0);
    expect(stderr).toMatch(/^liouville: the page is without the data: .*shape.csv/);
    expect(scenesOf(page)[0]).toEqual([1]);
    expect(scenesOf(page)[1]![0]).toBeGreaterThan(5);
    const refused = await liouville([...sample, '--html', 'page.txt']);
    expect(refused.stderr).toMatch(/--html: expected a file that ends in .html; got 'page.txt'/);
  });

  test('shows as many clouds of the data as were drawn', () => {
    const data = cloudsOf({ shape: [5, 2, 3], data: new Float64Array(30) });
    const scene = samplesScene(selectClouds(data, [0, 1]), data);
    expect(scene.views.map(({ clouds }) => clouds.length)).toEqual([2, 2]);
  });

  test('refuses what it cannot do, in one line', async () => {
    const folder = temporaryFolder();
    const data = cloudFile(folder);
    const cases: readonly (readonly [argv: string[], message: RegExp])[] = [
      [['train', '--out', 'x'], /--data is missing: expected --data and --out, or --resume/],
      [
        ['train', '--data', data, '--out', join(folder, 'x'), '--test', '6'],
        /--test: expected fewer than there are; got 6, and there are 6 clouds/,
      ],
      [
        ['train', '--data', data, '--out', join(folder, 'x'), '--hidden', '4-x'],
        /Expected positive whole numbers with dashes/,
      ],
      [
        ['train', '--data', data, '--out', join(folder, 'x'), '--latent', '0', '--prior', 'maf'],
        /--prior: a model of one shape \(--latent 0\) has none/,
      ],
      [
        ['train', '--data', data, '--out', join(folder, 'x'), '--decoder', 'planr'],
        /Unknown model 'planr'. Did you mean 'planar'/,
      ],
      [['train', '--resume', folder], /it is not a run folder: there is no config.json in it/],
      [
        ['sample', '--run', folder, '--count', '1', '--out', 'a.csv'],
        /--out: expected a file that ends in .npy or .npz; got 'a.csv'/,
      ],
      [['sample', '--run', folder, '--count', '1', '--out', join(folder, 'a.npy')], /it is not a run folder/],
    ];
    for (const [argv, message] of cases) {
      const { status, stdout, stderr } = await liouville(['pointcloud', ...argv]);
      expect(stderr).toMatch(message);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
      expect([1, 2]).toContain(status);
      expect(stdout).toBe('');
    }
  });
});
