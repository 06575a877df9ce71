// The rows that the papers' tables are about, split and scaled as there.

import { join } from 'node:path';
import { files, library } from '../library.mjs';

/** @typedef {import('../../src/matrix.ts').Matrix} Matrix */

/**
 * @typedef {object} Split
 * @property {Matrix} train
 * @property {Matrix} validation
 * @property {Matrix} test
 * @property {number} logDet of the scaling, the same for every row
 */

/**
 * BSDS300 from the folder that `make_bsds300.py` wrote, standardised by the training rows.
 *
 * @param {string} folder
 * @returns {Promise<Split>}
 */
export async function bsds300(folder) {
  const read = (/** @type {string} */ name) => files.readTable(join(folder, `${name}.npy`));
  const [train, validation, test] = [await read('train'), await read('val'), await read('test')];
  return standardised(train.matrix, validation.matrix, test.matrix);
}

/**
 * MNIST by the recipe of Papamakarios et al. 2017: noise, logit with a margin of 1e-6, the last 10,000 training images for
 * validation; then standardised by the training rows. Its log-likelihoods are those of the logits.
 *
 * @param {string} file mnist.npz
 * @returns {Promise<Split>}
 */
export async function mnistLogits(file) {
  const bytes = await files.readBytes(file);
  const [all, test] = [await images(bytes, 'x_train'), await images(bytes, 'x_test')];
  const kept = 50_000;
  return standardised(
    await logits(rowsOf(all, 0, kept), 1),
    await logits(rowsOf(all, kept, all.rows), 2),
    await logits(test, 3),
  );
}

/**
 * @param {Uint8Array} bytes of an .npz file
 * @param {string} key of an array of images
 * @returns {Promise<Matrix>} a row for each
 */
async function images(bytes, key) {
  const { shape, data } = await files.decodeNpz(bytes, key);
  const [rows = 0] = shape;
  return { data, rows, cols: data.length / rows };
}

/**
 * @param {Matrix} pixels
 * @param {number} seed of the noise
 */
async function logits(pixels, seed) {
  const { chain, createFlow, dequantise, elementwise, standardNormal } = library;
  const flow = createFlow({
    name: 'logits',
    transform: chain([elementwise.logit(pixels.cols, 1e-6)]),
    base: standardNormal(pixels.cols),
    configuration: { model: 'logits', options: {} },
  });
  const { z } = await flow.transform(dequantise(pixels, { levels: 256, seed }), { precision: 'float64' });
  return z;
}

/**
 * @param {Matrix} train
 * @param {Matrix} validation
 * @param {Matrix} test
 * @returns {Split}
 */
function standardised(train, validation, test) {
  const columns = Array.from({ length: train.cols }, (_, i) => `${i}`);
  const scale = library.standardiser({ matrix: train, columns });
  return {
    train: scale.apply(train),
    validation: scale.apply(validation),
    test: scale.apply(test),
    logDet: scale.logDet,
  };
}

/**
 * @param {Matrix} matrix
 * @param {number} from
 * @param {number} to
 * @returns {Matrix}
 */
export function rowsOf({ data, cols }, from, to) {
  return { data: data.slice(from * cols, to * cols), rows: to - from, cols };
}
