import { describe, expect, test } from 'vitest';
import { nativeEngine } from '../../src/engine/native/index.ts';
import { conformance } from './conformance.ts';

const found = nativeEngine();
const sets = 'engine' in found ? found.details.supported : [];

test('there is a native engine, on the widest instruction set of the processor', ({ skip }) => {
  if ('reason' in found) skip(`${found.reason} ${found.remedy}`);
  expect(found).toMatchObject({ engine: { name: 'native' }, details: { instructionSet: sets.at(-1) } });
});

describe.each(sets)('on %s', (set) => {
  const native = nativeEngine(set);
  if ('reason' in native) throw new Error(native.reason);
  conformance(native.engine, 'native', { relative: 1e-12, sameSteps: true, threads: 2 });
  conformance(native.engine, 'native', {
    relative: 1e-5,
    sameSteps: false,
    precision: 'float32',
    threads: 2,
  });
});
