import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { chooseEngine } from '../../src/engine/index.ts';
import { conformance } from './conformance.ts';

const backends: Readonly<Record<string, () => Promise<unknown>>> = {
  cpu: () => import('@tensorflow/tfjs-backend-cpu'),
  wasm: () => import('@tensorflow/tfjs-backend-wasm'),
};

describe.each(Object.entries(backends))('on the backend %s', (backend, load) => {
  beforeAll(async () => {
    await load();
    await tf.setBackend(backend);
  });
  conformance(chooseEngine('tfjs'), 'tfjs', { relative: 1e-5, sameSteps: false, precision: 'float32' });
  test('it was that backend', () => {
    expect(tf.getBackend()).toBe(backend);
  });
});
