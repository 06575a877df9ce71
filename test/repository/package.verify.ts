import { spawnSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { read, root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary.ts';

interface Manifest {
  exports: Record<string, unknown>;
  dependencies: Record<string, string>;
}

interface Packed {
  filename: string;
  unpackedSize: number;
  files: unknown[];
}

const manifest = JSON.parse(read('package.json')) as Manifest;
const modules = Object.keys(manifest.exports)
  .filter((subpath) => subpath !== './package.json')
  .map((subpath) => join('liouville', subpath));

function run(cwd: string, command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  expect(status, `${command} ${args.join(' ')}\n${stdout}\n${stderr}`).toBe(0);
  return stdout;
}

it('the packed package works for those who install it', () => {
  const folder = temporaryFolder();
  run(root, 'npm', 'run', 'build');
  const report = run(root, 'npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', folder);
  const [packed] = JSON.parse(report) as Packed[];
  console.log(`${packed!.files.length} files, ${(packed!.unpackedSize / 1e6).toFixed(2)} MB unpacked`);

  // The user's project: the package, the packages that it depends on, and what `liouville/tfjs` is for.
  const installed = join(folder, 'node_modules/liouville');
  mkdirSync(installed, { recursive: true });
  run(folder, 'tar', '-xzf', packed!.filename, '--strip-components=1', '-C', installed);
  for (const name of [...Object.keys(manifest.dependencies), '@tensorflow/tfjs-core']) {
    mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true });
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  }

  const names = JSON.stringify(modules);
  const imported = `for (const name of ${names}) console.log(name, Object.keys(await import(name)).length > 0);`;
  const required = `for (const name of ${names}) console.log(name, Object.keys(require(name)).length > 0);`;
  writeFileSync(join(folder, 'esm.mjs'), imported);
  writeFileSync(join(folder, 'commonjs.cjs'), required);
  const everyModule = modules.map((name) => `${name} true\n`).join('');
  expect(run(folder, 'node', 'esm.mjs')).toBe(everyModule);
  expect(run(folder, 'node', 'commonjs.cjs')).toBe(everyModule);

  // Their compiler reads the declarations with its own, strict settings. Those of TensorFlow.js do not stand up to them.
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const options = ['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2023'];
  const types = ['--typeRoots', join(root, 'node_modules/@types'), '--types', 'node'];
  const compile = (subpaths: readonly string[], ...more: string[]): void => {
    const uses = subpaths.map(
      (name, i) => `import * as m${i} from '${name}';\nexport const n${i} = m${i};\n`,
    );
    writeFileSync(join(folder, 'user.mts'), uses.join(''));
    writeFileSync(join(folder, 'user.cts'), uses.join(''));
    run(folder, process.execPath, tsc, ...options, ...types, ...more, 'user.mts', 'user.cts');
  };
  compile(modules.filter((name) => name !== 'liouville/tfjs'));
  compile(['liouville/tfjs'], '--skipLibCheck');

  const doctor = run(folder, 'node', join(installed, 'dist/cli/main.js'), 'doctor', '--json');
  expect(JSON.parse(doctor)).toBeTypeOf('object');
});
