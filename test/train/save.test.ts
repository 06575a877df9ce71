import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeSafetensors } from '../../src/files/index.ts';
import { save } from '../../src/train/index.ts';
import { AffineFlow } from './affine-flow.ts';

describe('save', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'liouville-save-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('writes every trained and every kept array, and how to make the flow again', async () => {
    const flow = new AffineFlow(3);
    flow.parameters.flat.set([1, 2, 3, Math.PI, 5e-324, -0.1]);
    flow.state.flat.set([42]);
    const path = join(folder, 'model.safetensors');
    await save(flow, path);
    expect(await readdir(folder)).toEqual(['model.safetensors']);
    const { tensors, metadata } = decodeSafetensors(await readFile(path));
    expect(Object.fromEntries(tensors)).toEqual({
      mean: { shape: [1, 3], data: Float64Array.of(1, 2, 3) },
      logScale: { shape: [1, 3], data: Float64Array.of(Math.PI, 5e-324, -0.1) },
      'state/count': { shape: [1, 1], data: Float64Array.of(42) },
    });
    expect(Object.fromEntries(metadata)).toEqual({
      format: 'liouville',
      version: '1',
      configuration: JSON.stringify({ model: 'affine', options: { dim: 3 } }),
    });
  });

  it('throws io for a folder that is not there', async () => {
    await expect(save(new AffineFlow(1), join(folder, 'none', 'model.safetensors'))).rejects.toMatchObject({
      code: 'io',
    });
  });
});
