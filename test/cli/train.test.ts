import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeCsv, readTable } from '../../src/files/index.ts';
import { toy } from '../../src/data/index.ts';
import { load } from '../../src/models/index.ts';
import { root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { killed, resultOf, toEnd } from './kill.ts';
import { liouville } from './run.ts';

/** Two columns, far from standardised. */
const rows = toy.moons!(300, { seed: 1 });
const csv = encodeCsv(
  { ...rows, data: rows.data.map((value, i) => (i % 2 === 0 ? 100 + 20 * value : value / 50)) },
  ['width', 'height'],
);
const quick = ['--model', 'realnvp', '--steps', '12', '--batch', '30', '--validate-every', '4'];

/** A folder with the data in it. */
function place(): { folder: string; data: string; run: string } {
  const folder = temporaryFolder({ 'data.csv': new TextDecoder().decode(csv) });
  return { folder, data: join(folder, 'data.csv'), run: join(folder, 'run') };
}

async function trained(more: readonly string[] = []): Promise<{ folder: string; data: string; run: string }> {
  const { folder, data, run } = place();
  const ended = await liouville(['train', '--data', data, ...quick, '--out', run, ...more]);
  expect(ended).toMatchObject({ status: 0, stderr: '' });
  return { folder, data, run };
}

describe('liouville train', () => {
  it('writes a run folder and says what came of it, in the units of the data', async () => {
    const { folder, data, run } = place();
    const { status, stdout, stderr } = await liouville(['train', '--data', data, ...quick, '--out', run]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const files = ['checkpoint.safetensors', 'config.json', 'metrics.jsonl', 'model.safetensors'];
    expect(readdirSync(run).toSorted()).toEqual(files);
    const config = JSON.parse(readFileSync(join(run, 'config.json'), 'utf8')) as {
      result: { steps: number; validation: number; test: { mean: number } };
      standardisation: { scale: number[] };
    };
    expect(config).toMatchObject({
      model: 'realnvp',
      data: { name: 'data.csv', columns: ['width', 'height'], source: data },
      training: { steps: 12, batchSize: 30, validateEvery: 4 },
      seed: 0,
      result: { steps: 12, ended: 'steps' },
    });
    expect(stdout).toMatch(/^realnvp on data\.csv: 12 steps in 0:0\d, all steps taken\n/);
    expect(stdout).toContain(`test ${config.result.test.mean.toFixed(3)} +- `);
    expect(stdout).toContain(`Run: ${run}\n`);
    // The likelihood of the file's own rows: that of every row, by the other command.
    const out = join(folder, 'logprob.npy');
    expect((await liouville(['logprob', '--run', run, '--data', data, '--out', out])).status).toBe(0);
    const { matrix } = await readTable(out);
    const mean = Float64Array.from(matrix.data).reduce((sum, value) => sum + value, 0) / matrix.rows;
    expect(Math.abs(mean - config.result.validation)).toBeLessThan(0.5);
    const lines = readFileSync(join(run, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
    const last = JSON.parse(lines.at(-1)!) as { step: number; validation: number };
    expect(lines).toHaveLength(12);
    expect(last.step).toBe(12);
    expect(last.validation).toBeCloseTo(-config.result.validation, 3);
  });

  it('repeats itself for a seed, and trains what the options say', async () => {
    const { folder, data } = place();
    const modelOf = async (name: string, ...more: string[]) => {
      const argv = ['train', '--data', data, ...quick, '--out', join(folder, name), ...more];
      expect((await liouville(argv)).status).toBe(0);
      return (await load(join(folder, name, 'model.safetensors'))).parameters.flat;
    };
    const first = await modelOf('a', '--seed', '3');
    expect(await modelOf('b', '--seed', '3')).toEqual(first);
    const others = [
      ['--seed', '4'],
      ['--learning-rate', '1e-4', '--seed', '3'],
      ['--schedule', 'constant', '--seed', '3'],
      ['--warm-up', '6', '--seed', '3'],
      ['--weight-decay', '0.5', '--seed', '3'],
      ['--clip-norm', '0.1', '--seed', '3'],
      ['--ema', '0.9', '--seed', '3'],
      ['--batch', '40', '--seed', '3'],
    ];
    const same: string[] = [];
    for (const [i, options] of others.entries()) {
      const found = await modelOf(`other-${i}`, ...options);
      if (found.every((value, j) => value === first[j])) same.push(options.join(' '));
    }
    expect(same).toEqual([]);
  });

  it('takes time as its budget, and stops early when asked', async () => {
    const { folder, data } = place();
    const argv = ['train', '--data', data, '--model', 'realnvp', '--batch', '30', '--seed', '1'];
    const timed = await liouville([...argv, '--seconds', '0.3', '--out', join(folder, 'a')]);
    expect(timed.stdout).toMatch(/steps in 0:0\d, time used up/);
    const hasty = ['--learning-rate', '0.3', '--validate-every', '1', '--patience', '2'];
    const early = await liouville([...argv, ...hasty, '--out', join(folder, 'b')]);
    expect(early.stdout).toMatch(/, no better validation for a while/);
  });

  it('trains a Gaussian in closed form', async () => {
    const { folder, data, run } = place();
    const ended = await liouville(['train', '--data', data, '--model', 'gaussian', '--out', run]);
    expect(ended.stdout).toMatch(/^gaussian on data\.csv: in closed form\n/);
    const out = join(folder, 'drawn.csv');
    expect((await liouville(['sample', '--run', run, '--count', '3', '--out', out])).status).toBe(0);
    expect((await liouville(['train', '--resume', run])).stderr).toMatch(/is finished/);
  });

  it('shows its progress on a terminal only', async () => {
    const { data, run } = place();
    const { stderr } = await liouville(['train', '--data', data, ...quick, '--out', run], { terminal: true });
    const shown = stderr.split('\r\u001b[2K');
    expect(shown[1]).toMatch(/^realnvp {2}step 1\/12 {2}loss -?\d+\.\d{3} {2}rate 5\.0e-3/);
    expect(shown.at(-1)).toBe('');
    expect(stderr).not.toContain('\n');
  });

  it('asks before it replaces a run', async () => {
    const { data, run } = await trained();
    const again = ['train', '--data', data, ...quick, '--seed', '5', '--out', run];
    const before = readFileSync(join(run, 'model.safetensors'));
    const refused = await liouville(again);
    expect(refused).toMatchObject({ status: 2, stdout: '' });
    expect(refused.stderr).toBe(
      `liouville: --out: '${run}' holds a run already. Go on with it by --resume, or replace it by --overwrite.\n`,
    );
    expect(readFileSync(join(run, 'model.safetensors'))).toEqual(before);
    expect((await liouville([...again, '--overwrite'])).status).toBe(0);
    expect(readFileSync(join(run, 'model.safetensors'))).not.toEqual(before);
  });
});

describe('a run that is killed', () => {
  const argv = [
    '--model',
    'realnvp',
    '--steps',
    '400',
    '--batch',
    '60',
    '--ema',
    '0.99',
    '--checkpoint-every',
    '7',
  ];
  let expected: ReturnType<typeof resultOf>;
  beforeAll(() => {
    const folder = mkdtempSync(join(tmpdir(), 'liouville-'));
    const data = join(folder, 'data.csv');
    writeFileSync(data, csv);
    toEnd(['train', '--data', data, ...argv, '--out', join(folder, 'run')]);
    expected = resultOf(join(folder, 'run'));
    rmSync(folder, { recursive: true });
  });

  it.each([0, 60, 150])(
    '%d ms after its first checkpoint ends as if nothing had been',
    async (milliseconds) => {
      const { data, run } = place();
      const begun = await killed(['train', '--data', data, ...argv, '--out', run], run, milliseconds);
      expect(begun.signal).toBe('SIGKILL');
      const again = await killed(['train', '--resume', run], run, 200);
      expect([null, 0]).toContain(again.status);
      const ended = toEnd(['train', '--resume', run]);
      if (again.status === null) expect(ended).toMatchObject({ status: 0, stderr: '' });
      expect(resultOf(run)).toEqual(expected);
      expect(readdirSync(run)).toHaveLength(4);
    },
  );

  it.each([
    ['Ctrl-C', 'SIGINT', 130],
    ['SIGTERM', 'SIGTERM', 143],
  ] as const)('by %s ends after a checkpoint, and says how it goes on', async (_, signal, status) => {
    const { data, run } = place();
    const stopped = await killed(['train', '--data', data, ...argv, '--out', run], run, 80, signal);
    expect(stopped.status).toBe(status);
    const [, step] = /^liouville: Training was stopped after step (\d+); .*\n$/.exec(stopped.stderr) ?? [];
    expect(stopped.stderr).toContain(
      `'${run}' holds its checkpoint. liouville train --resume ${run} goes on.`,
    );
    // A step that was stopped in its validation gets its line when the run goes on.
    const lines = readFileSync(join(run, 'metrics.jsonl'), 'utf8').split('\n').length - 1;
    expect([Number(step) - 1, Number(step)]).toContain(lines);
    expect(toEnd(['train', '--resume', run])).toMatchObject({ status: 0, stderr: '' });
    expect(resultOf(run)).toEqual(expected);
  });

  it('is not joined by a second process before', async () => {
    const { data, run } = place();
    const train = ['train', '--data', data, ...argv, '--steps', '100000', '--out', run];
    const controller = new AbortController();
    const first = liouville(train, { signal: controller.signal });
    while (!existsSync(join(run, 'checkpoint.safetensors'))) await new Promise((go) => setTimeout(go, 5));
    for (const second of [
      ['train', '--resume', run],
      [...train, '--overwrite'],
    ]) {
      const refused = await liouville(second);
      expect(refused).toMatchObject({ status: 2, stdout: '' });
      expect(refused.stderr).toMatch(/^liouville: --(resume|out): process \d+ is at work in '[^\n]*\n$/);
    }
    controller.abort();
    expect((await first).status).toBe(130);
    expect(readdirSync(run)).toHaveLength(4);
  });

  it('between its last step and its summary has only the summary left to do', async () => {
    const { run } = await trained();
    const config = join(run, 'config.json');
    const { result, ...unfinished } = JSON.parse(readFileSync(config, 'utf8')) as { result: object };
    writeFileSync(config, JSON.stringify(unfinished));
    const before = resultOf(run);
    expect((await liouville(['train', '--resume', run])).stdout).toMatch(/12 steps/);
    expect(JSON.parse(readFileSync(config, 'utf8'))).toMatchObject({ result });
    expect(resultOf(run)).toEqual(before);
  });

  it('before its first checkpoint begins again', async () => {
    const { run } = await trained();
    const before = resultOf(run);
    const config = join(run, 'config.json');
    const { result: _result, ...unfinished } = JSON.parse(readFileSync(config, 'utf8')) as { result: object };
    writeFileSync(config, JSON.stringify(unfinished));
    rmSync(join(run, 'checkpoint.safetensors'));
    expect((await liouville(['train', '--resume', run])).status).toBe(0);
    expect(resultOf(run)).toEqual(before);
  });
});

describe('a disk that is too small', () => {
  it('ends the run with 1 and leaves the last checkpoint whole', async () => {
    const { data, run } = place();
    // The file of step 0 has no history yet; with it, later ones are larger than this process may write.
    const argv = ['train', '--data', data, '--model', 'realnvp', '--steps', '400', '--batch', '60'];
    expect(toEnd([...argv, '--steps', '1', '--out', run])).toMatchObject({ status: 0 });
    const blocks = Math.ceil(readFileSync(join(run, 'checkpoint.safetensors')).length / 1024) + 4;
    const words = [process.execPath, join(root, 'dist', 'cli', 'main.js'), ...argv];
    const command = `trap '' XFSZ; ulimit -f ${blocks}; exec "$@"`;
    const more = ['--checkpoint-every', '20', '--overwrite', '--out', run];
    const ended = spawnSync('bash', ['-c', command, 'bash', ...words, ...more], { encoding: 'utf8' });
    expect(ended.status).toBe(1);
    const told = ended.stderr.trimEnd().split('\n');
    expect(told.length).toBeGreaterThan(2);
    for (const line of told.slice(0, -1)) {
      expect(line).toMatch(/^liouville: Cannot write '.*': the file is too large\. Training goes on\. /);
    }
    expect(told.at(-1)).toMatch(
      /^liouville: Training is finished, but: Cannot write .* is whole: the run can be resumed/,
    );
    const resumed = toEnd(['train', '--resume', run]);
    expect(resumed).toMatchObject({ status: 0, stderr: '' });
    expect(toEnd([...argv, '--overwrite', '--out', join(run, '..', 'plain')])).toMatchObject({ status: 0 });
    expect(resultOf(run)).toEqual(resultOf(join(run, '..', 'plain')));
  });
});
