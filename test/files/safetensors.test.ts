import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSafetensors, encodeSafetensors } from '../../src/files/index.ts';
import type { Tensor } from '../../src/files/index.ts';
import { ascii, decodeHostile, join, mutate, refusal } from './hostile.ts';

/** A file made by hand. */
function file(header: unknown, data: readonly number[] = []): Uint8Array {
  const json = typeof header === 'string' ? header : JSON.stringify(header);
  const length = new Uint8Array(BigUint64Array.of(BigInt(json.length)).buffer);
  return join(length, ascii(json), Uint8Array.from(data));
}

const zeros = (count: number) => new Array<number>(count).fill(0);
const entry = (dtype: string, shape: unknown, begin: unknown, end: unknown) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

describe('decodeSafetensors', () => {
  it('reads every data type that it knows', () => {
    const { tensors, metadata } = decodeSafetensors(
      file(
        {
          __metadata__: { format: 'pt' },
          f64: entry('F64', [1], 0, 8),
          f32: entry('F32', [1], 8, 12),
          f16: entry('F16', [2], 12, 16),
          bf16: entry('BF16', [1, 1], 16, 18),
          i64: entry('I64', [], 18, 26),
          i32: entry('I32', [1], 26, 30),
          u8: entry('U8', [2], 30, 32),
          none: entry('F32', [0, 5], 32, 32),
        },
        [
          [0, 0, 0, 0, 0, 0, 0xf0, 0xbf],
          [0, 0, 0x80, 0x3f],
          [0x00, 0xc0, 0x00, 0x7c],
          [0x80, 0x3f],
          [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
          [0xfd, 0xff, 0xff, 0xff],
          [7, 255],
        ].flat(),
      ),
    );
    expect(Object.fromEntries(tensors)).toEqual({
      f64: { shape: [1], data: Float64Array.of(-1) },
      f32: { shape: [1], data: Float32Array.of(1) },
      f16: { shape: [2], data: Float32Array.of(-2, Infinity) },
      bf16: { shape: [1, 1], data: Float32Array.of(1) },
      i64: { shape: [], data: BigInt64Array.of(-2n) },
      i32: { shape: [1], data: Int32Array.of(-3) },
      u8: { shape: [2], data: Uint8Array.of(7, 255) },
      none: { shape: [0, 5], data: new Float32Array(0) },
    });
    expect([...metadata]).toEqual([['format', 'pt']]);
  });

  it('reads an empty file, padding, escaped names and keys it does not know', () => {
    expect(decodeSafetensors(file('{}   ')).tensors.size).toBe(0);
    const { tensors } = decodeSafetensors(
      file('{"a\\"\\u007b}b":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"note":{"dtype":"x"}}}', [5]),
    );
    expect([...tensors]).toEqual([['a"{}b', { shape: [1], data: Uint8Array.of(5) }]]);
  });

  it('keeps names that objects treat in their own way', () => {
    const { tensors } = decodeSafetensors(
      file('{"__proto__":{"dtype":"U8","shape":[],"data_offsets":[0,1]}}', [5]),
    );
    expect([...tensors.keys()]).toEqual(['__proto__']);
  });

  const huge = 2 ** 60;
  const bad: [string, Uint8Array, RegExp][] = [
    ['an empty file', new Uint8Array(0), /^a: has 0 bytes; a \.safetensors file begins with 8/],
    [
      'a header of 2^63 bytes',
      join(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 128), ascii('{}')),
      /header of 9223372036854775808 bytes; at most 16777216/,
    ],
    [
      'a header beyond the end',
      join(Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 0), ascii('{}')),
      /header of 9 bytes, but ends 2 bytes into it/,
    ],
    ['no JSON', file('{"a":'), /header is not JSON/],
    ['a header with a byte order mark', file('\u00ef\u00bb\u00bf{}'), /header is not JSON/],
    ['a list', file('[]'), /is not a JSON object/],
    ['a header that begins with a space', file(' {}'), /is not a JSON object/],
    [
      'a name that stands twice',
      file(
        '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a" :{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
        [1],
      ),
      /has the name "a" twice/,
    ],
    ['a name that stands twice under escapes', file('{"a":1,"\\u0061":2}'), /has the name "a" twice/],
    ['a field that stands twice', file('{"a":{"dtype":"U8","dtype":"F64"}}'), /has the name "dtype" twice/],
    ['metadata that are no strings', file({ __metadata__: { n: 1 } }), /__metadata__\.n is not a string/],
    ['metadata that are no object', file({ __metadata__: 'x' }), /__metadata__ is not an object/],
    ['an entry that is no object', file({ a: 1 }), /tensor "a": its entry is not an object/],
    [
      'an unknown data type',
      file({ a: entry('F8_E4M3', [1], 0, 1) }, [1]),
      /tensor "a" has dtype 'F8_E4M3'; read are F64/,
    ],
    ['no data type', file({ a: { shape: [], data_offsets: [0, 1] } }, [1]), /its dtype is not a string/],
    [
      '2^60 entries',
      file({ a: entry('F64', [huge], 0, 8) }, zeros(8)),
      /its shape is not a list of integers/,
    ],
    [
      '2^100 entries',
      file({ a: entry('F64', [2 ** 50, 2 ** 50], 0, 8) }, zeros(8)),
      /needs 1\.0.*e\+31 bytes; .* give 8/,
    ],
    [
      'offsets beyond the end',
      file({ a: entry('U8', [2 ** 50], 0, 2 ** 50) }, [1]),
      /end at byte 1125899906842624 .* have 1: is it truncated/,
    ],
    ['a negative size', file({ a: entry('U8', [-1, -1], 0, 1) }, [1]), /its shape is not a list/],
    [
      'a fractional offset',
      file({ a: entry('U8', [1], 0.5, 1.5) }, [1, 1]),
      /data_offsets are not \[begin, end\]/,
    ],
    ['offsets in the wrong order', file({ a: entry('U8', [0], 1, 0) }, [1]), /data_offsets are not/],
    [
      'three offsets',
      file({ a: { dtype: 'U8', shape: [1], data_offsets: [0, 1, 1] } }, [1]),
      /data_offsets are not/,
    ],
    [
      'a shape that does not fill its bytes',
      file({ a: entry('F32', [3], 0, 16) }, zeros(16)),
      /F32 \[3\] needs 12 bytes; .*\[0, 16\] give 16/,
    ],
    [
      'tensors that overlap',
      file({ a: entry('U8', [4], 0, 4), b: entry('U8', [4], 3, 7) }, zeros(7)),
      /"a" and "b" overlap/,
    ],
    [
      'a hole',
      file({ a: entry('U8', [1], 0, 1), b: entry('U8', [1], 2, 3) }, zeros(3)),
      /bytes 1 to 2 of its data, before "b", belong to no tensor/,
    ],
    ['bytes left over', file({ a: entry('U8', [1], 0, 1) }, zeros(2)), /the rest belongs to no tensor/],
  ];

  it.each(bad)('refuses %s', (_name, bytes, message) => {
    const { error, allocated } = refusal(() => decodeSafetensors(bytes, 'a'));
    expect(error.message).toMatch(message);
    expect(allocated).toBe(0);
  });

  it('reads a header of one very long string', () => {
    const text = '\\n'.repeat(2_000_000);
    const { metadata } = decodeSafetensors(file(`{"__metadata__":{"long":"${text}"}}`));
    expect(metadata.get('long')).toHaveLength(2_000_000);
  });
});

