import { describe, expect, it } from 'vitest';
import { hashName, namedStream } from '../../src/random/index.ts';

describe('hashName', () => {
  it('is FNV-1a, with its published values', () => {
    expect(hashName('')).toBe(0x811c9dc5);
    expect(hashName('a')).toBe(0xe40c292c);
    expect(hashName('foobar')).toBe(0xbf9cf968);
  });

  it('reads names as UTF-8 and keeps its values', () => {
    expect(hashName('é')).toBe(0x1e9de8c1);
    expect(hashName('cnf.0.layer.1.weight')).toBe(0x18111348);
  });
});

describe('namedStream', () => {
  it('gives each part of a name its own stream', () => {
    expect(namedStream('a')).toBe(0xe40c292c);
    expect(namedStream('a', 3)).toBe(3 * 2 ** 32 + 0xe40c292c);
    expect(namedStream('a', 2 ** 21 - 1)).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER);
  });

  it.each([-1, 0.5, 2 ** 21, NaN])('refuses part %d', (part) => {
    expect(() => namedStream('a', part)).toThrow(/^part must be an integer from 0 to 2\^21 - 1; got/);
  });
});
