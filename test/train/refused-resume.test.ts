import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { realNVP } from '../../src/discrete/index.ts';
import { decodeSafetensors, encodeSafetensors } from '../../src/files/index.ts';
import type { Tensor } from '../../src/files/index.ts';
import type { Flow } from '../../src/flow/index.ts';
import { sha256 } from '../../src/train/digest.ts';
import { adam, fit, likelihood } from '../../src/train/index.ts';
import type { FitOptions, StepEvent } from '../../src/train/index.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { AffineFlow } from './affine-flow.ts';
import { everything, rejection, rows } from './runs.ts';

describe('resume refuses', () => {
  /** A run of 24 steps that was stopped after step 6. */
  async function stoppedRun(): Promise<string> {
    const checkpoint = temporaryFolder();
    const controller = new AbortController();
    const onStep = ({ step }: StepEvent) => void (step === 6 && controller.abort());
    await rejection(
      fit(new AffineFlow(2), rows, { ...everything, checkpoint, onStep, signal: controller.signal }),
    );
    return checkpoint;
  }

  async function refused(
    checkpoint: string,
    changes: FitOptions = {},
    x = rows,
    flow: Flow = new AffineFlow(2),
  ) {
    return rejection(fit(flow, x, { ...everything, ...changes, checkpoint, resume: true }));
  }

  it('other options, each by its name', async () => {
    const checkpoint = await stoppedRun();
    const changes: [FitOptions, RegExp][] = [
      [{ learningRate: 0.2 }, /has learningRate 0\.3; got 0\.2\./],
      [{ steps: 30 }, /has steps 24; got 30\./],
      [{ ema: 0.7 }, /has ema 0\.8; got 0\.7\./],
      [{ seed: 4 }, /has seed 3; got 4\./],
      [{ schedule: 'linear' }, /has schedule "cosine"; got "linear"\./],
      [{ optimiser: adam({ beta1: 0.5 }) }, /has optimiser \{"name":"adam","beta1":0\.9/],
      [{ objective: { ...likelihood, name: 'other' } }, /has objective "likelihood"; got "other"\./],
      [{ rtol: 1e-3 }, /has evaluate \{\}; got \{"rtol":0\.001\}\./],
    ];
    for (const [change, message] of changes) {
      const error = await refused(checkpoint, change);
      expect(error.code).toBe('invalid-argument');
      expect(error.message).toMatch(/^resume: the run in '/);
      expect(error.message).toMatch(message);
    }
  });

  it('other rows, and another model', async () => {
    const checkpoint = await stoppedRun();
    const other = { ...rows, data: rows.data.map((value, i) => (i === 77 ? value + 1e-9 : value)) };
    expect((await refused(checkpoint, {}, other)).message).toMatch(/trains on other rows/);
    const { validation } = everything as { validation: typeof rows };
    const fewer = { ...validation, rows: 49, data: validation.data.slice(0, 98) };
    expect((await refused(checkpoint, { validation: fewer })).message).toMatch(/trains on other rows/);
    const model = realNVP({ dim: 2, layers: 1 });
    expect((await refused(checkpoint, {}, rows, model)).message).toMatch(
      /trains another model: \{"model":"affine","options":\{"dim":2\}\}/,
    );
  });

  it('nothing of that where threads and the time between checkpoints are other', async () => {
    const checkpoint = await stoppedRun();
    const options = { ...everything, checkpoint, checkpointEvery: 7, threads: 1 };
    expect((await fit(new AffineFlow(2), rows, { ...options, resume: true })).steps).toBe(24);
  });

  it('a folder that is no run, or is not there', async () => {
    for (const folder of [temporaryFolder({ 'a.txt': '' }), join(temporaryFolder(), 'none')]) {
      const error = await refused(folder);
      expect(error.code).toBe('bad-file');
      expect(error.message).toBe(
        `'${folder}' holds no run to resume: there is no checkpoint.safetensors in it.`,
      );
    }
  });

  it('a run that is finished', async () => {
    const checkpoint = temporaryFolder();
    await fit(new AffineFlow(2), rows, { ...everything, checkpoint });
    const error = await refused(checkpoint);
    expect(error.code).toBe('invalid-argument');
    expect(error.message).toBe(
      `resume: the run in '${checkpoint}' is finished, after 24 steps; there is nothing left to do.`,
    );
  });

  it('a checkpoint of another version', async () => {
    const checkpoint = await stoppedRun();
    const path = join(checkpoint, 'checkpoint.safetensors');
    const { tensors, metadata } = decodeSafetensors(await readFile(path));
    for (const version of ['2', '0']) {
      await writeFile(path, encodeSafetensors(tensors, new Map([...metadata, ['version', version]])));
      const error = await refused(checkpoint);
      expect(error.code).toBe('incompatible-version');
      expect(error.message).toBe(
        `${path}: the checkpoint has version ${version}; this library reads version 1.`,
      );
    }
  });

  it('a checkpoint that was cut short, anywhere', async () => {
    const checkpoint = await stoppedRun();
    const path = join(checkpoint, 'checkpoint.safetensors');
    const bytes = await readFile(path);
    for (const length of [0, 4, 8, 200, bytes.length - 8, bytes.length - 1]) {
      await writeFile(path, bytes.subarray(0, length));
      expect((await refused(checkpoint)).code).toBe('bad-file');
    }
  });

  it('a checkpoint in which any one byte was changed', async () => {
    const checkpoint = await stoppedRun();
    const path = join(checkpoint, 'checkpoint.safetensors');
    const bytes = await readFile(path);
    const flow = new AffineFlow(2);
    const start = flow.parameters.flat.slice();
    for (let at = 0; at < bytes.length; at += 37) {
      const changed = Buffer.from(bytes);
      changed[at]! ^= 1;
      await writeFile(path, changed);
      const { code } = await refused(checkpoint, {}, rows, flow);
      expect(['bad-file', 'incompatible-version']).toContain(code);
    }
    expect(flow.parameters.flat).toEqual(start);
    const last = Buffer.from(bytes);
    last[bytes.length - 1]! ^= 1;
    await writeFile(path, last);
    expect((await refused(checkpoint)).message).toMatch(/do not agree with its checksum/);
  });

  it('contents that no run has, under a checksum that is right', async () => {
    const checkpoint = await stoppedRun();
    const path = join(checkpoint, 'checkpoint.safetensors');
    const { tensors, metadata } = decodeSafetensors(await readFile(path));
    const run = JSON.parse(metadata.get('run')!) as { identity: object; counters: object };
    const withCounters = (changed: object) =>
      JSON.stringify({ ...run, counters: { ...run.counters, ...changed } });
    const texts = [
      '',
      'null',
      '{"identity":null,"counters":null}',
      JSON.stringify({ ...run, identity: { options: {} } }),
      JSON.stringify({ ...run, counters: 7 }),
      ...[{ step: -1 }, { step: 6.5 }, { told: 3 }, { seconds: -1 }, { wallSeconds: '1' }].map(withCounters),
      ...[{ ended: 'soon' }, { optimiserStep: null }, { bestValidation: 'none' }, { sinceBest: 1e30 }].map(
        withCounters,
      ),
      // A history of this length would take more memory than there is.
      withCounters({ step: 2 ** 50, told: 2 ** 50 }),
    ];
    const refusedAs = async (changed: Map<string, Tensor>, text: string): Promise<string> => {
      const unsigned = new Map([...metadata, ['run', text]]);
      unsigned.delete('checksum');
      const checksum = await sha256(encodeSafetensors(changed, unsigned));
      await writeFile(path, encodeSafetensors(changed, new Map([...unsigned, ['checksum', checksum]])));
      const flow = new AffineFlow(2);
      const start = flow.parameters.flat.slice();
      const { code, message } = await refused(checkpoint, {}, rows, flow);
      expect(code).toBe('bad-file');
      expect(flow.parameters.flat).toEqual(start);
      return message;
    };
    for (const text of texts) await refusedAs(tensors, text);
    for (const [name, { data }] of tensors) {
      const pattern = new RegExp(`expected .*float64 numbers as '${name}'; got`);
      const without = new Map(tensors);
      without.delete(name);
      expect(await refusedAs(without, metadata.get('run')!)).toMatch(pattern);
      const single: Tensor = { shape: [data.length], data: Float32Array.from(data as Float64Array) };
      expect(await refusedAs(new Map([...tensors, [name, single]]), metadata.get('run')!)).toMatch(pattern);
    }
    const late: Tensor = { shape: [1], data: Float64Array.of(7) };
    const validated = [...tensors, ['history/validated', late], ['history/validation', late]] as const;
    expect(await refusedAs(new Map(validated), metadata.get('run')!)).toMatch(/validation after step 7 of 6/);
  });

  it('another file of that format', async () => {
    const checkpoint = await stoppedRun();
    const path = join(checkpoint, 'checkpoint.safetensors');
    await writeFile(path, await readFile(join(checkpoint, 'model.safetensors')));
    const error = await refused(checkpoint);
    expect(error.code).toBe('bad-file');
    expect(error.message).toMatch(/it is not a checkpoint of a training run/);
  });
});
