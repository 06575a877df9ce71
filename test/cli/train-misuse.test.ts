import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/temporary.ts';
import { liouville } from './run.ts';

const text = `a,b\n${Array.from({ length: 40 }, (_, i) => `${i}.5,${(i * i) % 17}.25`).join('\n')}\n`;

describe('liouville train refuses', () => {
  it.each<[string, string[], RegExp]>([
    ['no data', ['--data='], /Unknown data ''/],
    ['an unknown model', ['--model', 'realnpv'], /Unknown model 'realnpv'. Did you mean 'realnvp'/],
    ['an unknown toy', ['--data', 'mons'], /Unknown data 'mons'. Did you mean 'moons'/],
    ['a file that is not there', ['--data', './none.csv'], /--data: there is no file '.\/none.csv'/],
    ['an unknown engine', ['--engine', 'nativ'], /Unknown engine 'nativ'. Did you mean 'native'/],
    ['an engine that is not here', ['--engine', 'webgpu'], /engine 'webgpu' is not available/],
    ['an unknown precision', ['--precision', 'float16'], /Unknown precision 'float16'/],
    ['an unknown solver', ['--solver', 'dopri'], /Unknown solver 'dopri'. Did you mean 'dopri5'/],
    ['a fixed-step solver without a step', ['--model', 'ffjord', '--solver', 'rk4'], /takes fixed steps/],
    ['an unknown schedule', ['--schedule', 'cosin'], /Unknown schedule 'cosin'. Did you mean 'cosine'/],
    ['an unknown option', ['--learning-rat', '1'], /unknown option '--learning-rat'.*--learning-rate/],
    ['negative steps', ['--steps=-3'], /--steps.*Expected a positive whole number/],
    ['no time', ['--seconds', '0'], /--seconds.*Expected a positive number/],
    ['a negative tolerance', ['--tolerance=-1e-3'], /--tolerance.*Expected a positive number/],
    ['a tolerance for float64', ['--model', 'ffjord', '--tolerance', '1e-9'], /below 1e-06|below 0.000001/],
    ['a negative decay', ['--weight-decay=-1'], /--weight-decay.*Expected 0 or a positive number/],
    ['an average of 1', ['--ema', '1'], /--ema.*Expected a number from 0 to below 1/],
    ['a longer warm-up than training', ['--steps', '5', '--warm-up', '5'], /warmUp must be less than steps/],
    ['no patience', ['--patience', '0'], /--patience.*Expected a positive whole number/],
    ['an argument too many', ['moons'], /too many arguments/],
    ['a key for a toy', ['--data', 'moons', '--key', 'x'], /--key: 'moons' is a toy/],
  ])('%s in one line, with status 2, before it writes', async (_, argv, message) => {
    const folder = temporaryFolder({ 'data.csv': text });
    const out = join(folder, 'run');
    const usual = ['--data', join(folder, 'data.csv'), '--model', 'realnvp', '--steps', '10', '--out', out];
    const ended = await liouville(['train', ...usual, ...argv]);
    expect(ended).toMatchObject({ status: 2, stdout: '' });
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr).toMatch(/^liouville: [^\n]*\n$/);
    expect(existsSync(out)).toBe(false);
  });

  it.each([
    [[], '--data'],
    [['--data', 'moons'], '--model'],
    [['--data', 'moons', '--model', 'realnvp'], '--out'],
  ])('%j, where %s is missing', async (argv, missing) => {
    const ended = await liouville(['train', ...argv]);
    expect(ended).toEqual({
      status: 2,
      stdout: '',
      stderr: `liouville: ${missing} is missing: expected --data, --model and --out, or --resume. Try liouville train --help.\n`,
    });
  });

  it.each<[string, string, RegExp]>([
    ['too few rows', 'a,b\n1,2\n3,4\n', /at least 10/],
    ['a constant column', text.replaceAll(/,[\d.]+$/gm, ',7'), /'b' is constant/],
    ['a number that is none', `${text}nan,4\n`, /NaN in row \d+, column 'a'/],
    ['an infinite one', `${text}1,-inf\n`, /-Infinity in row \d+, column 'b'/],
    ['nothing', '', /.+/],
    ['rows of different lengths', `${text}1\n`, /.+/],
  ])('data with %s', async (_, bad, message) => {
    const folder = temporaryFolder({ 'bad.csv': bad });
    const argv = ['--data', join(folder, 'bad.csv'), '--model', 'realnvp', '--out', join(folder, 'run')];
    const ended = await liouville(['train', ...argv]);
    expect(ended).toMatchObject({ status: 2, stdout: '' });
    expect(ended.stderr).toMatch(message);
    expect(ended.stderr).toMatch(/^liouville: [^\n]*\n$/);
    expect(existsSync(join(folder, 'run'))).toBe(false);
  });

  it('a folder that it cannot write to', async () => {
    const folder = temporaryFolder({ 'data.csv': text, file: '' });
    const argv = ['train', '--data', join(folder, 'data.csv'), '--model', 'realnvp', '--out'];
    for (const out of ['file', 'file/below']) {
      const ended = await liouville([...argv, join(folder, out)]);
      expect(ended.status).toBe(2);
      expect(ended.stderr).toMatch(/^liouville: --out: expected a folder to write to\. [^\n]*\n$/);
    }
  });

  it.runIf(existsSync('/proc/self'))(
    'a folder that says it is not there when one is to be made in it',
    async () => {
      const folder = temporaryFolder({ 'data.csv': text });
      const argv = ['train', '--data', join(folder, 'data.csv'), '--model', 'realnvp'];
      const ended = await liouville([...argv, '--out', '/proc/a/b']);
      expect(ended.status).toBe(2);
      expect(ended.stderr).toMatch(
        /^liouville: --out: expected a folder to write to\. Cannot write '\/proc[^\n]*\n$/,
      );
    },
  );

  it.each([
    ['train', '--out'],
    ['train', '--resume'],
    ['sample', '--run'],
    ['logprob', '--run'],
  ])('an empty path, of %s %s, instead of taking the current folder', async (command, option) => {
    const ended = await liouville([command, option, '']);
    expect(ended).toMatchObject({ status: 2, stdout: '' });
    expect(ended.stderr).toMatch(
      new RegExp(`^liouville: option '${option} <folder>' .*Expected a path\\.\n$`),
    );
  });
});

