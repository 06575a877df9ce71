import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { modelNames, paperModelNames } from '../../src/models/index.ts';
import { liouville } from './run.ts';

async function script(shell: string): Promise<string> {
  const { status, stdout, stderr } = await liouville(['completion', shell]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

describe('liouville completion', () => {
  it.each<[string[], string[]]>([
    [['sam'], ['sample']],
    [['train', '--model', 'otflow-p'], ['otflow-power']],
    [
      ['train', '--model', ''],
      [...modelNames, ...paperModelNames],
    ],
    [['train', '--weigh'], ['--weight-decay']],
    [['sample', '--solver', 'dopr'], ['dopri5']],
    [['compare', '--data', 'moo'], ['moons']],
    [['completion', 'f'], ['fish']],
    [
      ['doctor', '--'],
      ['--json', '--help'],
    ],
  ])('completes %j in bash', async (words, expected) => {
    const asked = `COMP_WORDS=(liouville "$@"); COMP_CWORD=$#; _liouville; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const text = `${await script('bash')}\n${asked}`;
    // Where no file begins with what is completed.
    const { stdout, status } = spawnSync('bash', ['-c', text, 'bash', ...words], {
      encoding: 'utf8',
      cwd: '/',
    });
    expect(status).toBe(0);
    expect(stdout.trimEnd().split('\n')).toEqual(expected);
  });

  it('lets zsh run what bash runs, and gives fish lines of its own', async () => {
    expect(await script('zsh')).toBe(`autoload -U +X bashcompinit && bashcompinit\n${await script('bash')}`);
    const fish = (await script('fish')).trimEnd().split('\n');
    for (const line of fish) expect(line).toMatch(/^complete -c liouville /);
    expect(
      fish.some((line) => line.includes("-n '__fish_seen_subcommand_from train' -l model -r -a '")),
    ).toBe(true);
  });

  it('refuses another shell', async () => {
    const ended = await liouville(['completion', 'tcsh']);
    expect(ended).toMatchObject({ status: 2, stdout: '' });
    expect(ended.stderr).toMatch(/'tcsh' is invalid.*Allowed choices are bash, zsh, fish/);
  });
});
