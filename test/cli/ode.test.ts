import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

import { readTable } from '../../src/files/index.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { liouville } from './run.ts';

const circle = ['ode', '[-w*y[1], w*y[0]]', '--parameter', 'w=2', '--start', '1,0', '--to', '3'];

test('prints the end of the solution', async () => {
  const { status, stdout, stderr } = await liouville(circle);
  expect([status, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^y\(3\) = 0\.960\d*, -0\.279\d*\n\d+ steps, \d+ rejected, \d+ evaluations/);
  const { stdout: json } = await liouville([...circle, '--json', '--solver', 'vern7']);
  const facts = JSON.parse(json) as { t: number; y: number[] };
  expect(facts.t).toBe(3);
  expect(facts.y[0]).toBeCloseTo(Math.cos(6), 5);
});

test('writes it as a table, and draws it', async () => {
  const folder = temporaryFolder();
  const csv = join(folder, 'circle.csv');
  expect(await liouville([...circle, '--out', csv, '--points', '30'])).toMatchObject({ status: 0 });
  const { matrix, columns } = (await readTable(csv)) as unknown as {
    matrix: { data: Float64Array; rows: number };
    columns: string[];
  };
  expect([matrix.rows, columns]).toEqual([31, ['t', 'y[0]', 'y[1]']]);
  for (let row = 0; row < 31; row++) {
    expect(matrix.data[3 * row + 1]).toBeCloseTo(Math.cos(2 * matrix.data[3 * row]!), 4);
  }
  for (const more of [[], ['--phase']]) {
    const svg = join(folder, 'circle.svg');
    expect(await liouville([...circle, '--out', svg, ...more])).toMatchObject({ status: 0 });
    expect(await readFile(svg, 'utf8')).toMatch(/^<svg[^]*<path[^]*<\/svg>\s*$/);
  }
});

test('a stiff field is named, and solved by a method for it', async () => {
  const stiff = ['ode', '[2000*(cos(t)-y[0])]', '--start', '1', '--to', '10'];
  expect((await liouville(stiff)).stdout).toMatch(/seems to be stiff since t = .*rodas5p/);
  const { stdout } = await liouville([...stiff, '--solver', 'rodas5p', '--json']);
  const facts = JSON.parse(stdout) as { steps: number; y: number[] };
  expect(facts.steps).toBeLessThan(200);
  expect(facts.y[0]).toBeCloseTo(Math.cos(10), 3);
});

describe('misuse ends with 2 and one line', () => {
  test.each([
    [['ode', '[y[1], -y[0]]', '--start', '1', '--to', '1'], /expected 2 numbers/],
    [['ode', 'y[0]', '--start', '1', '--to', '1'], /expected a list of formulas/],
    [['ode', '[y[0]]', '--start', 'x', '--to', '1'], /Expected a number/],
    [['ode', '[y[0]]', '--start', '1', '--to', '1', '--parameter', 'mu'], /such as mu=5/],
    [['ode', '[y[0]]', '--start', '1', '--to', '1', '--solver', 'dopri'], /Did you mean 'dopri5'/],
    [['ode', '[y[0]]', '--start', '1', '--to', '1', '--out', 'a.txt'], /ends in .svg or .csv/],
  ])('%#', async (argv, message) => {
    const { status, stderr } = await liouville(argv);
    expect(status).toBe(2);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toMatch(message);
  });
});
