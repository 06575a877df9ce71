import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { decodeNpy, readTable, writeTable } from '../../src/files/index.ts';
import { toy } from '../../src/data/index.ts';
import { liouville } from '../cli/run.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** The options that scripts pass, by command. */
const promised: Readonly<Record<string, readonly string[]>> = {
  compare: ['data', 'models', 'steps', 'batch', 'seed', 'out', 'engine', 'precision', 'json', 'key'],
  train: ['data', 'model', 'steps', 'seed', 'out', 'resume', 'key'],
  sample: ['run', 'count', 'seed', 'out'],
  logprob: ['run', 'data', 'out', 'key'],
  doctor: ['json'],
  bench: ['json'],
};

it.each(Object.entries(promised))('liouville %s has the promised options', async (command, options) => {
  const { status, stdout, stderr } = await liouville([command, '--help']);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(options.filter((name) => !new RegExp(`^ +--${name}\\b`, 'm').test(stdout))).toEqual([]);
});

it('no help shows a default as a program would hold it', async () => {
  const helpOf = async (...path: string[]): Promise<string> => (await liouville([...path, '--help'])).stdout;
  const commandsIn = (help: string): string[] =>
    [...(help.split('\nCommands:\n')[1] ?? '').matchAll(/^ {2}(\w+)/gm)].map(([, name]) => name!);
  const helps = new Map([['', await helpOf()]]);
  for (const [above, help] of helps) {
    const path = above === '' ? [] : above.split(' ');
    for (const name of commandsIn(help).filter((each) => each !== 'help')) {
      helps.set([...path, name].join(' '), await helpOf(...path, name));
    }
  }
  expect(helps.size).toBeGreaterThan(12);
  expect([...helps].filter(([, help]) => /\(default: (\[|\{|true|false)/.test(help))).toEqual([]);
});

it('samples and densities have the same numbers in .npy and .csv', async () => {
  const folder = temporaryFolder();
  const at = (name: string): string => join(folder, name);
  const done = async (...argv: string[]): Promise<void> => {
    expect(await liouville(argv)).toMatchObject({ status: 0, stderr: '' });
  };
  await done(
    'train',
    '--data',
    'moons',
    '--model',
    'nice',
    '--steps',
    '2',
    '--seed',
    '1',
    '--out',
    at('run'),
  );
  for (const extension of ['.npy', '.csv']) {
    const samples = at(`samples${extension}`);
    await done('sample', '--run', at('run'), '--count', '20', '--seed', '3', '--out', samples);
    await done('logprob', '--run', at('run'), '--data', samples, '--out', at(`densities${extension}`));
  }
  for (const [name, cols] of [
    ['samples', 2],
    ['densities', 1],
  ] as const) {
    const [npy, csv] = [await readTable(at(`${name}.npy`)), await readTable(at(`${name}.csv`))];
    expect(npy.matrix).toMatchObject({ rows: 20, cols });
    expect(csv.matrix).toEqual(npy.matrix);
  }
  expect(readFileSync(at('densities.csv'), 'utf8')).toMatch(/^logProb\n-\d/);
  // One axis: NumPy would broadcast a column against other arrays.
  expect(decodeNpy(new Uint8Array(readFileSync(at('densities.npy')))).shape).toEqual([20]);
});

/** The kinds of the numbers and names that results.json has for a model: 'number', 'number or null', and so on. */
const promisedOfModel: Readonly<Record<string, string>> = {
  name: 'string',
  parameters: 'number',
  'testLogLikelihood.mean': 'number',
  'testLogLikelihood.standardError': 'number',
  klToTruth: 'number or null',
  trainSeconds: 'number',
  secondsPerStep: 'number or null',
  steps: 'number',
  densityRowsPerSecond: 'number',
  samplesPerSecond: 'number',
  nfe: 'object or null',
  'inverseError.max': 'number',
  normalisation: 'number',
  massOutside: 'number',
  engine: 'string',
  status: 'string',
};

function at(value: unknown, path: string): unknown {
  return path.split('.').reduce((inside, key) => (inside as Record<string, unknown>)[key], value);
}

it('results.json says what was promised of data, settings and models', { timeout: 60_000 }, async () => {
  const folder = temporaryFolder();
  const [data, out] = [join(folder, 'rows.csv'), join(folder, 'out')];
  await writeTable(data, toy['moons']!(300, { seed: 1 }), ['a', 'b']);
  const size = ['--models', 'gaussian,ffjord', '--steps', '2', '--batch', '20', '--seed', '4'];
  const argv = ['compare', '--data', data, ...size, '--precision', 'float32', '--out', out, '--json'];
  const { status, stdout, stderr } = await liouville(argv);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const results = JSON.parse(readFileSync(join(out, 'results.json'), 'utf8')) as { models: unknown[] };
  expect(JSON.parse(stdout)).toEqual(results);
  expect(results).toMatchObject({
    schema: 1,
    data: { name: 'rows.csv', dim: 2, rows: { train: 240, validation: 30, test: 30 }, entropy: null },
    settings: { steps: 2, batch: 20, seed: 4, precision: 'float32' },
    models: [
      { name: 'gaussian', status: 'ok' },
      { name: 'ffjord', status: 'ok', steps: 2 },
    ],
  });
  expect(typeof at(results, 'settings.threads')).toBe('number');
  for (const model of results.models) {
    for (const [path, kinds] of Object.entries(promisedOfModel)) {
      const value = at(model, path);
      expect(kinds.split(' or '), `${path} is ${String(value)}`).toContain(
        value === null ? 'null' : typeof value,
      );
    }
    expect(at(model, 'normalisation')).toBeCloseTo(1 - (at(model, 'massOutside') as number), 1);
  }
  expect(Object.keys(at(results.models[1], 'nfe') as object)).toEqual(['mean', 'max']);
  expect(readdirSync(out)).toEqual(expect.arrayContaining(['report.html', 'results.json', 'runs']));
  expect(readdirSync(join(out, 'runs')).toSorted()).toEqual(['ffjord', 'gaussian']);
  const run = readdirSync(join(out, 'runs/ffjord')).toSorted();
  expect(run).toEqual(['checkpoint.safetensors', 'config.json', 'metrics.jsonl', 'model.safetensors']);
});
