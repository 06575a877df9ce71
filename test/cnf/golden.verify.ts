import { describe, expect, it } from 'vitest';
import { goldenNames, largestOf, lossSlope, readGolden } from './golden.ts';

describe.each(goldenNames)('published FFJORD gradients: %s', (name) => {
  it(
    'where ours and theirs are farthest apart, ours is the derivative',
    { timeout: 1_200_000 },
    async (context) => {
      const golden = await readGolden(name, context);
      const { flow, rows, differentiated } = golden;
      const options = { ...golden.options, rtol: 1e-12, atol: 1e-12 };
      const { gradient } = await flow.lossAndGradient(rows('x'), options);
      const largest = largestOf(gradient.values());
      const entries = differentiated.map((parameter) => {
        const [ours, theirs] = [gradient.get(parameter)!.data, rows(`grad/${parameter}`).data];
        const apart = Array.from(ours, (value, i) => Math.abs(value - theirs[i]!));
        const index = apart.indexOf(Math.max(...apart));
        return { parameter, index, apart: apart[index]!, ours: ours[index]!, theirs: theirs[index]! };
      });
      const worst = entries.sort((a, b) => b.apart - a.apart).slice(0, 4);
      for (const { parameter, index, ours, theirs } of worst) {
        const direction = Float64Array.from(gradient.get(parameter)!.data, (_, i) => (i === index ? 1 : 0));
        const slope = await lossSlope(golden, rows('x'), options, parameter, direction, 0.08);
        expect(Math.abs(slope - ours)).toBeLessThan(1e-9 * largest);
        expect(Math.abs(slope - theirs)).toBeGreaterThan(5 * Math.abs(slope - ours));
      }
    },
  );
});
