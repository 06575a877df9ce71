import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ComparisonResults } from '../../src/compare/index.ts';
import { writeTable } from '../../src/files/index.ts';
import { load } from '../../src/models/index.ts';
import { gaussianRows } from '../train/affine-flow.ts';
import { liouville } from './run.ts';

let folder: string;
let data: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'liouville-cli-'));
  // The name is one that would be markup, were it not escaped.
  data = join(folder, '<b>rows.csv');
  await writeTable(data, gaussianRows(200, [1, 2, 3], [1, 2, 3]), ['height', 'width', 'mass']);
});
afterAll(() => rm(folder, { recursive: true }));

const small = ['--models', 'realnvp', '--steps', '3', '--batch', '20'];

describe('liouville compare', () => {
  it('computes on WebAssembly where that is wished for, and says so', async () => {
    const out = join(folder, 'wasm');
    const models = ['--models', 'gaussian,realnvp,ffjord', ...small.slice(2)];
    const command = ['compare', '--data', data, ...models, '--seed', '5', '--out', out, '--json'];
    const results = async (engine: string): Promise<ComparisonResults> => {
      vi.stubEnv('LIOUVILLE_ENGINE', engine);
      const { status, stdout, stderr } = await liouville(command);
      vi.unstubAllEnvs();
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      return JSON.parse(stdout) as ComparisonResults;
    };
    const [wasm, reference] = [await results('wasm'), await results('reference')];
    for (const [i, model] of wasm.models.entries()) {
      expect(model).toMatchObject({
        status: 'ok',
        engine: model.name === 'gaussian' ? model.engine : 'wasm',
      });
      const [ours, other] = [model, reference.models[i]!].map((each) => each.testLogLikelihood.mean!);
      expect(Math.abs(ours! - other!)).toBeLessThan(2e-3);
    }
    expect(wasm.models).toHaveLength(3);
  });

  it('writes the report, the results and a run folder, and prints a table', async () => {
    const out = join(folder, 'out');
    const ended = await liouville(['compare', '--data', data, ...small, '--seed', '5', '--out', out]);
    expect(ended).toMatchObject({ status: 0, stderr: '' });
    expect(ended.stdout).toMatch(/realnvp/);
    expect(ended.stdout).toContain(`Report: ${join(out, 'report.html')}\n`);

    const results = JSON.parse(await readFile(join(out, 'results.json'), 'utf8')) as ComparisonResults;
    expect(results).toMatchObject({
      schema: 1,
      data: {
        name: '<b>rows.csv',
        dim: 3,
        columns: ['height', 'width', 'mass'],
        rows: { train: 160, validation: 20, test: 20 },
        entropy: null,
      },
      settings: { steps: 3, batch: 20, seed: 5 },
      models: [{ name: 'realnvp', status: 'ok', steps: 3, klToTruth: null, nfe: null, normalisation: null }],
      differences: [],
    });
    expect(results.command).toMatch(/^liouville compare --data '.*<b>rows.csv' --models realnvp .*--steps 3/);
    expect(results.versions['liouville']).toMatch(/^\d+\.\d+\.\d+/);
    expect(results.versions['processor']).toMatch(/^\d+ x ./);

    const report = await readFile(join(out, 'report.html'), 'utf8');
    expect(report).toContain('Normalizing flows on &lt;b&gt;rows.csv');
    expect(report).not.toContain('<b>rows');
    expect(report.length).toBeGreaterThan(1e6);

    const run = join(out, 'runs', 'realnvp');
    expect((await readdir(run)).toSorted()).toEqual([
      'checkpoint.safetensors',
      'config.json',
      'metrics.jsonl',
      'model.safetensors',
    ]);
    const metrics = (await readFile(join(run, 'metrics.jsonl'), 'utf8')).trimEnd().split('\n');
    expect(metrics.map((line) => (JSON.parse(line) as { step: number }).step)).toEqual([1, 2, 3]);

    // The files are enough to compute the model's log-likelihood of rows as they were given.
    const config = JSON.parse(await readFile(join(run, 'config.json'), 'utf8')) as {
      standardisation: { mean: number[]; scale: number[] };
    };
    const { mean, scale } = config.standardisation;
    expect(mean).toHaveLength(3);
    const flow = await load(join(run, 'model.safetensors'));
    const row = [1, 2, 3].map((value, j) => (value - mean[j]!) / scale[j]!);
    expect(Number.isFinite((await flow.logProb([row]))[0])).toBe(true);
  });

  it('prints one JSON document and nothing else with --json', async () => {
    const out = join(folder, 'json');
    const argv = ['compare', '--data', data, ...small, '--out', out, '--json'];
    const { status, stdout, stderr } = await liouville(argv);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual(JSON.parse(await readFile(join(out, 'results.json'), 'utf8')));
  });

  it('is the same for the same seed', async () => {
    const likelihood = async (seed: string, out: string) => {
      const argv = [
        'compare',
        '--data',
        data,
        ...small,
        '--seed',
        seed,
        '--json',
        '--out',
        join(folder, out),
      ];
      const results = JSON.parse((await liouville(argv)).stdout) as ComparisonResults;
      return results.models[0]!.testLogLikelihood.mean;
    };
    const first = await likelihood('1', 'seed-a');
    expect(await likelihood('1', 'seed-b')).toBe(first);
    expect(await likelihood('2', 'seed-c')).not.toBe(first);
  });

  it('shows its progress on a terminal only, in one line that it takes away', async () => {
    const argv = ['compare', '--data', data, ...small, '--out', join(folder, 'progress')];
    const { stderr } = await liouville(argv, { terminal: true });
    const lines = stderr.split('\r\u001b[2K');
    expect(lines[0]).toBe('');
    expect(lines[1]).toMatch(/^realnvp {2}step 1\/3 {2}loss \d/);
    expect(lines.at(-1)).toBe('');
    expect(stderr).not.toContain('\n');
    for (const line of lines) expect(line.length).toBeLessThan(60);
  });

  it('ends with 1 when every model failed, and still writes why', async () => {
    // The first step at such a rate leaves no finite loss.
    const out = join(folder, 'failed');
    const argv = ['compare', '--data', data, ...small, '--learning-rate', '1e300', '--out', out];
    const { status, stdout } = await liouville(argv);
    expect(status).toBe(1);
    expect(stdout).toMatch(/realnvp failed: Training stopped in step 2/);
    const report = await readFile(join(out, 'report.html'), 'utf8');
    expect(report).toMatch(/realnvp failed: Training stopped in step 2/);
    const { models } = JSON.parse(await readFile(join(out, 'results.json'), 'utf8')) as ComparisonResults;
    expect(models[0]).toMatchObject({ status: 'failed', steps: 1 });
  });

  it('ends with 130 when it is stopped', async () => {
    const argv = ['compare', '--data', data, ...small, '--out', join(folder, 'stopped')];
    const ended = await liouville(argv, { signal: AbortSignal.abort() });
    expect(ended).toEqual({
      status: 130,
      stdout: '',
      stderr: `liouville: Stopped: no model was finished; liouville compare --resume ${join(folder, 'stopped')} goes on.\n`,
    });
  });

  it.each<[string, string[], RegExp]>([
    ['an unknown option', ['--stpes', '5'], /unknown option '--stpes' \(Did you mean --steps\?\)/],
    ['an unknown model', ['--models', 'ffjrd'], /Unknown model 'ffjrd'. Did you mean 'ffjord'\?/],
    ['an unknown toy', ['--data', 'mons'], /Unknown data 'mons'. Did you mean 'moons'\?/],
    ['a file that is not there', ['--data', './none.csv'], /--data: there is no file '.\/none.csv'/],
    ['an unknown engine', ['--engine', 'nativ'], /Unknown engine 'nativ'. Did you mean 'native'\?/],
    ['an engine that is not here', ['--engine', 'webgpu'], /engine 'webgpu' is not available/],
    ['an unknown precision', ['--precision', 'float16'], /Unknown precision 'float16'/],
    ['negative steps', ['--steps=-3'], /--steps.*'-3' is invalid. Expected a positive whole number/],
    ['steps that are no number', ['--steps', '1e3'], /'1e3' is invalid/],
    ['half a row', ['--batch', '0.5'], /--batch.*Expected a positive whole number/],
    ['a seed below 0', ['--seed=-1'], /--seed.*Expected a whole number from 0/],
    ['a learning rate of 0', ['--learning-rate', '0'], /--learning-rate.*Expected a positive number/],
    ['a tolerance below 0', ['--tolerance=-1e-5'], /--tolerance.*Expected a positive number/],
    ['a tolerance that is no number', ['--train-tolerance', 'x'], /--train-tolerance.*Expected a positive/],
    ['an unknown solver', ['--solver', 'dopri'], /Unknown solver 'dopri'. Did you mean 'dopri5'/],
    ['a solver without its step', ['--solver', 'rk4'], /stepSize: the solver 'rk4' takes fixed steps/],
    ['a step of 0', ['--step-size', '0'], /--step-size.*Expected a positive number/],
    ['no time', ['--seconds', '0'], /--seconds.*Expected a positive number/],
    ['a tolerance too fine', ['--tolerance', '1e-9'], /tolerance .*'float64'/],
    ['no seeds', ['--seeds', '0'], /--seeds.*Expected a positive whole number/],
    ['a model twice', ['--models', 'realnvp,realnvp'], /each model once; got 'realnvp' twice/],
    ['no model between commas', ['--models', 'realnvp,,ffjord'], /--models.*Expected names with commas/],
    ['a missing argument', ['--steps'], /option '--steps <n>' argument missing/],
    ['an argument too many', ['moons'], /too many arguments/],
    ['a key for a toy', ['--data', 'moons', '--key', 'x'], /--key: 'moons' is a toy/],
  ])('refuses %s in one line, with status 2', async (_, argv, message) => {
    const out = argv.includes('--models') ? [] : ['--models', 'realnvp'];
    const where = ['--out', join(folder, 'never')];
    const ended = await liouville(['compare', ...where, ...out, ...argv]);
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr).toMatch(/^liouville: [^\n]*\n$/);
    expect(ended).toMatchObject({ status: 2, stdout: '' });
    await expect(readdir(join(folder, 'never', 'runs'))).rejects.toThrow(/ENOENT/);
  });

  it.each<[string, string, RegExp]>([
    ['too few rows', '1,2\n3,4\n', /at least 10 are needed/],
    [
      'a constant column',
      `a,b\n${Array.from({ length: 30 }, (_, i) => `${i}.25,7.5`).join('\n')}`,
      /'b' is constant/,
    ],
    ['words among numbers', '1,2\n3,x\n', /bad\.csv/],
    ['a number that is none', `${'1,2\n'.repeat(20)}nan,4`, /NaN/],
  ])('refuses data with %s', async (_, text, message) => {
    const bad = join(folder, 'bad.csv');
    await writeFile(bad, text);
    const ended = await liouville(['compare', '--data', bad, ...small, '--out', join(folder, 'never')]);
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr).toMatch(/^liouville: [^\n]*\n$/);
    expect(ended.status).toBe(2);
  });

  it('goes on with a comparison that was stopped', async () => {
    const out = join(folder, 'resumed');
    const both = ['--models', 'gaussian,realnvp', '--steps', '4', '--batch', '20', '--seeds', '2'];
    const whole = await liouville([
      'compare',
      '--data',
      data,
      ...both,
      '--out',
      join(folder, 'whole'),
      '--json',
    ]);
    const expected = JSON.parse(whole.stdout) as ComparisonResults;
    const first = await liouville(['compare', '--data', data, ...both, '--out', out]);
    expect(first.status).toBe(0);
    // As if it had been killed while the second seed of the second model was trained.
    await rm(join(out, 'results.json'));
    await rm(join(out, 'runs', 'realnvp-seed-1'), { recursive: true });
    const kept = join(out, 'runs', 'realnvp', 'metrics.jsonl');
    const marked = (await readFile(kept, 'utf8')).replace(/"seconds":[^,}]*/g, '"seconds":1234');
    await writeFile(kept, marked);
    const { status, stdout, stderr } = await liouville(['compare', '--resume', out, '--json']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const found = JSON.parse(stdout) as ComparisonResults;
    // What was trained is not trained again, and everything comes to the same.
    expect(found.models[1]).toMatchObject({ trainSeconds: 1234, steps: 4 });
    const numbers = ({ models, differences }: ComparisonResults) => ({
      differences,
      models: models.map(({ testLogLikelihood, inverseError, twoSample, seeds }) => ({
        testLogLikelihood,
        inverseError,
        twoSample,
        seeds: seeds!.runs.map((run) => run.testLogLikelihood),
      })),
    });
    expect(numbers(found)).toEqual(numbers(expected));
  });

  it('refuses to go on where it cannot', async () => {
    const out = join(folder, 'going-on');
    await liouville(['compare', '--data', data, ...small, '--out', out]);
    const refused = async (...argv: string[]): Promise<string> => {
      const { status, stderr } = await liouville(['compare', '--resume', ...argv]);
      expect(stderr).toMatch(/^liouville: [^\n]*\n$/);
      expect(status).toBe(2);
      return stderr;
    };
    expect(await refused(folder)).toMatch(
      /--resume: expected the folder of a comparison; .* has no comparison/,
    );
    expect(await refused(join(folder, 'nowhere'))).toMatch(/has no comparison\.json/);
    expect(await refused(out, '--steps', '9')).toMatch(
      /settings that the comparison began with; leave out --steps/,
    );
    const path = join(out, 'comparison.json');
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('"version": 1', '"version": 2'));
    expect(await refused(out)).toMatch(/has version 2; this program reads version 1/);
    await writeFile(path, text.slice(0, 40));
    expect(await refused(out)).toMatch(/comparison\.json: it is not what a comparison writes/);
    await writeFile(path, text.replace(/"rows": ".*"/, '"rows": "0123"'));
    expect(await refused(out)).toMatch(/the rows of .* are not those that the comparison began with/);
    await writeFile(path, text.replace('realnvp', 'realnpv'));
    expect(await refused(out)).toMatch(/Did you mean 'realnvp'/);
  });

  it('refuses a folder that it cannot write to, before it trains', async () => {
    const file = join(folder, 'a-file');
    await writeFile(file, '');
    for (const out of [file, join(file, 'below')]) {
      const ended = await liouville(['compare', '--data', data, ...small, '--out', out]);
      expect(ended.status).toBe(2);
      expect(ended.stderr).toMatch(/^liouville: --out: expected a folder to write to\..*a-file.*\n$/);
    }
  });

  it('leaves nothing behind from trying the folder', async () => {
    const out = join(folder, 'tried');
    await mkdir(out);
    const argv = ['compare', '--data', data, ...small, '--out', out];
    await liouville(argv, { signal: AbortSignal.abort() });
    expect(await readdir(out)).toEqual(['comparison.json']);
  });
});