describe('encodeSafetensors', () => {
  it('puts wide entries first and aligns every tensor', () => {
    const tensors = new Map<string, Tensor>([
      ['c', { shape: [3], data: Uint8Array.of(1, 2, 3) }],
      ['b', { shape: [1], data: Float32Array.of(1) }],
      ['a', { shape: [1], data: Float32Array.of(2) }],
      ['z', { shape: [], data: Float64Array.of(3) }],
    ]);
    const bytes = encodeSafetensors(tensors, new Map([['k', 'v']]));
    const headerBytes = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    expect(headerBytes % 8).toBe(0);
    expect(new TextDecoder().decode(bytes.subarray(8, 8 + headerBytes)).trimEnd()).toBe(
      '{"__metadata__":{"k":"v"},"z":{"dtype":"F64","shape":[],"data_offsets":[0,8]},' +
        '"a":{"dtype":"F32","shape":[1],"data_offsets":[8,12]},"b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]},' +
        '"c":{"dtype":"U8","shape":[3],"data_offsets":[16,19]}}',
    );
    expect(encodeSafetensors(new Map([...tensors].toReversed()), new Map([['k', 'v']]))).toEqual(bytes);
  });

  it('refuses a shape that disagrees with the entries, and the reserved name', () => {
    const tensor = { shape: [2], data: new Float64Array(3) };
    expect(() => encodeSafetensors(new Map([['w', tensor]]))).toThrow(
      /tensor "w": shape \[2\] and 3 entries disagree/,
    );
    expect(() => encodeSafetensors(new Map([['__metadata__', { shape: [3], data: tensor.data }]]))).toThrow(
      /must not be named '__metadata__'/,
    );
  });
});

