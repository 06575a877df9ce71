import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { realNVP } from '../../src/discrete/index.ts';
import type { Flow } from '../../src/flow/index.ts';
import { load } from '../../src/models/index.ts';
import { fit, likelihood } from '../../src/train/index.ts';
import type { FitOptions, HistoryEntry, Objective, StepEvent } from '../../src/train/index.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { AffineFlow } from './affine-flow.ts';
import { everyFifth, everything, rejection, rows, steadyClock } from './runs.ts';

/** Ends the run without another word after a step, as far as its files are concerned: what SIGKILL leaves. */
async function killAfter(step: number, flow: Flow, options: FitOptions): Promise<void> {
  const controller = new AbortController();
  const folder = options.checkpoint!;
  let left = new Map<string, Buffer>();
  const onStep = (event: StepEvent) => {
    if (event.step === step + 1) controller.abort();
  };
  const objective: Objective = {
    ...likelihood,
    async evaluate(...call) {
      left = new Map();
      for (const name of await readdir(folder)) left.set(name, await readFile(join(folder, name)));
      return likelihood.evaluate(...call);
    },
  };
  await rejection(fit(flow, rows, { ...options, onStep, objective, signal: controller.signal }));
  await rm(folder, { recursive: true });
  await mkdir(folder);
  for (const [name, bytes] of left) await writeFile(join(folder, name), bytes);
}

async function metricsOf(folder: string): Promise<HistoryEntry[]> {
  const text = await readFile(join(folder, 'metrics.jsonl'), 'utf8');
  expect(text).toMatch(/\n$/);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as HistoryEntry);
}

/** What does not depend on the clock. */
function sameEverywhere({ step, loss, validation }: HistoryEntry) {
  return { step, loss, validation };
}

describe.each<[string, () => Flow]>([
  ['a flow with its own gradient', () => new AffineFlow(2)],
  ['a RealNVP', () => realNVP({ dim: 2, layers: 2, hidden: [4], seed: 2 })],
])('a run of %s', (_, create) => {
  it.each([0, 1, 4, 5, 12, 22])('that was killed after step %d ends as if nothing had been', async (step) => {
    const undisturbed = create();
    const expected = await fit(undisturbed, rows, { ...everyFifth, checkpoint: temporaryFolder() });
    const checkpoint = join(temporaryFolder(), 'run');
    await killAfter(step, create(), { ...everyFifth, checkpoint });
    const resumed = create();
    const events: number[] = [];
    const onStep = (event: StepEvent) => void events.push(event.step);
    const result = await fit(resumed, rows, { ...everyFifth, checkpoint, resume: true, onStep });
    expect(resumed.parameters.flat).toEqual(undisturbed.parameters.flat);
    expect(result.bestValidation).toBe(expected.bestValidation);
    expect(result.history.map(sameEverywhere)).toEqual(expected.history.map(sameEverywhere));
    expect((await metricsOf(checkpoint)).map(sameEverywhere)).toEqual(expected.history.map(sameEverywhere));
    const from = 5 * Math.floor(step / 5);
    expect(events).toEqual(Array.from({ length: 24 - from }, (_x, i) => from + i + 1));
    expect((await readdir(checkpoint)).toSorted()).toEqual([
      'checkpoint.safetensors',
      'metrics.jsonl',
      'model.safetensors',
    ]);
  });
});

