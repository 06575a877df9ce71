/** No input grows beyond this: what matters is structure, not size. */
const LARGEST = 4096;

/** What readers of bytes stumble over. */
const NUMBERS = [
  0n,
  1n,
  7n,
  127n,
  128n,
  255n,
  256n,
  32767n,
  65535n,
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 53n,
  2n ** 60n,
  2n ** 63n,
  2n ** 64n - 1n,
];
const TEXTS = [
  '1152921504606846976',
  '-1',
  '0',
  '1e999',
  'nan',
  ',',
  ';',
  '\t',
  '"',
  '\r\n',
  '(',
  ')',
  ', ',
  "'",
  '\\u0000',
  '{}',
  '[]',
  ':',
  'True',
  '>f2',
  '|O',
  '\ufeff',
];

/**
 * One to eight changes of an input.
 * @param {Uint8Array} bytes
 * @param {readonly Uint8Array[]} corpus
 * @param {(n: number) => number} below
 * @param {readonly string[]} words what texts are made of, besides the usual
 * @returns {Uint8Array}
 */
export function mutated(bytes, corpus, below, words) {
  /** @type {Uint8Array} */
  let input = Uint8Array.from(bytes);
  for (let changes = 1 + below(below(3) === 0 ? 8 : 2); changes > 0; changes--)
    input = change(input, corpus, below, [...TEXTS, ...words, ...words]);
  return input.subarray(0, LARGEST);
}

/**
 * @param {Uint8Array} input
 * @param {readonly Uint8Array[]} corpus
 * @param {(n: number) => number} below
 * @param {readonly string[]} texts
 * @returns {Uint8Array}
 */
function change(input, corpus, below, texts) {
  const at = below(input.length + 1);
  const end = Math.min(input.length, at + 1 + below(below(2) === 0 ? 8 : 64));
  switch (below(11)) {
    case 0:
    case 1:
      if (at < input.length) input[at] = (input[at] ?? 0) ^ (1 << below(8));
      return input;
    case 2:
      if (at < input.length) input[at] = below(256);
      return input;
    case 3:
    case 4: {
      const size = 1 << below(4);
      const big = below(4) === 0;
      const value = NUMBERS[below(NUMBERS.length)] ?? 0n;
      for (let i = 0; i < size && at + i < input.length; i++) {
        const byte = big ? size - 1 - i : i;
        input[at + i] = Number((value >> BigInt(8 * byte)) & 255n);
      }
      return input;
    }
    case 5:
      return splice(input, at, end, new Uint8Array(0));
    case 6:
      return splice(input, at, at, input.subarray(at, end));
    case 7: {
      const other = corpus[below(corpus.length)] ?? input;
      const from = below(other.length + 1);
      return splice(input, at, below(2) === 0 ? end : at, other.subarray(from, from + 1 + below(64)));
    }
    case 8: {
      const text = new TextEncoder().encode(texts[below(texts.length)]);
      return splice(input, at, Math.min(input.length, at + (below(2) === 0 ? text.length : 0)), text);
    }
    case 9:
      return splice(
        input,
        at,
        at,
        Uint8Array.from({ length: 1 + below(8) }, () => below(256)),
      );
    default:
      return below(4) === 0 ? input.slice(0, at) : input;
  }
}

/**
 * @param {Uint8Array} input
 * @param {number} from
 * @param {number} to
 * @param {Uint8Array} middle
 */
function splice(input, from, to, middle) {
  const result = new Uint8Array(from + middle.length + input.length - to);
  result.set(input.subarray(0, from));
  result.set(middle, from);
  result.set(input.subarray(to), from + middle.length);
  return result;
}
