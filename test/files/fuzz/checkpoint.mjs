import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeSafetensors, encodeSafetensors } from '../../../dist/files/index.js';
import { createModel } from '../../../dist/models/index.js';
import { fit, runFiles } from '../../../dist/train/index.js';
import { options, rows } from './training.mjs';
import { list } from './words.mjs';

/**
 * Resuming a run from a checkpoint, of which one step is taken. A changed file gets the checksum that it needs: anybody
 * can compute one.
 * @returns {import('./targets.mjs').Target}
 */
export function checkpoint() {
  const folder = mkdtempSync(join(tmpdir(), 'liouville-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return {
    words: list(`
      "step": "told": "ended": null "seconds" "patience" 1e300 [] {} "F32"
    `),
    async take(bytes) {
      writeFileSync(join(folder, runFiles.checkpoint), signed(bytes));
      const stop = new AbortController();
      try {
        await fit(createModel('gaussian', { dim: 2 }), rows, {
          ...options,
          checkpoint: folder,
          resume: true,
          engine: 'reference',
          signal: stop.signal,
          onStep: () => stop.abort(),
        });
      } catch (error) {
        // Stopped, it was resumed.
        if (/** @type {{ code?: unknown }} */ (error).code !== 'aborted') throw error;
      }
    },
  };
}

/**
 * @param {Uint8Array} bytes
 * @returns {Uint8Array}
 */
function signed(bytes) {
  let file;
  try {
    file = decodeSafetensors(bytes);
  } catch {
    return bytes;
  }
  const { tensors, metadata } = file;
  const unsigned = new Map(metadata);
  unsigned.delete('checksum');
  const checksum = createHash('sha256').update(encodeSafetensors(tensors, unsigned)).digest('hex');
  return encodeSafetensors(tensors, new Map([...unsigned, ['checksum', checksum]]));
}
