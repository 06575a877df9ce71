import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { TestContext } from 'vitest';
import { decodeSafetensors, readBytes, readTable } from '../../src/files/index.ts';

/** Data whose licences keep them out of the project stand beside it: their path, or a skipped test. */
function beside(path: string, context: TestContext): string {
  const absolute = fileURLToPath(new URL(`../../../shared/${path}`, import.meta.url));
  context.skip(!existsSync(absolute), `../shared/${path} is not there`);
  return absolute;
}

describe('files written by other programs', () => {
  it('MINIBOONE validation rows, written by NumPy', async (context) => {
    const path = beside('data/miniboone/val.npy', context);
    const { matrix, columns } = await readTable(path);
    expect([matrix.rows, matrix.cols, columns.length]).toEqual([3284, 43, 43]);
    // Entries (0, 0), (100, 7) and the last, and the sum of squares, as NumPy shows them.
    const { data } = matrix;
    expect([data[0], data[100 * 43 + 7], data.at(-1)]).toEqual([
      -1.2124625996563256, 1.0512347101068353, -1.4248889859989249,
    ]);
    expect(Float64Array.from(data, (value) => value * value).reduce((a, b) => a + b)).toBeCloseTo(
      139378.14724590493,
      6,
    );
  });

  it('golden tensors, written by the safetensors package', async (context) => {
    const path = beside('golden/ffjord/concatsquash-tanh-2d.safetensors', context);
    const { tensors, metadata } = decodeSafetensors(await readBytes(path), path);
    expect(JSON.parse(metadata.get('config')!)).toMatchObject({ dim: 2 });
    const x = tensors.get('x')!;
    expect(x.shape).toEqual([64, 2]);
    expect([...x.data.subarray(0, 2)]).toEqual([0.9046133757720338, 1.0698606803950101]);
    expect(tensors.size).toBe(48);
  });
});