describe('a run that is stopped', () => {
  it.each([1, 7, 8])(
    'after step %d leaves a checkpoint of that step, and goes on from there',
    async (step) => {
      const undisturbed = new AffineFlow(2);
      await fit(undisturbed, rows, everything);
      const checkpoint = temporaryFolder();
      const options = { ...everything, checkpoint, checkpointEvery: 1000 };
      const controller = new AbortController();
      const onStep = (event: StepEvent) => {
        if (event.step === step) controller.abort('enough');
      };
      const error = await rejection(
        fit(new AffineFlow(2), rows, { ...options, onStep, signal: controller.signal }),
      );
      expect(error).toMatchObject({
        code: 'aborted',
        message: `Training was stopped after step ${step}; '${checkpoint}' holds its checkpoint.`,
      });
      expect(await metricsOf(checkpoint)).toHaveLength(step);
      const resumed = new AffineFlow(2);
      const events: StepEvent[] = [];
      await fit(resumed, rows, { ...options, resume: true, onStep: (event) => void events.push(event) });
      expect(events[0]!.step).toBe(step + 1);
      expect(resumed.parameters.flat).toEqual(undisturbed.parameters.flat);
    },
  );

  it('in the middle of a validation makes it when it goes on', async () => {
    const undisturbed = new AffineFlow(2);
    const expected = await fit(undisturbed, rows, everything);
    const checkpoint = temporaryFolder();
    const options = { ...everything, checkpoint };
    const controller = new AbortController();
    const stopped = new AffineFlow(2);
    const logProb = stopped.logProb.bind(stopped);
    let validations = 0;
    stopped.logProb = (...call) => {
      validations += 1;
      if (validations === 3) controller.abort();
      return logProb(...call);
    };
    await rejection(fit(stopped, rows, { ...options, signal: controller.signal }));
    expect(await metricsOf(checkpoint)).toHaveLength(11);
    const resumed = new AffineFlow(2);
    const events: StepEvent[] = [];
    const onStep = (event: StepEvent) => void events.push(event);
    const result = await fit(resumed, rows, { ...options, resume: true, onStep });
    expect(events[0]).toMatchObject({ step: 12, validation: expected.history[11]!.validation });
    expect(resumed.parameters.flat).toEqual(undisturbed.parameters.flat);
    expect(result.history.map(sameEverywhere)).toEqual(expected.history.map(sameEverywhere));
  });

  it('before it began writes nothing', async () => {
    const checkpoint = join(temporaryFolder(), 'run');
    const options = { ...everything, checkpoint, signal: AbortSignal.abort() };
    expect((await rejection(fit(new AffineFlow(2), rows, options))).code).toBe('aborted');
    await expect(readdir(checkpoint)).rejects.toThrow(/ENOENT/);
  });

  it('counts the time before', async () => {
    steadyClock();
    const checkpoint = temporaryFolder();
    const controller = new AbortController();
    const onStep = ({ seconds }: StepEvent) => {
      if (seconds > 0.0145) controller.abort();
    };
    const options = { batchSize: 40, seconds: 0.0295, checkpoint, checkpointEvery: 1000 };
    await rejection(fit(new AffineFlow(2), rows, { ...options, onStep, signal: controller.signal }));
    const events: StepEvent[] = [];
    const resumed = await fit(new AffineFlow(2), rows, {
      ...options,
      resume: true,
      onStep: (event) => void events.push(event),
    });
    expect(events[0]).toMatchObject({ step: 16, seconds: expect.closeTo(0.016, 12) as number });
    expect(resumed).toMatchObject({ ended: 'seconds', steps: 30 });
  });

  it('stops early where it would have, counting the validations before', async () => {
    const options: FitOptions = {
      steps: 500,
      batchSize: 100,
      learningRate: 1.5,
      validation: rows,
      validateEvery: 2,
      patience: 4,
    };
    const undisturbed = new AffineFlow(2);
    const expected = await fit(undisturbed, rows, options);
    expect(expected.ended).toBe('patience');
    // Two of the validations that were no better lie before the stop, two after it.
    const step = expected.steps - 4;
    const checkpoint = temporaryFolder();
    const controller = new AbortController();
    const onStep = (event: StepEvent) => {
      if (event.step === step) controller.abort();
    };
    const { signal } = controller;
    await rejection(fit(new AffineFlow(2), rows, { ...options, checkpoint, onStep, signal }));
    const resumed = new AffineFlow(2);
    const result = await fit(resumed, rows, { ...options, checkpoint, resume: true });
    expect(result).toMatchObject({ ended: 'patience', steps: expected.steps });
    expect(resumed.parameters.flat).toEqual(undisturbed.parameters.flat);
  });
});

describe('a run folder', () => {
  it('holds the model that the flow ended with, and the history', async () => {
    const checkpoint = temporaryFolder();
    const flow = realNVP({ dim: 2, layers: 2, hidden: [4] });
    const { history } = await fit(flow, rows, { ...everything, checkpoint });
    const model = await load(join(checkpoint, 'model.safetensors'));
    expect(model.parameters.flat).toEqual(flow.parameters.flat);
    expect(await metricsOf(checkpoint)).toEqual(history);
  });

  it('is taken over by a new run', async () => {
    const checkpoint = temporaryFolder({
      'metrics.jsonl': 'old\n'.repeat(1000),
      'model.safetensors': 'old',
      'checkpoint.safetensors.0a-1b.tmp': 'left behind',
      'notes.txt': 'kept',
    });
    await fit(new AffineFlow(2), rows, { steps: 2, checkpoint });
    expect(await metricsOf(checkpoint)).toHaveLength(2);
    const names = ['checkpoint.safetensors', 'metrics.jsonl', 'model.safetensors', 'notes.txt'];
    expect((await readdir(checkpoint)).toSorted()).toEqual(names);
  });

  it('keeps the model of a run that failed, and the checkpoint from before', async () => {
    const checkpoint = temporaryFolder();
    let calls = 0;
    const objective: Objective = {
      ...likelihood,
      async evaluate(...call) {
        calls += 1;
        const found = await likelihood.evaluate(...call);
        return calls === 8 ? { ...found, loss: NaN } : found;
      },
    };
    const flow = realNVP({ dim: 2, layers: 2, hidden: [4] });
    const error = await rejection(fit(flow, rows, { ...everything, ema: 0.5, checkpoint, objective }));
    expect(error.message).toMatch(/step 8: the loss became NaN/);
    expect((await load(join(checkpoint, 'model.safetensors'))).parameters.flat).toEqual(flow.parameters.flat);
    expect(await metricsOf(checkpoint)).toHaveLength(7);
    // The failure is gone when the rest is taken again.
    const resumed = await fit(realNVP({ dim: 2, layers: 2, hidden: [4] }), rows, {
      ...everything,
      ema: 0.5,
      checkpoint,
      objective,
      resume: true,
    });
    expect(resumed.steps).toBe(24);
  });
});
