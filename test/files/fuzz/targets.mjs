/**
 * What takes bytes, or text. What it returns does not matter; it may throw nothing but a LiouvilleError.
 * @typedef {object} Target
 * @property {(bytes: Uint8Array) => unknown} take
 * @property {readonly string[]} [words] what its inputs are made of, besides the usual
 */

const files = () => import('../../../dist/files/index.js');
const clouds = () => import('../../../dist/pointcloud/index.js');
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
  ply: async () => ({
    take: (await clouds()).decodePly,
    words:
      'ply|format ascii 1.0|binary_little_endian|binary_big_endian|element vertex 4|element face 1|property float x|property list uchar int vertex_indices|list|double|int8|end_header\n|\n'.split(
        '|',
      ),
  }),
  obj: async () => ({
    take: (await clouds()).decodeObj,
    words: ['v ', 'f ', '/', '//', '-1', '\\\n', '\n', '#'],
  }),
  off: async () => ({
    take: (await clouds()).decodeOff,
    words: ['OFF', 'COFF\n', '3 0 1 2\n', '#', '\n', ' '],
  }),
  xyz: async () => ({ take: (await clouds()).decodeXyz, words: ['\n', ' ', '1e3', '#', ';', '.5'] }),
  pcd: async () => ({
    take: (await clouds()).decodePcd,
    words:
      'FIELDS x y z|SIZE 4|TYPE F|COUNT 1|POINTS 4|DATA ascii\n|DATA binary\n|DATA binary_compressed\n|nan| U |\n'.split(
        '|',
      ),
  }),
  clouds: async () => ({
    take: (await clouds()).readClouds,
    words: ['ply\n', 'OFF', 'VERSION', 'offsets.npy'],
  }),
  table: async () => ({ take: (await files()).readTable }),
  checkpoint: async () => (await import('./checkpoint.mjs')).checkpoint(),
  config: async () => (await import('./command.mjs')).config(),
  command: async () => (await import('./command.mjs')).command(),
  formula: async () => (await import('./formula.mjs')).formula(),
};
