/** What a file begins with, and what such a file is. */
const SIGNATURES: readonly (readonly [signature: readonly number[], what: string])[] = [
  [[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], 'an .npy file'],
  [[0x50, 0x4b, 0x03, 0x04], 'a zip archive, as .npz and .xlsx files are'],
  [[0x50, 0x4b, 0x05, 0x06], 'an empty zip archive'],
  [[0x50, 0x41, 0x52, 0x31], 'a Parquet file'],
  [[0x50, 0x41, 0x52, 0x45], 'an encrypted Parquet file'],
  [[0x1f, 0x8b], 'a gzip file (unpack it first)'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'a zstd file (unpack it first)'],
  [[0x42, 0x5a, 0x68], 'a bzip2 file (unpack it first)'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a], 'an xz file (unpack it first)'],
  [[0x89, 0x48, 0x44, 0x46], 'an HDF5 file'],
  [[0x41, 0x52, 0x52, 0x4f, 0x57, 0x31], 'an Arrow file'],
  [[0x80, 0x02], 'a Python pickle'],
  [[0x80, 0x04], 'a Python pickle'],
  [[0x89, 0x50, 0x4e, 0x47], 'a PNG picture'],
  [[0xff, 0xd8, 0xff], 'a JPEG picture'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF document'],
  [[0xd0, 0xcf, 0x11, 0xe0], 'an old Excel file'],
  [[0x53, 0x51, 0x4c, 0x69, 0x74, 0x65], 'an SQLite database'],
];

/** What the first bytes of a file say that it is; undefined when they say nothing. */
export function looksLike(bytes: Uint8Array): string | undefined {
  const found = SIGNATURES.find(([signature]) => signature.every((byte, i) => bytes[i] === byte));
  if (found !== undefined) return found[1];
  // A .safetensors file begins with the length of a JSON text.
  if (bytes[7] === 0 && bytes[8] === 0x7b && bytes[9] === 0x22) return 'a .safetensors file';
  const start = new TextDecoder('latin1').decode(bytes.subarray(0, 512));
  if (/^(?:\xef\xbb\xbf)?\s*<(?:!doctype|html|\?xml)/i.test(start)) return 'a web page or XML';
  if (/^(?:\xef\xbb\xbf)?\s*[[{]/.test(start)) return 'JSON';
  // eslint-disable-next-line no-control-regex -- text is what has no control characters
  return start !== '' && !/[\x00-\x08\x0e-\x1f\x80-\xff]/.test(start) ? 'text' : undefined;
}

/** `looksLike` as the end of a sentence; nothing where the bytes say nothing. */
export function looksLikeHint(bytes: Uint8Array): string {
  const what = looksLike(bytes);
  return what === undefined ? '' : ` It looks like ${what}.`;
}
