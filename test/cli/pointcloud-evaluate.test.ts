import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { encodeNpy } from '../../src/files/index.ts';
import { evaluateClouds } from '../../src/pointcloud/index.ts';
import type { CloudMetrics } from '../../src/pointcloud/index.ts';
import { normalRows } from '../flow/rows.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { liouville } from './run.ts';

interface Scores {
  reference: string;
  sets: ({ name: string } & CloudMetrics)[];
}

/** Clouds of 8 points around places of their own. */
function cloudsOf(count: number, seed: number): { shape: number[]; data: Float64Array } {
  const { data } = normalRows(count * 8, 3, seed);
  const moved = Float64Array.from(data, (value, i) => value + Math.floor(i / 24));
  return { shape: [count, 8, 3], data: moved };
}

function folderOfSets(): { reference: string; samples: string; train: string } {
  const folder = temporaryFolder();
  const [reference, samples, train] = ['test', 'drawn', 'train'].map((name) => join(folder, `${name}.npy`));
  writeFileSync(reference!, encodeNpy(cloudsOf(4, 1)));
  writeFileSync(samples!, encodeNpy(cloudsOf(5, 2)));
  writeFileSync(train!, encodeNpy(cloudsOf(9, 3)));
  return { reference: reference!, samples: samples!, train: train! };
}

/** The words of the options, in as many lists as one likes. */
const evaluate = (...options: readonly (readonly string[])[]) =>
  liouville(['pointcloud', 'evaluate', ...options.flat()]);

