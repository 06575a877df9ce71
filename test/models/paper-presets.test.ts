import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compare } from '../../src/compare/index.ts';
import { createModel, modelNames, modelPreset, paperModelNames } from '../../src/models/index.ts';
import { paperPresets } from '../../src/models/paper-presets.ts';
import { fit } from '../../src/train/index.ts';
import { quick } from '../compare/example.ts';
import { normalRows } from '../flow/rows.ts';

const document = readFileSync(new URL('../../docs/presets.md', import.meta.url), 'utf8');

describe.each(paperModelNames)('the preset %s', (name) => {
  it('is a model under a name of its own, with a source and a row in docs/presets.md, that trains', async () => {
    const { create, learningRate, objective } = modelPreset(name);
    const flow = create({ dim: 3, seed: 1 });
    expect(modelNames).not.toContain(name);
    expect(modelNames).toContain(flow.name);
    expect(name.startsWith(`${flow.name}-`)).toBe(true);
    expect(paperPresets[name]!.source).toMatch(/\b(19|20)\d\d\b/);
    expect(document).toContain(`\`${name}\``);
    const before = flow.parameters.flat.slice();
    const { history } = await fit(flow, normalRows(16, 3, 1), {
      steps: 1,
      batchSize: 8,
      learningRate: learningRate(3),
      ...(objective !== undefined && { objective }),
      // The sizes are what is tried here, not the solver.
      solver: 'rk4',
      stepSize: 0.5,
    });
    expect(history.every(({ loss }) => Number.isFinite(loss))).toBe(true);
    expect(flow.parameters.flat.every((value, i) => value === before[i])).toBe(false);
  }, 60_000);
});

describe('presets of papers', () => {
  // Weights and biases as the sizes of the papers ask for.
  it.each([
    // Two networks of 5 x 1000 for each half, and a scale for each feature.
    ['nice-mnist', 784, 4 * (392 * 1000 + 1000 + 4 * 1_001_000 + 1000 * 392 + 392) + 784],
    // Five MADEs with shift and log-scale, and batch norm.
    ['maf-miniboone', 43, 5 * (43 * 512 + 512 + 512 * 512 + 512 + 512 * 86 + 86 + 2 * 43)],
    ['otflow-power', 6, undefined],
  ])('%s has the parameters of the paper in %d dimensions', (name, dim, count) => {
    const { parameters } = createModel(name, { dim });
    if (count !== undefined) expect(parameters.count).toBe(count);
    else expect(parameters.shape('potential.layers.0.weight')).toEqual({ k: 128, n: 7 });
  });

  it('makes fields as wide as the number of columns says', () => {
    const { parameters } = createModel('ffjord-miniboone', { dim: 43 });
    expect(parameters.shape('chain.0.odefunc.diffeq.layers.0._layer.weight')).toEqual({ k: 860, n: 43 });
    expect(parameters.names()).toContain('chain.0.sqrt_end_time');
  });

  it('takes part in a comparison by its name', async () => {
    const { results } = await compare({
      ...quick,
      engine: 'native',
      models: ['gaussian', 'maf-power'],
      steps: 2,
    });
    expect(results.models.map(({ name, status }) => [name, status])).toEqual([
      ['gaussian', 'ok'],
      ['maf-power', 'ok'],
    ]);
  });
});
