import { describe, expect, it } from 'vitest';
import { chain, movingBatchNorm } from '../../src/flow/index.ts';
import { difference } from './differences.ts';
import { expectClose, normalRows } from './rows.ts';
import { flowOf, perturbed } from './transforms.ts';

const x = { rows: 4, cols: 2, data: Float64Array.of(1, -2, 3, 0, 5, 1, -1, 7) };
const exact = { precision: 'float64' } as const;

describe('movingBatchNorm', () => {
  it('trains by its running statistics, and moves them towards those of the batch', async () => {
    const flow = flowOf(movingBatchNorm({ dim: 2, decay: 0.25 }));
    expect(flow.parameters.names()).toEqual(['weight', 'bias']);
    const evaluated = await flow.lossAndGradient(x, exact);
    const { loss, state } = await flow.lossAndGradient(x, { ...exact, training: true });
    expect(loss).toBe(evaluated.loss);
    flow.state.flat.set(state!);
    // Means 2 and 1.5; unbiased variances 20 / 3 and 45 / 3.
    expectClose(flow.state.get('running_mean').data, [0.5, 0.375], 1e-12);
    expectClose(flow.state.get('running_var').data, [0.75 + 0.25 * (20 / 3), 0.75 + 0.25 * 15], 1e-12);
    expectClose(flow.state.get('step').data, [1], 0);
  });

  it.each([0, 0.4, 1])(
    'has the gradient of its loss in training, with %f of the batch',
    async (batchShare) => {
      const norm = movingBatchNorm({ dim: 2, batchShare });
      const flow = perturbed(flowOf(chain([norm, norm])));
      const options = { ...exact, training: true };
      const { flat, loss } = await flow.lossAndGradient(x, options);
      const parameters = flow.parameters.flat;
      const before = parameters.slice();
      const direction = normalRows(1, before.length, 5).data;
      const slope = await difference(async (t) => {
        before.forEach((value, i) => (parameters[i] = value + t * direction[i]!));
        const found = await flow.lossAndGradient(x, options);
        parameters.set(before);
        return found.loss;
      }, 1e-3);
      const found = flat.reduce((sum, value, i) => sum + value * direction[i]!, 0);
      expect(Math.abs(found - slope)).toBeLessThan(1e-7 * Math.max(1, Math.abs(found)));
      const elsewhere = (await flow.lossAndGradient(x, exact)).loss;
      if (batchShare === 0) expect(loss).toBe(elsewhere);
      else expect(Math.abs(loss - elsewhere)).toBeGreaterThan(1e-3);
    },
  );

  it.each([{ decay: 2 }, { batchShare: -0.1 }, { epsilon: 0 }])('refuses %o', (options) => {
    expect(() => movingBatchNorm({ dim: 2, ...options })).toThrow(
      expect.objectContaining({ code: 'invalid-argument' }),
    );
  });
});
