import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { duration, progressText } from '../../src/cli/progress.ts';
import { root } from '../support/repository.ts';
import { liouville } from './run.ts';

describe('liouville', () => {
  it('prints its help and version on stdout, with status 0', async () => {
    const help = await liouville(['--help']);
    expect(help).toMatchObject({ status: 0, stderr: '' });
    expect(help.stdout).toMatch(/compare/);
    expect(help.stdout).toMatch(/doctor/);
    const compare = await liouville(['compare', '--help']);
    expect(compare).toMatchObject({ status: 0, stderr: '' });
    expect(compare.stdout).toMatch(/Examples:/);
    expect((await liouville(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each([
    [[], /^liouville: Expected a command: train, sample, logprob, compare, .*doctor.*\n$/],
    [['comapre'], /^liouville: unknown command 'comapre' \(Did you mean compare\?\)\n$/],
    [['--verbose'], /^liouville: unknown option '--verbose'.*\n$/],
    [['doctor', 'who'], /^liouville: too many arguments.*\n$/],
    [['help', 'comapre'], /^liouville: Expected a command that --help lists\.\n$/],
  ])('refuses %j in one line, with status 2', async (argv, message) => {
    const ended = await liouville(argv);
    expect(ended).toMatchObject({ status: 2, stdout: '' });
    expect(ended.stderr).toMatch(message);
  });

  it('runs as a program', () => {
    const run = (...argv: string[]) =>
      spawnSync(process.execPath, [join(root, 'dist', 'cli', 'main.js'), ...argv], { encoding: 'utf8' });
    expect(run('doctor', '--json')).toMatchObject({ status: 0, stderr: '' });
    const refused = run('compare', '--models', 'nvp');
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/^liouville: Unknown model 'nvp'.*\n$/);
  });
});

describe('Ctrl-C', () => {
  it('stops a comparison with status 130', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'liouville-stop-'));
    try {
      const argv = ['compare', '--models', 'realnvp', '--steps', '1000000', '--out', join(folder, 'out')];
      const child = spawn(process.execPath, [join(root, 'dist', 'cli', 'main.js'), ...argv]);
      let stderr = '';
      child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
      const ended = once(child, 'exit');
      // The folder is made just before the training starts.
      while (!existsSync(join(folder, 'out'))) await new Promise((resolve) => setTimeout(resolve, 20));
      child.kill('SIGINT');
      expect(await ended).toEqual([130, null]);
      expect(stderr).toMatch(/^liouville: Stopped: [^\n]*\n$/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('progress', () => {
  it('says what a model is doing', () => {
    expect(progressText('ffjord', { phase: 'sampling' })).toBe('ffjord  sampling');
    const event = {
      step: 100,
      steps: 400,
      loss: 2.5,
      validation: 2.6,
      nfe: 17.8,
      seconds: 10,
      secondsPerStep: 0.1,
      secondsLeft: 30,
    };
    expect(progressText('ffjord', { phase: 'training', ...event })).toBe(
      'ffjord  step 100/400  loss 2.500  validation 2.600  18 evaluations  0:30 left',
    );
  });

  it.each([
    [0, '0:00'],
    [4.2, '0:05'],
    [760, '12:40'],
    [11220, '3:07:00'],
  ])('writes %d s as %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});