describe('liouville train --resume refuses', () => {
  async function stopped(): Promise<{ folder: string; run: string }> {
    const folder = temporaryFolder({ 'data.csv': text });
    const run = join(folder, 'run');
    const argv = [
      '--data',
      join(folder, 'data.csv'),
      '--model',
      'realnvp',
      '--steps',
      '100000',
      '--out',
      run,
    ];
    const controller = new AbortController();
    const timer = setInterval(() => {
      if (existsSync(join(run, 'checkpoint.safetensors'))) controller.abort();
    }, 5);
    const ended = await liouville(['train', ...argv], { signal: controller.signal });
    clearInterval(timer);
    expect(ended.status).toBe(130);
    return { folder, run };
  }

  it('a folder that is no run, is not there, or is a file', async () => {
    const folder = temporaryFolder({ 'a.txt': '' });
    for (const name of ['.', 'none', 'a.txt']) {
      const ended = await liouville(['train', '--resume', join(folder, name)]);
      expect(ended.status).toBe(2);
      expect(ended.stderr).toMatch(
        /^liouville: .*: it is not a run folder: there is no config\.json in it\.\n$/,
      );
    }
  });

  it('other settings, data that have changed, and a broken checkpoint', async () => {
    const { folder, run } = await stopped();
    const refused = async (message: RegExp, ...more: string[]) => {
      const ended = await liouville(['train', '--resume', run, ...more]);
      expect(ended).toMatchObject({ status: 2, stdout: '' });
      expect(ended.stderr).toMatch(message);
      expect(ended.stderr).toMatch(/^liouville: [^\n]*\n$/);
    };
    await refused(/--resume goes on with the settings .*; leave out --steps\./, '--steps', '5');
    await refused(/leave out --data\./, '--data', 'moons');
    const config = join(run, 'config.json');
    const described = readFileSync(config, 'utf8');
    for (const training of [null, 'fast']) {
      writeFileSync(config, JSON.stringify({ ...(JSON.parse(described) as object), training }));
      await refused(/liouville train did not make this run/);
    }
    writeFileSync(config, described);
    writeFileSync(join(folder, 'data.csv'), text.replace('3.5,9.25', '3.5,9.75'));
    await refused(/resume: the run in '.*' trains on other rows/);
    writeFileSync(join(folder, 'data.csv'), text);
    writeFileSync(join(run, 'checkpoint.safetensors'), 'not one');
    await refused(/checkpoint\.safetensors: /);
  });
});
