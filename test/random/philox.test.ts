import { describe, expect, it } from 'vitest';
import { philox4x32 } from '../../src/random/index.ts';

type Words4 = [number, number, number, number];

/** The lines "philox4x32 10" of tests/kat_vectors in Random123 1.14: counter, key, output. */
const knownAnswers: [string, Words4, [number, number], Words4][] = [
  ['zeros', [0, 0, 0, 0], [0, 0], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]],
  [
    'ones',
    [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
    [0xffffffff, 0xffffffff],
    [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
  ],
  [
    'digits of pi',
    [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
    [0xa4093822, 0x299f31d0],
    [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
  ],
];

describe('philox4x32', () => {
  it.each(knownAnswers)('gives the published answer for %s', (_name, counter, key, expected) => {
    const out = new Uint32Array(4);
    philox4x32(...counter, ...key, out);
    expect([...out]).toEqual(expected);
  });

  it('agrees with 64-bit integer arithmetic on scattered counters', () => {
    const out = new Uint32Array(4);
    let words = [1, 2, 3, 4, 5, 6];
    for (let trial = 0; trial < 200; trial++) {
      const [c0, c1, c2, c3, k0, k1] = words as [number, number, number, number, number, number];
      philox4x32(c0, c1, c2, c3, k0, k1, out);
      expect([...out]).toEqual(philoxInBigInt([c0, c1, c2, c3], [k0, k1]));
      words = [...out, out[0]! ^ k0, out[3]! ^ k1].map((word) => word >>> 0);
    }
  });
});

/** The definition of the paper, in exact integers. */
function philoxInBigInt(counter: Words4, key: [number, number]): number[] {
  let [c0, c1, c2, c3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
  let [k0, k1] = key.map(BigInt) as [bigint, bigint];
  for (let round = 0; round < 10; round++) {
    const p0 = 0xd2511f53n * c0;
    const p1 = 0xcd9e8d57n * c2;
    [c0, c1, c2, c3] = [(p1 >> 32n) ^ c1 ^ k0, p1 & 0xffffffffn, (p0 >> 32n) ^ c3 ^ k1, p0 & 0xffffffffn];
    k0 = (k0 + 0x9e3779b9n) & 0xffffffffn;
    k1 = (k1 + 0xbb67ae85n) & 0xffffffffn;
  }
  return [c0, c1, c2, c3].map(Number);
}
