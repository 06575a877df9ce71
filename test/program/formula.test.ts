import * as fc from 'fast-check';
import { parse } from 'mathjs/number';
import { describe, expect, it } from 'vitest';
import { chooseEngine } from '../../src/engine/index.ts';
import { LiouvilleError } from '../../src/errors.ts';
import { formula, trace } from '../../src/program/index.ts';

const reference = chooseEngine('reference');
const none = { trained: new Float64Array(0), state: new Float64Array(0) };

async function valueOf(text: string, t: number, x: readonly number[]): Promise<number[]> {
  const traced = await formula(text, ['t', 'x']);
  const program = trace('formula', { t: 1, x: x.length }, ({ t: time, x: row }) => ({
    y: traced({ t: time, x: row }),
  }));
  const result = await reference.run(program, none, 1, { t: Float64Array.of(t), x: Float64Array.from(x) });
  return [...result['y']!];
}

describe('formula', () => {
  it.each<[string, number[]]>([
    ['1 + 2 * 3', [7]],
    ['2 pi t', [2 * Math.PI * 0.5]],
    ['-x[1]^2 + x[2]/4', [-9 - 0.5]],
    ['x[2]^3 - x[2]^-2', [-8 - 0.25]],
    ['x[1]^0', [1]],
    ['3^(1/2)', [Math.sqrt(3)]],
    ['x[1] > 0 ? e : t', [Math.E]],
    ['x[2] > 0 ? e : t', [0.5]],
    ['t < 1', [1]],
    ['max(x[1], 5) + min(t, 0) + dot(x, x)', [5 + 13]],
    ['-x + 1', [-2, 3]],
    ['sum(x) * +t', [0.5]],
    [
      'tan(t) + sinh(t) + cosh(t) + expm1(t) + log1p(t)',
      [Math.tan(0.5) + Math.sinh(0.5) + Math.cosh(0.5) + Math.expm1(0.5) + Math.log1p(0.5)],
    ],
    [
      'sigmoid(t) + softplus(t) + relu(-t) + square(t) + sign(t)',
      [1 / (1 + Math.exp(-0.5)) + Math.log1p(Math.exp(0.5)) + 0.25 + 1],
    ],
  ])('%s', async (text, expected) => {
    const found = await valueOf(text, 0.5, [3, -2]);
    expect(found).toHaveLength(expected.length);
    found.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 12));
  });

  const leaf = fc.oneof(
    fc.double({ min: 0.1, max: 3, noNaN: true }).map((x) => x.toFixed(3)),
    fc.constantFrom('t', 'x[1]', 'x[2]', 'pi'),
  );
  const texts = fc.letrec<{ text: string }>((tie) => ({
    text: fc.oneof(
      { maxDepth: 4 },
      leaf,
      fc
        .tuple(tie('text'), fc.constantFrom('+', '-', '*'), tie('text'))
        .map(([a, op, b]) => `(${a} ${op} ${b})`),
      fc.tuple(fc.constantFrom('sin', 'cos', 'tanh', 'abs', '-'), tie('text')).map(([f, a]) => `${f}(${a})`),
      tie('text').map((a) => `(${a})^2`),
      fc.tuple(tie('text'), tie('text')).map(([a, b]) => `(${a}) / (1 + abs(${b}))`),
      fc.tuple(tie('text'), tie('text'), leaf).map(([a, b, c]) => `(${a} < ${b} ? ${c} : ${a})`),
    ),
  })).text;

  it('means what mathjs says that it means', async () => {
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: -200, max: 200 }), async (text, percent) => {
        // mathjs takes numbers that are nearly equal for equal.
        const t = percent / 100;
        fc.pre(text.length < 400);
        // mathjs has no entries of arrays of numbers in this build.
        const scope = { t, x1: 0.7, x2: -1.3 };
        const expected = Number(parse(text.replaceAll(/x\[(\d)\]/g, 'x$1')).evaluate(scope));
        const [found] = await valueOf(text, t, [0.7, -1.3]);
        expect(Math.abs(found! - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));
      }),
      { numRuns: 150, seed: 7 },
    );
  });

  it.each([
    'import("fs")',
    'constructor',
    'x.constructor',
    'x["constructor"]',
    'f(x) = x',
    't = 3',
    'x[1] = 2',
    't; t',
    '"text"',
    '[1, 2]',
    '{a: 1}',
    '1:3',
    't!',
    't % 2',
    't == 1',
    'not t',
    'evaluate("1")',
    'parse("1")',
    'toString(t)',
    'hasOwnProperty(t)',
    '__proto__',
    'sin.constructor("return 1")()',
    '(sin)(t)(t)',
    'sin(t, t)',
    'max(t)',
    'x[0]',
    'x[t]',
    'x[1, 2]',
    'x[1.5]',
    'q',
    'i',
    'true',
    'null',
    'Infinity',
    '1e999',
    '2 cm',
    'sin',
    '',
    '   ',
    '(',
    't +',
    '('.repeat(1500),
    '1+'.repeat(1500),
  ])('refuses %s', async (text) => {
    await expect(formula(text, ['t', 'x'])).rejects.toMatchObject({ code: 'invalid-argument' });
  });

  it('says where', async () => {
    await expect(formula('t + foo(3)', ['t'])).rejects.toMatchObject({
      message: expect.stringMatching(
        /^formula 't \+ foo\(3\)' at character 5: expected .*; got the function 'foo' of 1\.$/,
      ) as string,
    });
    await expect(formula('t + (2', ['t'])).rejects.toMatchObject({
      message: expect.stringMatching(/char 7/) as string,
    });
    const late = await formula('x[3]', ['x']);
    expect(() => trace('late', { x: 2 }, ({ x }) => ({ y: late({ x }) }))).toThrow(
      /x\[3\] where x has 2 entries/,
    );
  });

  it('refuses any other text with that code, whatever it is', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ maxLength: 40 }), async (text) => {
        try {
          await formula(text, ['t', 'x']);
        } catch (error) {
          expect(error).toBeInstanceOf(LiouvilleError);
          expect((error as LiouvilleError).code).toBe('invalid-argument');
        }
      }),
      { numRuns: 500, seed: 3 },
    );
  });
});
