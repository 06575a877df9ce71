import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test, vi } from 'vitest';
import { ffjord } from '../../src/cnf/index.ts';
import { realNVP } from '../../src/discrete/index.ts';
import { webAssembly } from '../../src/engine/wasm/platform.ts';
import type { Flow } from '../../src/flow/index.ts';
import { fit } from '../../src/train/index.ts';
import { missing } from '../native/addon.ts';
import { engine as wasm } from '../wasm/engine.ts';

/* That memory does not grow over a thousand steps is test/engine/leaks.verify.ts; here the counts of a few steps are. */

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

const models: readonly Flow[] = [
  ffjord({ dim: 2, hidden: [8] }),
  realNVP({ dim: 2, layers: 2, hidden: [8] }),
];
const rows = { data: Float64Array.from({ length: 600 }, (_, i) => Math.sin(i)), rows: 300, cols: 2 };

async function train(engine: 'native' | 'wasm', steps: number): Promise<void> {
  for (const flow of models) {
    const { engine: used } = await fit(flow, rows, { steps, batchSize: 300, engine, threads: 2 });
    expect(used).toBe(engine);
  }
}

/** Bytes beside the objects of JavaScript, tapes of the native engine among them, once all that is unused has gone. */
async function bytesBeside(): Promise<number> {
  // What a finaliser lets go of goes in the next round.
  for (let round = 0; round < 4; round++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return process.memoryUsage().external;
}

test.for(['native', 'wasm'] as const)('%s keeps nothing of a training step', async (engine, { skip }) => {
  if (engine === 'native' && missing !== undefined) skip(missing);
  await train(engine, 3);
  const before = await bytesBeside();
  await train(engine, 20);
  // The tape of a single step has more than 100 kB.
  expect((await bytesBeside()) - before).toBeLessThan(16_384);
});

test('an instance of the module needs no more memory for forty steps than for ten', async () => {
  const made = vi.spyOn(webAssembly!, 'instantiate');
  // Without workers, the instance is one of this thread.
  vi.stubGlobal('process', { ...process, getBuiltinModule: undefined, env: process.env });
  wasm.dispose();
  try {
    await train('wasm', 10);
    const [instance] = await Promise.all(made.mock.results.map((result) => result.value as unknown));
    const { memory } = (instance as { exports: { memory: { buffer: ArrayBuffer } } }).exports;
    const bytes = memory.buffer.byteLength;
    expect(bytes).toBeGreaterThan(0);
    await train('wasm', 30);
    // Free memory lies here and there, so that a page may come to it; forgotten, the steps would take 3 MB.
    expect(memory.buffer.byteLength - bytes).toBeLessThanOrEqual(4 * 65_536);
  } finally {
    wasm.dispose();
    vi.unstubAllGlobals();
    made.mockRestore();
  }
});
