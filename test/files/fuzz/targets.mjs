/**
 * What takes bytes, or text. What it returns does not matter; it may throw nothing but a LiouvilleError.
 * @typedef {object} Target
 * @property {(bytes: Uint8Array) => unknown} take
 * @property {readonly string[]} [words] what its inputs are made of, besides the usual
 */

const files = () => import('../../../dist/files/index.js');
const models = () => import('../../../dist/models/index.js');

/**
 * Every target by its name; each loads its code only when it is asked for, so that the counters see nothing else.
 * @type {Record<string, () => Promise<Target>>}
 */
export const targets = {
  safetensors: async () => ({ take: (await files()).decodeSafetensors }),
  npy: async () => ({ take: (await files()).decodeNpy }),
  npz: async () => {
    const { decodeNpz } = await files();
    return { take: (bytes) => decodeNpz(bytes, 'x') };
  },
  csv: async () => ({ take: (await files()).decodeCsv }),
  parquet: async () => ({ take: (await files()).decodeParquet }),
  model: async () => ({ take: (await models()).load }),
  table: async () => ({ take: (await files()).readTable }),
  checkpoint: async () => (await import('./checkpoint.mjs')).checkpoint(),
  config: async () => (await import('./command.mjs')).config(),
  command: async () => (await import('./command.mjs')).command(),
  formula: async () => (await import('./formula.mjs')).formula(),
};
