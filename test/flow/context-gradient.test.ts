import { describe, expect, it } from 'vitest';
import { callFor, partsOf } from '../../src/flow/call.ts';
import { evaluate } from '../../src/flow/evaluate.ts';
import { pullbackThrough } from '../../src/flow/gradient.ts';
import { settle } from '../../src/flow/options.ts';
import { waysOf } from '../../src/flow/ways.ts';
import { difference } from './differences.ts';
import { expectClose, normalRows } from './rows.ts';
import { allCases } from './transforms.ts';

const conditional = allCases.filter(({ flow }) => flow.contextDim > 0);
const ways = conditional.flatMap((of) =>
  (of.continuous ? (['discrete', 'backsolve'] as const) : (['discrete'] as const)).map((gradient) => ({
    ...of,
    gradient,
  })),
);

describe.each(ways)('the cotangent of the context of $name, $gradient', ({ flow, gradient }) => {
  it('is the slope of the density along the context', async () => {
    const rows = 3;
    const x = normalRows(rows, flow.dim, 1).data as Float64Array;
    const context = normalRows(rows, flow.contextDim, 2);
    const settings = settle(
      { precision: 'float64', solver: 'rk4', stepSize: 0.02, trace: 'exact', gradient },
      'train',
      flow.dim,
    );
    const segments = waysOf(partsOf(flow))('density', settings.trace);
    const weights = Float64Array.of(0.5, -1, 2);
    const call = callFor(flow, settings, rows, { context });
    const { records } = await evaluate(segments, x, call, true);
    const flat = new Float64Array(flow.parameters.count);
    const found = await pullbackThrough(records, call, new Float64Array(x.length), weights, flat);
    expect(found.context).toHaveLength(rows * flow.contextDim);
    expect(found.context!.some((value) => value !== 0)).toBe(true);
    // One direction for each row, so that the rows are told apart.
    const direction = normalRows(rows, flow.contextDim, 5).data;
    const slopes = await Promise.all(
      Array.from(weights, (weight, row) =>
        difference(async (t) => {
          const moved = context.data.map((value, i) =>
            Math.floor(i / flow.contextDim) === row ? value + t * direction[i]! : value,
          );
          const at = callFor(flow, settings, rows, { context: { ...context, data: moved } });
          return weight * (await evaluate(segments, x, at, false)).logDet[row]!;
        }, 1e-5),
      ),
    );
    const along = slopes.map((_, row) => {
      let sum = 0;
      for (let i = row * flow.contextDim; i < (row + 1) * flow.contextDim; i++) {
        sum += found.context![i]! * direction[i]!;
      }
      return sum;
    });
    // Steps that are small beside the kinks of relu lose digits to rounding.
    expectClose(along, slopes, gradient === 'backsolve' ? 1e-5 : 1e-6);
  });
});
