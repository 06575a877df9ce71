import { describe, expect, it } from 'vitest';
import { ffjord } from '../../src/cnf/index.ts';
import { realNVP } from '../../src/discrete/index.ts';
import { diagnose } from '../../src/engine/index.ts';
import type { EvaluateOptions, Flow } from '../../src/flow/index.ts';
import { normalRows } from './rows.ts';
import { perturbed } from './transforms.ts';

const flows: [string, Flow][] = [
  ['ffjord', perturbed(ffjord({ dim: 2, contextDim: 1, hidden: [6] }))],
  ['realnvp', perturbed(realNVP({ dim: 2, contextDim: 1, hidden: [6], layers: 3 }))],
];

/** Those that can be used here. */
const engines = diagnose()
  .engines.filter(({ available }) => available)
  .map(({ name }) => name);

describe.each(flows)('calls of %s', (_name, flow) => {
  const x = normalRows(20, 2, 1);
  const context = normalRows(20, 1, 2);
  const noise = normalRows(20, 2, 3);

  it('take rows of any form, with the same result', async () => {
    const expected = await flow.logProb(x, { context });
    const nested = Array.from({ length: 20 }, (_, row) => [x.data[2 * row]!, x.data[2 * row + 1]!]);
    const tensor = { shape: [20, 2], dataSync: () => x.data };
    const contextTensor = { shape: [20, 1], dataSync: () => [...context.data] };
    expect(await flow.logProb(nested, { context })).toEqual(expected);
    expect(await flow.logProb(tensor, { context: contextTensor })).toEqual(expected);
    const single = { ...x, data: Float32Array.from(x.data) };
    const rounded = { ...x, data: Float64Array.from(single.data) };
    expect(await flow.logProb(single, { context })).toEqual(await flow.logProb(rounded, { context }));
    const whole = { shape: [20, 2], dataSync: () => Int32Array.from(x.data, (value) => Math.round(value)) };
    expect(await flow.logProb(whole, { context })).toEqual(
      await flow.logProb({ ...x, data: x.data.map(Math.round) as Float64Array }, { context }),
    );
    const part = x.data.subarray(4, 10) as Float64Array;
    const few = { ...context, data: context.data.slice(2, 5), rows: 3 };
    expect(await flow.logProb({ data: part, rows: 3, cols: 2 }, { context: few })).toEqual(
      expected.slice(2, 5),
    );
  });

  it.each(engines)(
    'work on copies: what is changed after a call began does not matter to %s',
    async (engine) => {
      const options: EvaluateOptions = { engine, context, noise, trace: 'hutchinson' };
      const all = (rows: typeof x, given: EvaluateOptions) => [
        flow.logProb(rows, given),
        flow.transform(rows, given),
        flow.inverse(rows, given),
        flow.sample(20, given),
        flow.lossAndGradient(rows, given),
      ];
      const expected = await Promise.all(all(x, options));
      const copy = { ...x, data: x.data.slice() };
      const given = {
        ...options,
        context: { ...context, data: context.data.slice() },
        noise: { ...noise, data: noise.data.slice() },
      };
      const before = flow.parameters.flat.slice();
      const running = all(copy, given);
      copy.data.fill(NaN);
      given.context.data.fill(NaN);
      given.noise.data.fill(NaN);
      flow.parameters.flat.fill(7);
      try {
        expect(await Promise.all(running)).toEqual(expected);
      } finally {
        flow.parameters.flat.set(before);
      }
    },
  );

  it('leave their inputs and the parameters as they were', async () => {
    const [rows, parameters] = [x.data.slice(), flow.parameters.flat.slice()];
    const { z } = await flow.transform(x, { context });
    z.data.fill(0);
    const { flat } = await flow.lossAndGradient(x, { context });
    flat.fill(0);
    expect(x.data).toEqual(rows);
    expect(flow.parameters.flat).toEqual(parameters);
  });

  it('use parameters that are changed between calls, through any view', async () => {
    const first = await flow.logProb(x, { context });
    const [name] = flow.parameters.names();
    const view = flow.parameters.get(name!).data;
    view[0] = view[0]! + 0.5;
    const second = await flow.logProb(x, { context });
    expect(second).not.toEqual(first);
    flow.parameters.set(
      name!,
      [...view].map((value, i) => (i === 0 ? value - 0.5 : value)),
    );
    expect(await flow.logProb(x, { context })).not.toEqual(second);
  });

  it('stop when their signal fires before them', async () => {
    const reason = new Error('enough');
    const options = { context, signal: AbortSignal.abort(reason) };
    for (const call of [
      () => flow.logProb(x, options),
      () => flow.transform(x, options),
      () => flow.inverse(x, options),
      () => flow.sample(20, options),
      () => flow.lossAndGradient(x, options),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'aborted', cause: reason });
    }
  });

  it('stop when their signal fires while they run', async () => {
    const rows = 1_000_000;
    const many = { data: new Float64Array(2 * rows), rows, cols: 2 };
    const controller = new AbortController();
    const call = flow.logProb(many, {
      context: { data: new Float64Array(rows), rows, cols: 1 },
      signal: controller.signal,
    });
    setTimeout(() => controller.abort(), 0);
    await expect(call).rejects.toMatchObject({ name: 'LiouvilleError', code: 'aborted' });
  });

  it('say which engine computed, and how many evaluations of a field it took', async () => {
    const { nfe, engine } = await flow.lossAndGradient(x, { context });
    expect(engine).toBe(process.env['LIOUVILLE_ENGINE']);
    expect(nfe).toEqual((await flow.transform(x, { context })).nfe);
    expect(nfe === null).toBe(flow.name === 'realnvp');
  });
});