const data = fc.oneof(
  fc.float64Array({ maxLength: 6 }),
  fc.float32Array({ maxLength: 6 }),
  fc.bigInt64Array({ maxLength: 6 }),
  fc.int32Array({ maxLength: 6 }),
  fc.uint8Array({ maxLength: 6 }),
);
const tensor = data.map((values) => ({
  shape: values.length % 2 === 0 ? [values.length / 2, 2] : [values.length],
  data: values,
}));
const names = fc.string({ unit: 'binary', maxLength: 6 }).filter((name) => name !== '__metadata__');

describe('properties', () => {
  it('what is written is read back, bit for bit', () => {
    const tensors = fc.array(fc.tuple(names, tensor), { maxLength: 5 }).map((pairs) => new Map(pairs));
    const metadata = fc
      .array(fc.tuple(fc.string(), fc.string()), { maxLength: 3 })
      .map((pairs) => new Map(pairs));
    fc.assert(
      fc.property(tensors, metadata, (tensors, metadata) => {
        const file = decodeSafetensors(encodeSafetensors(tensors, metadata));
        expect(file.tensors).toEqual(tensors);
        expect(file.metadata).toEqual(metadata);
      }),
    );
  });

  const sample = encodeSafetensors(
    new Map<string, Tensor>([
      ['weight', { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }],
      ['bias', { shape: [1], data: Float64Array.of(5) }],
    ]),
    new Map([['config', '{"dim":2}']]),
  );

  it('every truncation is refused', () => {
    for (let length = 0; length < sample.length; length++) {
      expect(refusal(() => decodeSafetensors(sample.subarray(0, length))).allocated).toBe(0);
    }
  });

  it('no mutation breaks it or makes it allocate more than the file pays for', () => {
    const change = fc.tuple(fc.nat(sample.length - 1), fc.integer({ min: 0, max: 255 }));
    const inHeader = fc.tuple(
      fc.integer({ min: 8, max: sample.length - 25 }),
      fc.constantFrom(...ascii('0123456789,[]{}":e-')),
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(change, inHeader), { minLength: 1, maxLength: 4 }), (changes) => {
        const mutant = mutate(sample, changes);
        const { allocated } = decodeHostile(() => decodeSafetensors(mutant));
        expect(allocated).toBeLessThanOrEqual(2 * mutant.length);
      }),
      { numRuns: 3000 },
    );
  });
});
