import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planar, radial, sylvester } from '../../src/discrete/index.ts';
import { tanhRoot } from '../../src/discrete/monotone-root.ts';
import { reference } from '../../src/engine/index.ts';
import { trace, vjp } from '../../src/program/index.ts';
import { expectClose, normalRows } from '../flow/rows.ts';
import { flowOf } from '../flow/transforms.ts';

const exact = { precision: 'float64' } as const;
const none = { trained: new Float64Array(0), state: new Float64Array(0) };
const root = trace('root', { y: 1, c: 1, s: 1, b: 1 }, ({ y, c, s, b }) => ({ a: tanhRoot(y, c, s, b) }));

const finite = (size: number) => fc.double({ min: -size, max: size, noNaN: true });
const problems = fc
  .record({ y: finite(1e4), c: finite(20), s: finite(20), b: finite(50) })
  .filter(({ c, s }) => c * s > -0.999);

describe('tanhRoot', () => {
  it('solves a + c tanh(s a + b) = y to rounding, with the derivatives of the root', async () => {
    await fc.assert(
      fc.asyncProperty(problems, async ({ y, c, s, b }) => {
        const inputs = Object.fromEntries(
          Object.entries({ y, c, s, b }).map(([k, x]) => [k, Float64Array.of(x)]),
        );
        const a = (await reference.run(root, none, 1, inputs))['a']![0]!;
        const bent = Math.tanh(s * a + b);
        expect(Math.abs(a + c * bent - y)).toBeLessThan(1e-11 * Math.max(1, Math.abs(y), Math.abs(c)));
        const { cotangents } = await reference.pullback(root, none, 1, inputs, { a: Float64Array.of(1) });
        const bend = 1 - bent * bent;
        const slope = 1 + c * s * bend;
        expectClose([cotangents['y']![0]!], [1 / slope], 1e-8 / slope);
        expectClose([cotangents['c']![0]!], [-bent / slope], 1e-8 / slope);
        expectClose([cotangents['b']![0]!], [(-c * bend) / slope], (1e-7 * (1 + Math.abs(c))) / slope);
        expectClose([cotangents['s']![0]!], [(-c * bend * a) / slope], (1e-6 * (1 + Math.abs(c))) / slope);
      }),
      { numRuns: 300, seed: 2 },
    );
    expect(vjp(root).inputs).toHaveLength(5);
  });
});

/** No zeros: a mirror without a normal and a plane without one are no maps, and their rows are 'non-finite'. */
const away = finite(4).map((x) => x + (x < 0 ? -0.1 : 0.1));
const wild = fc.array(away, { minLength: 60, maxLength: 60 });
const layers = {
  planar: planar({ dim: 3 }),
  radial: radial({ dim: 3 }),
  'sylvester by reflections': sylvester({ dim: 3 }),
  'sylvester, orthogonal': sylvester({ dim: 3, units: 2, form: 'orthogonal' }),
  'sylvester, triangular': sylvester({ dim: 3, form: 'triangular' }),
};

describe.each(Object.entries(layers))('%s', (_name, layer) => {
  it('can be inverted whatever its parameters are', async () => {
    const flow = flowOf(layer);
    await fc.assert(
      fc.asyncProperty(wild, async (values) => {
        flow.parameters.flat.set(values.slice(0, flow.parameters.count));
        const x = normalRows(8, 3, 1, 2);
        const there = await flow.transform(x, exact);
        const back = await flow.inverse(there.z, exact);
        // Where the map almost stands still, an error of rounding in z is a larger one in x.
        const steepest = Math.exp(Math.max(0, ...Array.from(there.logDet, (value) => -value)));
        expectClose(back.x.data, x.data, 1e-9 * steepest);
      }),
      { numRuns: 60, seed: 3 },
    );
  });
});

it("a planar layer has w u = softplus(w u') - 1", async () => {
  const flow = flowOf(planar({ dim: 2 }));
  flow.parameters.set('w', [1, 2]);
  flow.parameters.set('u', [-3, 0.5]);
  flow.parameters.set('b', [0.25]);
  const along = Math.log1p(Math.exp(-2)) - 1;
  const u = [-3 + (along + 2) / 5, 0.5 + (2 * (along + 2)) / 5];
  const bent = Math.tanh(0.3 - 0.8 + 0.25);
  const { z, logDet } = await flow.transform([[0.3, -0.4]], exact);
  expectClose(z.data, [0.3 + u[0]! * bent, -0.4 + u[1]! * bent], 1e-14);
  expectClose(logDet, [Math.log(1 + along * (1 - bent * bent))], 1e-14);
});

it('a radial layer moves along the line from its centre', async () => {
  const flow = flowOf(radial({ dim: 2 }));
  flow.parameters.set('centre', [1, -1]);
  flow.parameters.set('log_alpha', [Math.log(2)]);
  flow.parameters.set('raw_beta', [0]);
  // r = 5, h = 1/7, beta = log 2 - 2.
  const factor = 1 + (Math.log(2) - 2) / 7;
  const { z } = await flow.transform([[4, 3]], exact);
  expectClose(z.data, [1 + 3 * factor, -1 + 4 * factor], 1e-14);
  // The centre itself stays.
  expectClose((await flow.inverse([[1, -1]], exact)).x.data, [1, -1], 1e-14);
});

it.each([
  [() => sylvester({ dim: 3, units: 2 }), /^units: expected 3, the dim, for the form 'householder'; got 2/],
  [() => sylvester({ dim: 3, units: 4, form: 'orthogonal' }), /^units: /],
  [() => sylvester({ dim: 3, form: 'other' as 'triangular' }), /Unknown form/],
  [() => planar({ dim: 0.5 }), /^dim: /],
])('refuses %s', (make, message) => {
  expect(make).toThrow(message);
});
