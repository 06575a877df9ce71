import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { WebGpuEngine } from '../../src/engine/webgpu/engine.ts';
import { openDevice } from '../../src/engine/webgpu/gpu.ts';
import type { OpenDevice } from '../../src/engine/webgpu/gpu.ts';
import { tableaus } from '../../src/ode/index.ts';
import { ops, trace } from '../../src/program/index.ts';
import { root } from '../support/repository.ts';
import { offerSoftwareAdapter } from '../support/software-adapter.ts';
import { temporaryFolder } from '../support/temporary.ts';

offerSoftwareAdapter();

/** The devices that the engine under test has opened. */
const opened: OpenDevice[] = [];
const engine = new WebGpuEngine(async () => {
  const open = await openDevice();
  if ('device' in open) opened.push(open);
  return open;
});
const found = await engine.inspect();
const absent = 'reason' in found ? `${found.reason} ${found.remedy}` : null;

const none = { trained: new Float64Array(0), state: new Float64Array(0) };
const square = trace('square', { x: 1 }, ({ x }) => ({ y: ops.square(x) }));
const three = { x: Float64Array.of(1, 2, 3) };
const decay = trace('decay', { t: 1, y: 1 }, ({ y }) => ({ dy: ops.neg(y) }));
const how = { tableau: tableaus.dopri5, t0: 0, t1: 1, rtol: 1e-5, atol: 1e-5, maxSteps: 100 };

beforeEach(({ skip }) => {
  if (absent !== null) skip(absent);
});

afterAll(() => {
  engine.dispose();
});

describe('the device', () => {
  test('is opened once, and again after it was disposed of', async () => {
    const before = opened.length;
    await engine.run(square, none, 3, three);
    await Promise.all([engine.run(square, none, 3, three), engine.run(square, none, 3, three)]);
    expect(opened.length).toBe(before);
    engine.dispose();
    expect(await engine.run(square, none, 3, three)).toEqual({ y: Float64Array.of(1, 4, 9) });
    expect(opened.length).toBe(before + 1);
  });

  test('that is lost while it works is an error that says what to do, and the next call gets another', async () => {
    await engine.run(square, none, 3, three);
    const running = engine.run(square, none, 3, three);
    opened.at(-1)!.device.destroy();
    await expect(running).rejects.toMatchObject({
      name: 'LiouvilleError',
      code: 'engine-unavailable',
      message: expect.stringMatching(/device is gone.*Call again/) as string,
    });
    expect(await engine.run(square, none, 3, three)).toEqual({ y: Float64Array.of(1, 4, 9) });
  });

  test('takes the tapes with it', async () => {
    const { tape } = await engine.solve(decay, none, 1, { y: Float64Array.of(1) }, { ...how, tape: true });
    const device = opened.at(-1)!.device;
    device.destroy();
    await device.lost;
    await expect(engine.solvePullback(tape!, Float64Array.of(1))).rejects.toMatchObject({
      code: 'engine-unavailable',
      message: expect.stringMatching(/Solve again/) as string,
    });
  });

  test('that has too small buffers refuses before it allocates', async () => {
    const width = Math.ceil(opened.at(-1)!.device.limits.maxBufferSize / (4 * 64)) + 1;
    const wide = trace('wide', { x: 1 }, ({ x }) => ({ y: ops.broadcast(x, { k: 1, n: width }) }));
    await expect(engine.run(wide, none, 1, { x: Float64Array.of(1) })).rejects.toMatchObject({
      name: 'LiouvilleError',
      code: 'out-of-memory',
      message: expect.stringMatching(/64 rows of this program need/) as string,
    });
  });

  test('that there is none of is an error with the reason and the remedy', async () => {
    const without = new WebGpuEngine(async () => ({ reason: 'No such thing.', remedy: 'Buy one.' }));
    await expect(without.run(square, none, 3, three)).rejects.toMatchObject({
      code: 'engine-unavailable',
      message: "The engine 'webgpu' is not available: No such thing. Buy one.",
    });
    expect(await without.inspect()).toEqual({ reason: 'No such thing.', remedy: 'Buy one.' });
  });
});

test('double precision is refused', async () => {
  await expect(engine.run(square, none, 3, three, { precision: 'float64' })).rejects.toMatchObject({
    code: 'invalid-argument',
    message: expect.stringMatching(/computes in 'float32' only/) as string,
  });
});

/** More rows than one dispatch takes, and a sum over them. */
test('rows that are computed in parts come together, whatever the parts', async () => {
  const rows = 150_001;
  const x = Float64Array.from({ length: rows }, (_, i) => i % 7);
  const { y } = await engine.run(square, none, rows, { x });
  expect(y!.findIndex((value, i) => value !== x[i]! ** 2)).toBe(-1);
});

test('a process ends by itself when its work is done', async () => {
  const folder = temporaryFolder({
    'main.ts': `
      import { WebGpuEngine } from ${JSON.stringify(join(root, 'src/engine/webgpu/engine.ts'))};
      import { trace } from ${JSON.stringify(join(root, 'src/program/index.ts'))};
      import { offerSoftwareAdapter } from ${JSON.stringify(join(root, 'test/support/software-adapter.ts'))};
      offerSoftwareAdapter();
      const program = trace('same', { x: 1 }, ({ x }) => ({ x }));
      const none = { trained: new Float64Array(0), state: new Float64Array(0) };
      const { x } = await new WebGpuEngine().run(program, none, 1, { x: Float64Array.of(5) });
      console.log(x[0]);
    `,
  });
  const bundle = await rolldown({
    input: join(folder, 'main.ts'),
    platform: 'node',
    external: ['#webgpu', 'mathjs/number'],
    tsconfig: false,
    logLevel: 'silent',
  });
  const file = join(root, 'node_modules/.cache/liouville-webgpu-exit.mjs');
  await bundle.write({ file, format: 'esm', codeSplitting: false, paths: { '#webgpu': 'webgpu' } });
  await bundle.close();
  const { status, stdout, signal } = spawnSync(process.execPath, [file], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect({ status, signal, stdout }).toEqual({ status: 0, signal: null, stdout: '5\n' });
});
