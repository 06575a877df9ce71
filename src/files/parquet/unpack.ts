import type { Fail } from './thrift.ts';

/** Undoes a page's compression; `size` is what the page is to unpack to, and has been found plausible. */
export type Unpack = (packed: Uint8Array, size: number) => Uint8Array;

/** Codecs by their numbers in parquet.thrift. 3, LZO, has no reader. */
const CODECS = ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'LZO', 'BROTLI', 'LZ4', 'ZSTD', 'LZ4_RAW'] as const;

/** How pages of this codec are unpacked. Whatever a codec throws becomes an error of `fail`. */
export async function unpacker(codec: number, fail: Fail): Promise<Unpack> {
  const name = CODECS[codec];
  const checked =
    (unpack: Unpack): Unpack =>
    (packed, size) => {
      let unpacked: Uint8Array;
      try {
        unpacked = unpack(packed, size);
      } catch (error) {
        throw fail(`a page is damaged: ${error instanceof Error ? error.message : String(error)}`);
      }
      if (unpacked.length === size) return unpacked;
      throw fail(`a page unpacks to ${unpacked.length} bytes instead of ${size}`);
    };
  if (name === 'UNCOMPRESSED') return checked((packed) => packed);
  const codecs = await import('hyparquet-compressors');
  switch (name) {
    case 'SNAPPY':
      return checked(codecs.decompressSnappy);
    case 'GZIP':
      return checked(codecs.decompressGzip);
    case 'BROTLI':
      return checked(codecs.decompressBrotli);
    case 'LZ4':
      return checked(codecs.decompressLz4);
    // Into an array of ours: it would allocate what the frame claims.
    case 'ZSTD':
      return checked((packed, size) => codecs.decompressZstd(packed, new Uint8Array(size)));
    case 'LZ4_RAW':
      return checked(codecs.decompressLz4Raw);
    default:
      throw fail(`it is compressed with ${name ?? `method ${codec}`}, which is not read`);
  }
}