describe('liouville pointcloud evaluate', () => {
  test('scores files with the numbers of evaluateClouds, and as many training clouds for a bound', async () => {
    const { reference, samples, train } = folderOfSets();
    const distances = ['chamfer', 'earth-mover'] as const;
    const { status, stdout, stderr } = await evaluate(
      ['--reference', reference, '--samples', samples, reference, '--train', train, '--json'],
      ['--distances', distances.join(',')],
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const found = JSON.parse(stdout) as Scores;
    expect(found.reference).toBe(reference);
    expect(found.sets.map(({ name, samples: count }) => [name, count])).toEqual([
      ['training set', 4],
      [samples, 5],
      [reference, 4],
    ]);
    const expected = await evaluateClouds(cloudsOf(5, 2), cloudsOf(4, 1), { distances });
    expect(found.sets[1]).toEqual({ name: samples, ...expected });
    // The reference against itself.
    expect(found.sets[2]).toMatchObject({
      jensenShannonDivergence: 0,
      distances: { chamfer: { minimumMatchingDistance: 0, coverage: 1 } },
    });
  });

  test('draws fewer points for the earth mover, with the seed', async () => {
    const { reference, samples } = folderOfSets();
    const { stdout } = await evaluate(
      ['--reference', reference, '--samples', samples, '--json', '--seed', '3'],
      ['--distances', 'earth-mover', '--earth-mover-points', '5'],
    );
    const options = { distances: ['earth-mover'], earthMoverPoints: 5, seed: 3 } as const;
    const expected = await evaluateClouds(cloudsOf(5, 2), cloudsOf(4, 1), options);
    expect((JSON.parse(stdout) as Scores).sets).toEqual([{ name: samples, ...expected }]);
  });

  test('refuses a set of wider points before it scores the others', async () => {
    const { reference, samples, train } = folderOfSets();
    const flat = join(temporaryFolder(), 'flat.npy');
    writeFileSync(flat, encodeNpy({ shape: [5, 24], data: cloudsOf(5, 2).data }));
    const given = ['--reference', reference, '--train', train, '--samples', samples, flat];
    expect(await evaluate(given)).toMatchObject({
      status: 2,
      stdout: '',
      stderr: `liouville: ${flat}: expected points of 3 coordinates, as in '${reference}'; got 24.\n`,
    });
  });

  test('prints a table', async () => {
    const { reference, samples } = folderOfSets();
    const { stdout } = await evaluate(['--reference', reference, '--samples', samples]);
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(2);
    expect(lines[0]!.split(/ {2,}/)).toEqual(['set', 'clouds', 'JSD', 'MMD-CD', 'COV-CD', '1-NNA-CD']);
    const { jensenShannonDivergence, distances } = await evaluateClouds(cloudsOf(5, 2), cloudsOf(4, 1), {
      distances: ['chamfer'],
    });
    const { minimumMatchingDistance, coverage, nearestNeighbourAccuracy } = distances.chamfer!;
    expect(lines[1]!.split(/ {2,}/)).toEqual([
      samples,
      '5',
      jensenShannonDivergence.toFixed(4),
      minimumMatchingDistance.toPrecision(4),
      coverage.toFixed(3),
      nearestNeighbourAccuracy.all.toFixed(3),
    ]);
  });

  test('draws points of the surfaces of meshes, others for each file', async () => {
    const triangle = 'v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n';
    const meshes = temporaryFolder({ 'a.obj': triangle, 'b.obj': triangle });
    const files = ['--reference', meshes, '--train', meshes, '--samples', meshes];
    const { status, stdout, stderr } = await evaluate(files, ['--surface', '400', '--json']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const found = (JSON.parse(stdout) as Scores).sets.map(({ distances }) => distances.chamfer!);
    const [bound, drawn] = found.map(({ minimumMatchingDistance }) => minimumMatchingDistance);
    expect(found.map(({ points }) => points)).toEqual([400, 400]);
    // Twice the mean of 1 / (pi times 800 points to the unit of area), were there no edges.
    for (const distance of [bound!, drawn!]) {
      expect(distance).toBeGreaterThan(0.0006);
      expect(distance).toBeLessThan(0.0018);
    }
    expect(bound).not.toBe(drawn);
    const without = await evaluate(files);
    expect(without.stderr.match(/of 2 meshes, the corners are taken/g)).toHaveLength(3);
  });

  test('takes from a run the clouds that it held out, and draws as many', { timeout: 120_000 }, async () => {
    const folder = temporaryFolder();
    const [data, run, whole] = ['clouds.npy', 'run', 'whole'].map((name) => join(folder, name));
    const given = cloudsOf(7, 4);
    writeFileSync(data!, encodeNpy({ ...given, data: given.data.map((value) => value + 100) }));
    const options = '--latent 2 --hidden 4 --decoder realnvp --points 8 --steps 2 --batch 2'.split(' ');
    const train = ['pointcloud', 'train', '--data', data!, ...options];
    expect((await liouville([...train, '--test', '3', '--out', run!])).status).toBe(0);
    const { stdout, stderr } = await evaluate(['--run', run!, '--points', '6', '--json']);
    expect(stderr).toBe('');
    const { sets } = JSON.parse(stdout) as Scores;
    expect(sets.map(({ name, samples, reference }) => [name, samples, reference])).toEqual([
      ['training set', 3, 3],
      [run, 3, 3],
    ]);
    // A model that has hardly been trained is farther away than the training set, which is in the same units.
    const [bound, drawn] = sets.map(({ distances }) => distances.chamfer!);
    expect(bound!.minimumMatchingDistance).toBeLessThan(drawn!.minimumMatchingDistance);
    // What was drawn is in these units too: from 0 to 100 the squares would be 30,000 each way.
    expect(drawn!.minimumMatchingDistance).toBeLessThan(1000);
    expect(bound!.points).toBe(8);

    expect((await liouville([...train, '--out', whole!])).status).toBe(0);
    const refused = await evaluate(['--run', whole!]);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/^liouville: --run: '.*' held no clouds out; train with --test, or name/);
  });

  test('refuses what it cannot do, in one line', async () => {
    const { reference, samples } = folderOfSets();
    const cases: readonly (readonly [argv: string[], message: RegExp])[] = [
      [[], /expected --run alone, or --reference with --samples or --train/],
      [['--reference', reference], /expected --run alone, or --reference with --samples or --train/],
      [['--run', 'x', '--samples', samples], /expected --run alone, or --reference/],
      [
        ['--reference', reference, '--samples', samples, '--distances', 'chamfr'],
        /Unknown cloud distance 'chamfr'. Did you mean 'chamfer'/,
      ],
      [
        ['--reference', reference, '--samples', samples, '--earth-mover-points', '5'],
        /--earth-mover-points: no earth mover's distance is measured/,
      ],
      [['--reference', reference, '--samples', 'none.npy'], /none.npy/],
      [
        ['--reference', reference, '--samples', samples, '--surface'],
        /--surface: none of the files is an .ply, .obj or .off mesh/,
      ],
      [['--run', 'x', '--surface'], /expected --run alone, or --reference/],
    ];
    for (const [argv, message] of cases) {
      const { status, stdout, stderr } = await evaluate(argv);
      expect(stderr).toMatch(message);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
      expect([1, 2]).toContain(status);
      expect(stdout).toBe('');
    }
  });
});
