import { gzipSync } from 'fflate';
import { parquetWriteBuffer } from 'hyparquet-writer';
import type { ParquetWriteOptions } from 'hyparquet-writer/src/types.js';

type Options = Omit<ParquetWriteOptions, 'writer'>;

/** A Parquet file, by a library that is not ours. */
export function parquet(
  columnData: Options['columnData'],
  options: Omit<Options, 'columnData'> = {},
): Uint8Array {
  return new Uint8Array(parquetWriteBuffer({ columnData, compressors: packers, ...options }));
}

/** Valid streams of codecs that nothing here compresses with: the bytes as they are, in the codec's frame. */
export const packers = {
  GZIP: (bytes: Uint8Array) => gzipSync(bytes),
  ZSTD: (bytes: Uint8Array) => {
    // One segment, its size in four bytes, one raw block.
    const block = (bytes.length << 3) | 1;
    return Uint8Array.from([
      0x28,
      0xb5,
      0x2f,
      0xfd,
      0xa0,
      ...littleEndian(bytes.length, 4),
      ...littleEndian(block, 3),
      ...bytes,
    ]);
  },
  LZ4_RAW: (bytes: Uint8Array) => {
    // One sequence of literals: 15 in the token and the rest in steps of 255.
    const rest = bytes.length - 15;
    if (rest < 0) return Uint8Array.from([bytes.length << 4, ...bytes]);
    const steps = Array.from({ length: Math.floor(rest / 255) }, () => 255);
    return Uint8Array.from([0xf0, ...steps, rest % 255, ...bytes]);
  },
};

function littleEndian(value: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.floor(value / 256 ** i) % 256);
}
