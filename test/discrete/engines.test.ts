import { describe, expect, it } from 'vitest';
import type { EvaluateOptions, Flow } from '../../src/flow/index.ts';
import { discreteModels, discreteTransforms } from '../flow/discrete-transforms.ts';
import { contextFor, expectClose, normalRows } from '../flow/rows.ts';
import { flowOf, perturbed } from '../flow/transforms.ts';

const transforms = Object.entries(discreteTransforms()).map(
  ([name, transform]) => [name, flowOf(transform)] as const,
);
const cases = [...transforms, ...Object.entries(discreteModels())].map(([name, flow]) => ({
  name,
  flow: perturbed(flow),
}));

const rows = 37;

/** How far an engine may be from the reference, as a share of the largest number. */
const tolerances = {
  float64: { way: 1e-11, gradient: 1e-9 },
  float32: { way: 2e-4, gradient: 2e-3 },
} as const;

const ways = (['native', 'wasm'] as const).flatMap((engine) =>
  (['float64', 'float32'] as const).map((precision) => ({ engine, precision })),
);

describe.each(cases)('$name', ({ flow }) => {
  const x = normalRows(rows, flow.dim, 3, 0.8);
  const context = contextFor(flow, rows);
  const meant = results(flow, x, { engine: 'reference', ...context });

  it.each(ways)('is on $engine in $precision what it is on reference', async ({ engine, precision }) => {
    const { way, gradient } = tolerances[precision];
    const options = { engine, precision, ...context };
    const expected = await meant;
    const found = await results(flow, x, options);
    expect(found.engine).toBe(engine);
    near(found.z, expected.z, way);
    near(found.logDet, expected.logDet, way);
    near(found.x, expected.x, way);
    near(found.backLogDet, expected.backLogDet, way);
    near(found.gradient, expected.gradient, gradient);
    // There and back in its own arithmetic.
    const back = await flow.inverse({ data: found.z, rows, cols: flow.dim }, options);
    near(back.x.data, x.data, precision === 'float64' ? 1e-7 : 5e-3);
    expect(await results(flow, x, options)).toEqual(found);
  });
});

interface Results {
  readonly engine: string;
  readonly z: Float64Array | Float32Array;
  readonly logDet: ArrayLike<number>;
  readonly x: ArrayLike<number>;
  readonly backLogDet: ArrayLike<number>;
  readonly gradient: ArrayLike<number>;
}

async function results(
  flow: Flow,
  x: ReturnType<typeof normalRows>,
  options: EvaluateOptions,
): Promise<Results> {
  const there = await flow.transform(x, options);
  const back = await flow.inverse(x, options);
  const { flat } = await flow.lossAndGradient(x, options);
  return {
    engine: there.engine,
    z: there.z.data,
    logDet: there.logDet,
    x: back.x.data,
    backLogDet: back.logDet,
    gradient: flat,
  };
}

function near(actual: ArrayLike<number>, expected: ArrayLike<number>, share: number): void {
  expectClose(actual, expected, share * Math.max(1, ...Array.from(expected, Math.abs)));
}
