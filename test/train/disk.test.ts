import { mkdirSync, rmdirSync } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fit } from '../../src/train/index.ts';
import type { StepEvent } from '../../src/train/index.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { AffineFlow } from './affine-flow.ts';
import { everyFifth, everything, rejection, rows } from './runs.ts';

afterEach(() => void vi.restoreAllMocks());

describe('a disk that refuses', () => {
  /** Makes writing fail from the call with this number on, of the atomic writes. */
  async function failFrom(first: number, code: string, until = Infinity): Promise<void> {
    const probe = await open(join(temporaryFolder(), 'probe'), 'w');
    const prototype = Object.getPrototypeOf(probe) as typeof probe;
    await probe.close();
    const write = Reflect.get(prototype, 'writeFile') as (...call: unknown[]) => Promise<void>;
    let calls = 0;
    vi.spyOn(prototype, 'writeFile').mockImplementation(async function (this: typeof probe, ...call) {
      calls += 1;
      if (calls >= first && calls < until) throw Object.assign(new Error(code), { code });
      return write.apply(this, call);
    });
  }

  it.each([
    ['ENOSPC', 'the disk is full'],
    ['EROFS', 'the file system is read-only'],
    ['EACCES', 'permission denied'],
  ])('from the start (%s) ends the run before its first step', async (code, reason) => {
    const checkpoint = temporaryFolder();
    await failFrom(1, code);
    const flow = new AffineFlow(2);
    const error = await rejection(fit(flow, rows, { ...everyFifth, checkpoint }));
    expect(error).toMatchObject({ code: 'io' });
    expect(error.message).toBe(`Cannot write '${checkpoint}/checkpoint.safetensors': ${reason}.`);
    expect(flow.calls).toEqual([]);
  });

  it('in between is told, and the run goes on and tries again', async () => {
    const checkpoint = temporaryFolder();
    const warnings: string[] = [];
    await failFrom(2, 'ENOSPC', 4);
    const onWarning = (message: string) => void warnings.push(message);
    const flow = new AffineFlow(2);
    await fit(flow, rows, { ...everyFifth, checkpoint, onWarning });
    const warning = `Cannot write '${checkpoint}/checkpoint.safetensors': the disk is full. Training goes on. The checkpoint of step 0 in '${checkpoint}' is whole: the run can be resumed from it.`;
    expect(warnings).toEqual([warning, warning]);
    expect(await readdir(checkpoint)).toHaveLength(3);
  });

  it('in the end leaves the last checkpoint whole and the flow trained', async () => {
    const undisturbed = new AffineFlow(2);
    await fit(undisturbed, rows, everything);
    const checkpoint = temporaryFolder();
    // The first write is that of step 0, then those of steps 5, 10, 15 and 20.
    await failFrom(4, 'ENOSPC');
    const flow = new AffineFlow(2);
    const error = await rejection(fit(flow, rows, { ...everyFifth, checkpoint }));
    expect(error.code).toBe('io');
    expect(error.message).toMatch(
      /^Training is finished, but: Cannot write .*: the disk is full\. The checkpoint of step 10 in .* is whole/,
    );
    expect(flow.parameters.flat).toEqual(undisturbed.parameters.flat);
    expect(await readdir(checkpoint)).toEqual(['checkpoint.safetensors', 'metrics.jsonl']);
    vi.restoreAllMocks();
    const resumed = new AffineFlow(2);
    await fit(resumed, rows, { ...everyFifth, checkpoint, resume: true });
    expect(resumed.parameters.flat).toEqual(undisturbed.parameters.flat);
  });

  it('calls no run finished whose model is not written', async () => {
    const checkpoint = temporaryFolder();
    const model = join(checkpoint, 'model.safetensors');
    const options = { ...everything, checkpoint, checkpointEvery: 1 };
    const onStep = ({ step }: StepEvent) => void (step === 2 && mkdirSync(model));
    const error = await rejection(fit(new AffineFlow(2), rows, { ...options, onStep }));
    expect(error.message).toMatch(/^Training is finished, but: .*it is a folder, not a file.* step 23 /);
    rmdirSync(model);
    expect((await fit(new AffineFlow(2), rows, { ...options, resume: true })).steps).toBe(24);
  });

  it('when the run is stopped says which checkpoint there is', async () => {
    const checkpoint = temporaryFolder();
    await failFrom(3, 'EDQUOT');
    const controller = new AbortController();
    const onStep = ({ step }: StepEvent) => void (step === 12 && controller.abort());
    const { signal } = controller;
    const error = await rejection(
      fit(new AffineFlow(2), rows, { ...everyFifth, checkpoint, onStep, signal }),
    );
    expect(error.code).toBe('aborted');
    expect(error.message).toMatch(/^Training was stopped after step 12, but: .*quota.* step 5 .* is whole/);
  });

  it('is named where the folder is a file', async () => {
    const folder = temporaryFolder({ run: 'a file' });
    const error = await rejection(fit(new AffineFlow(2), rows, { checkpoint: join(folder, 'run') }));
    expect(error).toMatchObject({
      code: 'io',
      message: `Cannot write '${join(folder, 'run')}': a file of that name is there.`,
    });
  });
});
