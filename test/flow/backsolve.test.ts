import { describe, expect, it } from 'vitest';
import { ffjord } from '../../src/cnf/index.ts';
import { tableaus } from '../../src/ode/index.ts';
import type { Matrix } from '../../src/matrix.ts';
import { rowSlopes, slopes, slopesApart } from './differences.ts';
import { contextFor, expectClose, normalRows } from './rows.ts';
import { continuousCases, perturbed, tight } from './transforms.ts';

const largest = (x: Float64Array): number => x.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

// Chained, inverted, with context, closed forms between, trained end times, many layers.
const cases = continuousCases.filter(
  ({ name }) => !name.startsWith('inverse of') || name.includes('two odes'),
);

describe('the continuous adjoint', () => {
  it.each(cases)('agrees with the discrete gradient: $name', async ({ flow }) => {
    const x = normalRows(4, flow.dim, 1);
    const options = { ...tight, rtol: 1e-9, atol: 1e-9, ...contextFor(flow, 4) };
    const discrete = await flow.lossAndGradient(x, options);
    const continuous = await flow.lossAndGradient(x, { ...options, gradient: 'backsolve' });
    expect(continuous.loss).toBeCloseTo(discrete.loss, 12);
    expectClose(continuous.flat, discrete.flat, 1e-6 * Math.max(1, largest(discrete.flat)));
    expect(largest(discrete.flat)).toBeGreaterThan(1e-4);
  });

  it('agrees with central differences by rows, context, parameters and end times', async () => {
    const flow = perturbed(ffjord({ dim: 2, hidden: [3], contextDim: 1, blocks: 2, trainEndTime: true }));
    const x = normalRows(3, 2, 1);
    const { context } = contextFor(flow, 3) as { context: Matrix };
    const options = { ...tight, rtol: 1e-11, atol: 1e-11, context, gradient: 'backsolve' } as const;
    const names = flow.parameters.names();
    expect(names.filter((name) => name.endsWith('sqrt_end_time'))).toHaveLength(2);
    const found = [
      ...(await slopes(flow, x, options, names, 1e-3)),
      ...(await rowSlopes(flow, x, options, 1e-3)),
    ];
    expect(found).toHaveLength(names.length + 2);
    expect(slopesApart(found, 1e-7)).toEqual([]);
  });

  it('holds with estimated traces, whose probes it uses again', async () => {
    const flow = perturbed(ffjord({ dim: 3, hidden: [5], blocks: 2, trainEndTime: true }));
    const x = normalRows(4, 3, 1);
    for (const trace of [{ trace: 'hutchinson', probes: 2 }, { trace: 'hutch++' }] as const) {
      const options = { ...tight, rtol: 1e-9, atol: 1e-9, ...trace, seed: 4 };
      const discrete = await flow.lossAndGradient(x, options);
      const continuous = await flow.lossAndGradient(x, { ...options, gradient: 'backsolve' });
      expectClose(continuous.flat, discrete.flat, 1e-6 * largest(discrete.flat));
    }
  });

  it.each(Object.keys(tableaus))('with %s and fixed steps', async (solver) => {
    const flow = perturbed(ffjord({ dim: 2, hidden: [4] }));
    const x = normalRows(3, 2, 1);
    const order = tableaus[solver]!.order;
    const options = { ...tight, solver, stepSize: order < 3 ? 0.005 : 0.05 };
    const discrete = await flow.lossAndGradient(x, options);
    const continuous = await flow.lossAndGradient(x, { ...options, gradient: 'backsolve' });
    expectClose(continuous.flat, discrete.flat, (order < 3 ? 2e-2 : 1e-3) * largest(discrete.flat));
  });

  it('has an error that falls with the tolerance, which the discrete gradient of the same loss has not', async () => {
    const flow = perturbed(ffjord({ dim: 2, hidden: [8] }), 3);
    const x = normalRows(6, 2, 1);
    const errorAt = async (tolerance: number): Promise<number> => {
      const options = { ...tight, rtol: tolerance, atol: tolerance };
      const discrete = await flow.lossAndGradient(x, options);
      const { flat } = await flow.lossAndGradient(x, { ...options, gradient: 'backsolve' });
      return largest(flat.map((value, i) => value - discrete.flat[i]!)) / largest(discrete.flat);
    };
    const [rough, fine] = [await errorAt(1e-3), await errorAt(1e-8)];
    expect(rough).toBeGreaterThan(20 * fine);
    expect(fine).toBeLessThan(1e-6);
  });

  it('refuses other names', async () => {
    const flow = ffjord({ dim: 2, hidden: [2] });
    await expect(flow.lossAndGradient([[0, 0]], { gradient: 'adjoint' as 'discrete' })).rejects.toMatchObject(
      {
        code: 'invalid-argument',
        message: expect.stringMatching(
          /^gradient: expected 'discrete' or 'backsolve' or 'quadrature'; got 'adjoint'/,
        ) as string,
      },
    );
  });
});
