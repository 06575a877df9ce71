import { mayUnpackTo } from '../../files/limits.ts';
import { badFile } from '../../files/table.ts';

/**
 * Unpacks LZF (Lehmann's LibLZF), as compressed .pcd files hold it: a byte below 32 begins that many literal bytes and one
 * more; others repeat what was written before. Throws 'bad-file' unless exactly `size` bytes come out, which is checked for
 * being in proportion before they are allocated.
 */
export function decompressLzf(packed: Uint8Array, size: number, source: string): Uint8Array {
  if (!mayUnpackTo(size, packed.length)) {
    throw badFile(source, `${packed.length} bytes claim to unpack to ${size}: refused.`);
  }
  const out = new Uint8Array(size);
  let [from, to] = [0, 0];
  const damaged = (): Error => badFile(source, 'its compressed data are damaged.');
  while (from < packed.length) {
    const control = packed[from++]!;
    if (control < 32) {
      const count = control + 1;
      if (from + count > packed.length || to + count > size) throw damaged();
      out.set(packed.subarray(from, from + count), to);
      from += count;
      to += count;
      continue;
    }
    let length = control >> 5;
    if (length === 7) length += packed[from++] ?? Infinity;
    const back = ((control & 31) << 8) + (packed[from++] ?? Infinity) + 1;
    length += 2;
    if (!(back <= to) || !(to + length <= size)) throw damaged();
    // What is repeated may reach into what is being written.
    for (const end = to + length; to < end; to++) out[to] = out[to - back]!;
  }
  if (to !== size) throw damaged();
  return out;
}
