import type { Matrix } from '../matrix.ts';
import type { TrainingRows } from './rows.ts';

/** Digested at a time: the platform takes no arrays of any length. */
const CHUNK = 2 ** 26;

/** SHA-256 as hexadecimal digits; of more than 64 MiB, that of the digests of every 64 MiB. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  if (bytes.length <= CHUNK) {
    const digest = new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', bytes));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += CHUNK) parts.push(await sha256(bytes.subarray(at, at + CHUNK)));
  return sha256(new TextEncoder().encode(parts.join()));
}

/** What a run knows its rows by: equal for equal rows, context and noise, and practically never otherwise. */
export async function fingerprint({ train, validation }: TrainingRows): Promise<string> {
  const parts = [train.x, train.context, train.noise, validation?.x, validation?.context];
  const digests = await Promise.all(parts.map(digestOf));
  return sha256(new TextEncoder().encode(digests.join()));
}

async function digestOf(matrix: Matrix | null | undefined): Promise<string> {
  if (matrix == null) return '';
  const { data, rows, cols } = matrix;
  const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  return `${rows} ${cols} ${await sha256(bytes)}`;
}
