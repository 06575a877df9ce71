import { describe, expect, test } from 'vitest';
import { realNVP } from '../../src/discrete/index.ts';
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

test('a gradient that is taken back is empty, and the next one has the same bits', async ({ skip }) => {
  if ('reason' in found) return skip(`${found.reason} ${found.remedy}`);
  // So many parameters that the engine hands its memory over instead of copying it (makeFloat64Array).
  const flow = realNVP({ dim: 2, layers: 4, hidden: [128, 128] });
  expect(flow.parameters.count).toBeGreaterThan(2 ** 16);
  const rows = [
    [1, 2],
    [3, 5],
  ];
  const { flat } = await flow.lossAndGradient(rows, { engine: 'native' });
  const before = flat.slice();
  found.engine.release(flat);
  expect(flat).toHaveLength(0);
  const again = await flow.lossAndGradient(rows, { engine: 'native' });
  expect(again.flat).toEqual(before);
});

test('of a larger buffer nothing is taken back', ({ skip }) => {
  if ('reason' in found) return skip(`${found.reason} ${found.remedy}`);
  const part = new Float64Array(4).fill(7).subarray(1, 3);
  found.engine.release(part);
  expect(part).toEqual(Float64Array.of(7, 7));
});
