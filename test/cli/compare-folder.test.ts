import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { writeTable } from '../../src/files/index.ts';
import { root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { gaussianRows } from '../train/affine-flow.ts';
import { liouville } from './run.ts';
import type { Ended } from './run.ts';

const program = join(root, 'dist', 'cli', 'main.js');

let data: string;
beforeEach(async () => {
  data = join(temporaryFolder(), 'rows.csv');
  await writeTable(data, gaussianRows(100, [1, 2], [1, 2]));
});

const small = ['--steps', '2', '--batch', '20'];

async function compare(out: string, ...argv: string[]): Promise<Ended> {
  return liouville(['compare', '--data', data, '--out', out, '--models', 'gaussian', ...small, ...argv]);
}

/** All that an ended comparison left, but for the clock. */
function written(out: string): unknown {
  const { models } = JSON.parse(readFileSync(join(out, 'results.json'), 'utf8')) as { models: object[] };
  return [readFileSync(join(out, 'comparison.json'), 'utf8'), models.map((model) => Object.keys(model))];
}

describe('the folder of a comparison', () => {
  it('keeps what another comparison wrote there, unless --overwrite is given', async () => {
    const out = temporaryFolder();
    expect((await compare(out, '--models', 'gaussian,nice')).status).toBe(0);
    mkdirSync(join(out, 'runs', 'my-own'));
    const before = written(out);
    const runs = ['gaussian', 'my-own', 'nice'];
    const others = [
      ['--seed', '3'],
      ['--models', 'nice'],
      ['--data', 'moons'],
      ['--batch', '10'],
    ];
    for (const other of others) {
      expect(await compare(out, '--models', 'gaussian,nice', ...other)).toEqual({
        status: 2,
        stdout: '',
        stderr: `liouville: --out: '${out}' holds another comparison; choose another folder, or replace it by --overwrite.\n`,
      });
    }
    expect(written(out)).toEqual(before);
    expect(readdirSync(join(out, 'runs'))).toEqual(runs);

    expect(await compare(out, '--seed', '3', '--overwrite')).toMatchObject({ status: 0, stderr: '' });
    expect(written(out)).not.toEqual(before);
    // The earlier comparison's runs are gone; what it did not make has stayed.
    expect(readdirSync(join(out, 'runs'))).toEqual(['gaussian', 'my-own']);
  });

  it('takes the same command again, in any order of the options, but not of other rows', async () => {
    const out = temporaryFolder();
    await compare(out, '--seed', '1', '--tolerance', '1e-4');
    const again = await compare(out, '--tolerance', '1e-4', '--seed', '1');
    expect(again).toMatchObject({ status: 0, stderr: '' });
    const text = readFileSync(data, 'utf8');
    writeFileSync(data, text.split('\n').slice(0, 60).join('\n'));
    expect((await compare(out, '--tolerance', '1e-4', '--seed', '1')).stderr).toMatch(/another comparison/);
  });

  it('goes on with one that was not finished, or replaces it', async () => {
    const out = temporaryFolder();
    const stopped = ['compare', '--data', data, '--out', out, '--models', 'nice', ...small];
    await liouville(stopped, { signal: AbortSignal.abort() });
    const refused = await liouville(stopped);
    expect(refused).toEqual({
      status: 2,
      stdout: '',
      stderr: `liouville: --out: '${out}' holds a comparison that was not finished; go on with it by --resume, or replace it by --overwrite.\n`,
    });
    expect((await liouville(['compare', '--resume', out])).status).toBe(0);
    expect((await liouville(stopped)).status).toBe(0);
    // What cannot be read is kept, too.
    writeFileSync(join(out, 'comparison.json'), 'mine');
    expect((await liouville(stopped)).status).toBe(2);
    expect(readFileSync(join(out, 'comparison.json'), 'utf8')).toBe('mine');
    expect((await liouville([...stopped, '--overwrite'])).status).toBe(0);
  });

  it('takes nothing away that lies outside, whatever the earlier request says', async () => {
    const out = temporaryFolder({ 'kept/results.json': '', 'out/runs/nice/config.json': '' });
    const inner = join(out, 'out');
    await compare(inner, '--overwrite');
    const path = join(inner, 'comparison.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"gaussian"', '"../../kept", "..", "", "."'));
    expect((await compare(inner, '--overwrite')).status).toBe(0);
    expect(existsSync(join(out, 'kept', 'results.json'))).toBe(true);
    expect(existsSync(join(inner, 'runs', 'nice', 'config.json'))).toBe(true);
  });

  it('is not that of a comparison before all settings are sound', async () => {
    const out = temporaryFolder();
    expect((await compare(out, '--solver', 'rk4')).stderr).toMatch(/fixed steps/);
    expect(readdirSync(out)).toEqual([]);
    expect((await compare(out)).status).toBe(0);
  });

  it('is replaced without a question where it is the one that is taken by default', () => {
    const cwd = temporaryFolder();
    for (const seed of ['1', '2']) {
      const argv = ['compare', '--data', data, '--models', 'gaussian', '--seed', seed];
      const { status, stderr } = spawnSync(process.execPath, [program, ...argv], { cwd, encoding: 'utf8' });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    }
    const text = readFileSync(join(cwd, 'liouville-out', 'results.json'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ settings: { seed: 2 } });
  });

  it('belongs to one process at a time, and a killed one is not in the way', async () => {
    const out = temporaryFolder();
    const long = ['compare', '--data', data, '--out', out, '--models', 'nice', '--steps', '1000000'];
    const first = spawn(process.execPath, [program, ...long], { stdio: 'ignore' });
    onTestFinished(() => void first.kill('SIGKILL'));
    const ended = once(first, 'exit');
    while (!existsSync(join(out, 'comparison.json')) && first.exitCode === null) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    const before = readFileSync(join(out, 'comparison.json'), 'utf8');
    const at = `process ${first.pid} is at work in '${out}'; wait until it has ended, or end it.\n`;
    expect(await compare(out, '--overwrite')).toMatchObject({ status: 2, stderr: `liouville: --out: ${at}` });
    const resumed = spawnSync(process.execPath, [program, 'compare', '--resume', out], { encoding: 'utf8' });
    expect(resumed).toMatchObject({ status: 2, stderr: `liouville: --resume: ${at}` });
    expect(readFileSync(join(out, 'comparison.json'), 'utf8')).toBe(before);

    first.kill('SIGKILL');
    await ended;
    const locks = () => readdirSync(out).filter((name) => name.endsWith('.lock'));
    expect(locks()).toHaveLength(1);
    expect((await compare(out)).stderr).toMatch(/not finished; go on with it by --resume/);
    expect(await compare(out, '--overwrite')).toMatchObject({ status: 0, stderr: '' });
    expect(locks()).toEqual([]);
  });
});
