import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { read, root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** A checkout with two sources, one of them a program. */
function smallCheckout(): { folder: string; build: (...args: string[]) => number | null } {
  const folder = temporaryFolder({
    'scripts/build.mjs': read('scripts/build.mjs'),
    'package.json': '{ "type": "module" }',
    'package-lock.json': '{}',
    'tsconfig.json': read('tsconfig.json'),
    'tsconfig.build.json': read('tsconfig.build.json'),
    'src/cli/main.ts': "#!/usr/bin/env node\nimport { answer } from '../answer.ts';\nconsole.log(answer);\n",
    'src/answer.ts': 'export const answer: number = 42;\n',
  });
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const build = (...args: string[]): number | null =>
    spawnSync(process.execPath, [join(folder, 'scripts/build.mjs'), ...args]).status;
  return { folder, build };
}

function runProgram(folder: string): string {
  return spawnSync(join(folder, 'dist/cli/main.js'), { encoding: 'utf8' }).stdout;
}

it('builds a program that can be started, with declarations and source maps', () => {
  const { folder, build } = smallCheckout();
  expect(build()).toBe(0);
  expect(runProgram(folder)).toBe('42\n');
  expect(readFileSync(join(folder, 'dist/answer.d.ts'), 'utf8')).toContain('answer: number');
  const map = JSON.parse(readFileSync(join(folder, 'dist/cli/main.js.map'), 'utf8')) as { sources: string[] };
  expect(existsSync(join(folder, 'dist/cli', map.sources[0]!))).toBe(true);
  expect(readdirSync(folder).filter((name) => name.startsWith('dist'))).toEqual(['dist']);
});

it('builds again exactly when a source has changed', () => {
  const { folder, build } = smallCheckout();
  build();
  const program = join(folder, 'dist/cli/main.js');
  const { ino } = statSync(program);
  expect(build('--if-stale')).toBe(0);
  expect(statSync(program).ino).toBe(ino);

  writeFileSync(join(folder, 'src/answer.ts'), 'export const answer: number = 43;\n');
  expect(build('--if-stale')).toBe(0);
  expect(runProgram(folder)).toBe('43\n');
});

it('keeps nothing of a source that is gone', () => {
  const { folder, build } = smallCheckout();
  build();
  writeFileSync(join(folder, 'src/cli/main.ts'), '#!/usr/bin/env node\nconsole.log(1);\n');
  rmSync(join(folder, 'src/answer.ts'));
  build('--if-stale');
  expect(readdirSync(join(folder, 'dist')).filter((name) => name.startsWith('answer'))).toEqual([]);
});

it('fails for a type error as long as it is there', () => {
  const { folder, build } = smallCheckout();
  writeFileSync(join(folder, 'src/answer.ts'), "export const answer: number = 'forty-two';\n");
  expect(build('--if-stale')).toBe(1);
  expect(runProgram(folder)).toBe('forty-two\n');
  expect(build('--if-stale')).toBe(1);
});
