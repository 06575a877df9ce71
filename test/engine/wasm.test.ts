import { describe, expect, test } from 'vitest';
import { wasmEngine } from '../../src/engine/wasm/index.ts';
import { supportedBuilds } from '../../src/engine/wasm/support.ts';
import { conformance } from './conformance.ts';

test('there is a WebAssembly engine, on the best build that runs here', () => {
  expect(wasmEngine()).toMatchObject({
    engine: { name: 'wasm' },
    details: { instructionSet: supportedBuilds().at(-1) },
  });
});

describe.each(supportedBuilds())('on the build %s', (build) => {
  const found = wasmEngine(build);
  if ('reason' in found) throw new Error(found.reason);
  conformance(found.engine, 'wasm', { relative: 1e-12, sameSteps: true, threads: 2 });
  conformance(found.engine, 'wasm', {
    relative: 1e-5,
    sameSteps: false,
    precision: 'float32',
    threads: 2,
  });
});
