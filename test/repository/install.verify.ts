import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, it } from 'vitest';
import { read, root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** What npm and the package need of the system; no compiler among it. */
const tools = ['node', 'npm', 'sh', 'env', 'uname', 'sed', 'dirname', 'basename'];

/** A folder with these programs alone. */
function binFolder(folder: string): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  for (const tool of tools) {
    const places = (process.env['PATH'] ?? '').split(delimiter).map((place) => join(place, tool));
    const found = places.flatMap((place) => {
      try {
        return [realpathSync(place)];
      } catch {
        return [];
      }
    });
    if (found[0] !== undefined) symlinkSync(found[0], join(bin, tool));
  }
  return bin;
}

/** The first TypeScript of the README, and a line that says what came out. */
function example(): string {
  const [, code] = /```ts\n([\s\S]*?)```/.exec(read('README.md'))!;
  return `${code}
console.log(JSON.stringify({ rows: logLikelihood.length, samples: samples.rows, z: z.rows,
  finite: [...logLikelihood, ...logDet].every(Number.isFinite) }));
const { engine } = await flow.transform(samples);
console.log(engine);
`;
}

it(
  'installs from the packed file without a compiler, and runs the first example',
  { timeout: 900_000 },
  () => {
    const folder = temporaryFolder({ 'package.json': '{ "private": true, "type": "module" }' });
    const packing = spawnSync('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd: root,
      encoding: 'utf8',
    });
    expect(packing.status, `npm pack\n${packing.stderr}`).toBe(0);
    const [packed] = JSON.parse(packing.stdout.slice(packing.stdout.indexOf('[\n'))) as {
      filename: string;
      size: number;
      files: { path: string }[];
    }[];
    console.log(`${packed!.filename}: ${(packed!.size / 1e6).toFixed(2)} MB`);
    const paths = packed!.files.map(({ path }) => path);
    expect(paths).toContain('build/wasm/simd.js');
    if (process.platform === 'linux')
      expect(paths).toContain(`prebuilds/linux-${process.arch}/liouville.node`);

    const { CXX: _, LIOUVILLE_ENGINE: __, ...environment } = process.env;
    const env = { ...environment, PATH: binFolder(folder) };
    const run = (
      command: string,
      args: readonly string[],
      more: Readonly<Record<string, string>> = {},
    ): string => {
      const done = spawnSync(command, args, { cwd: folder, encoding: 'utf8', env: { ...env, ...more } });
      expect(done.status, `${command} ${args.join(' ')}\n${done.stdout}\n${done.stderr}`).toBe(0);
      return done.stdout;
    };
    run('npm', ['install', `./${packed!.filename}`]);
    const installed = readdirSync(join(folder, 'node_modules'));
    expect(installed.filter((name) => name === '@tensorflow' || name === 'webgpu')).toEqual([]);
    const manifest = join(folder, 'node_modules/liouville/package.json');
    expect((JSON.parse(readFileSync(manifest, 'utf8')) as { name: string }).name).toBe('liouville');

    writeFileSync(join(folder, 'example.js'), example());
    const result = '{"rows":1000,"samples":1000,"z":1000,"finite":true}';
    const native = run('node', ['example.js']);
    expect(native).toBe(`${result}\nnative\n`);
    expect(run('node', ['example.js'], { LIOUVILLE_ENGINE: 'wasm' })).toBe(`${result}\nwasm\n`);
    const required = "require('liouville/engine').diagnose().engines.map((x) => x.name + x.available).join()";
    expect(run('node', ['-p', required])).toContain('nativetrue,wasmtrue');
    console.log(run('node', ['node_modules/liouville/dist/cli/main.js', 'doctor']));

    // Nothing may be written beside the package: root has to be somebody else to be refused.
    spawnSync('chmod', ['-R', 'a+rX,a-w', folder]);
    const asRoot = process.getuid?.() === 0;
    const somebody = asRoot ? { uid: 65534, gid: 65534 } : {};
    for (const engine of ['native', 'wasm']) {
      const program = `try { require('node:fs').writeFileSync('node_modules/liouville/x', ''); } catch (e) {
        console.log(e.code);
      }
      import('./example.js')`;
      const { stdout, stderr, status } = spawnSync('node', ['-e', program], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...env, LIOUVILLE_ENGINE: engine },
        ...somebody,
      });
      expect({ stdout, stderr, status }).toEqual({
        stdout: `EACCES\n${result}\n${engine}\n`,
        stderr: '',
        status: 0,
      });
    }
    spawnSync('chmod', ['-R', 'u+w', folder]);
  },
);
