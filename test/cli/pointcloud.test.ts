import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { samplesScene } from '../../src/cli/pointcloud/page.ts';
import { decodeNpy, encodeNpy } from '../../src/files/index.ts';
import { cloudsOf, readClouds, selectClouds } from '../../src/pointcloud/index.ts';
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
      plan: { data: string; test: number; training: object };
      normalisation: { centers: number[][]; scales: number[][] };
    };
    expect(config.plan).toMatchObject({ data, test: 2 });
    expect(config.plan.training).toMatchObject({
      learningRate: 0.005,
      weights: { prior: 0.02, entropy: 0.02 },
    });
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

    const ply = join(folder, 'out.ply');
    await liouville([...sample.slice(0, -1), ply]);
    expect((await readClouds(ply)).data).toEqual(Float64Array.from(decodeNpy(readFileSync(out)).data));
    const ends = ['--from', '0', '--to', '0', '--out', out];
    const between = await liouville(['pointcloud', 'interpolate', '--run', run, ...ends]);
    expect(between.stderr).toMatch(/--run: the model of '.*' is one shape \(--latent 0\)/);

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

  test('trains with points of the surface of a mesh when asked, and says so when not', slow, async () => {
    const folder = temporaryFolder({ 'cloud.off': 'OFF\n3 0 0\n0 0 0\n1 0 0\n0 1 0\n' });
    // Two squares above each other, one a hundred times as large; their corners weigh the same.
    writeFileSync(
      join(folder, 'mesh.off'),
      'OFF\n8 2 0\n0 0 0\n10 0 0\n10 10 0\n0 10 0\n0 0 5\n1 0 5\n1 1 5\n0 1 5\n4 0 1 2 3\n4 4 5 6 7\n',
    );
    const train = (file: string, run: string, ...others: string[]) =>
      liouville([
        ...words('pointcloud train --latent 0 --decoder realnvp --hidden 4 --steps 2 --points 8'),
        '--data',
        isAbsolute(file) ? file : join(folder, file),
        '--out',
        join(folder, run),
        ...others,
      ]);
    const centerOf = (run: string): { plan: { surface: number | null }; center: number[] } => {
      const text = readFileSync(join(folder, run, 'config.json'), 'utf8');
      const { plan, normalisation } = JSON.parse(text) as {
        plan: { surface: number | null };
        normalisation: { centers: number[][] };
      };
      return { plan, center: normalisation.centers[0]! };
    };
    const corners = await train('mesh.off', 'corners');
    expect(corners).toMatchObject({ status: 0 });
    expect(corners.stderr).toMatch(
      /^liouville: .*mesh.off: of this mesh of 4 triangles, the corners are taken; --surface draws points/,
    );
    expect(centerOf('corners')).toMatchObject({ plan: { surface: null }, center: [2.75, 2.75, 2.5] });

    expect(await train('mesh.off', 'drawn', '--surface', '2000')).toMatchObject({ status: 0, stderr: '' });
    const { plan, center } = centerOf('drawn');
    expect(plan.surface).toBe(2000);
    // By area: 100 of 101 points lie in the large square.
    expect(center[2]).toBeGreaterThan(0.01);
    expect(center[2]).toBeLessThan(0.1);
    expect(Math.abs(center[0]! - 5)).toBeLessThan(0.3);
    expect(await train('mesh.off', 'usual', '--surface')).toMatchObject({ status: 0, stderr: '' });
    expect(centerOf('usual').plan.surface).toBe(8192);

    const faceless = await train('cloud.off', 'x', '--surface');
    expect(faceless.status).toBe(2);
    expect(faceless.stderr).toMatch(
      /^liouville: --surface: .*cloud.off: mesh: it has no triangles, so there is no surface to draw points from/,
    );
    const table = await train('cloud.csv', 'x', '--surface');
    expect(table.stderr).toMatch(
      /--surface: expected an .ply, .obj or .off file, or a folder of such; got '.*cloud.csv'/,
    );
    expect((await train('mesh.off', 'x', '--surface', '0')).status).toBe(2);

    // A folder: one cloud of each file that is a mesh or a cloud.
    const folders = temporaryFolder({ 'notes.txt': 'none', 'a.xyz': '1 1 1\n', 'b.xyz': '3 3 3\n3 3 3\n' });
    expect(await train(folders, 'folder')).toMatchObject({ status: 0, stderr: '' });
    expect(centerOf('folder').center[0]).toBeCloseTo(7 / 3, 12);
    expect((await train(folders, 'x', '--surface')).stderr).toMatch(
      /--surface: .*a.xyz: mesh: it has no triangles/,
    );
    expect((await train(temporaryFolder(), 'x')).stderr).toMatch(
      /there is no .ply, .obj, .*file in this folder/,
    );
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
        ['train', '--data', data, '--out', join(folder, 'x'), '--latent', '0', '--prior-weight', '1'],
        /--prior-weight: a model of one shape \(--latent 0\) has none/,
      ],
      [
        ['train', '--data', data, '--out', join(folder, 'x'), '--decoder', 'planr'],
        /Unknown model 'planr'. Did you mean 'planar'/,
      ],
      [[], /Expected a command: train, sample, interpolate, evaluate. Try liouville pointcloud --help/],
      [
        ['sample', '--run', folder, '--count', '2', '--out', 'a.PLY'],
        /--out: 'a.PLY' holds one cloud, and --count is 2/,
      ],
      [['train', '--resume', folder], /it is not a run folder: there is no config.json in it/],
      [
        ['sample', '--run', folder, '--count', '1', '--out', 'a.csv'],
        /--out: expected a file that ends in .npy or .npz or .ply or .xyz; got 'a.csv'/,
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
