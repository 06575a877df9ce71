import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary.ts';

it('a clean clone of the last commit installs, compares and diagnoses itself', () => {
  const folder = temporaryFolder();
  const clone = join(folder, 'clone');
  const run = (cwd: string, command: string, ...args: string[]): string => {
    const begin = performance.now();
    const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
    console.log(`${command} ${args.join(' ')}: ${((performance.now() - begin) / 1000).toFixed(1)} s`);
    expect(status, `${command} ${args.join(' ')}\n${stdout}\n${stderr}`).toBe(0);
    return stdout;
  };

  run(folder, 'git', 'clone', '--quiet', root, clone);
  run(clone, 'npm', 'ci');
  console.log(run(clone, 'npm', 'start'));
  expect(JSON.parse(run(clone, 'npx', '--no', '--', 'liouville', 'doctor', '--json'))).toBeTypeOf('object');
  expect(run(clone, 'git', 'status', '--porcelain')).toBe('');
});
