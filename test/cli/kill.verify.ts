import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { uniform } from '../../src/random/index.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { killed, resultOf, toEnd } from './kill.ts';

const KILLS = 20;

/** Every number that a checkpoint brings back is in use, and checkpoints are frequent enough to be hit while written. */
const usual = ['--ema', '0.99', '--weight-decay', '0.01', '--warm-up', '20', '--validate-every', '10'];
const cases: readonly (readonly [string, readonly string[]])[] = [
  ['realnvp', ['--steps', '600', '--batch', '60', '--checkpoint-every', '3']],
  ['ffjord', ['--steps', '120', '--batch', '60', '--checkpoint-every', '2', '--tolerance', '1e-2']],
];

describe.each(cases)('a run of %s', (model, more) => {
  const argv = ['train', '--data', 'moons', '--model', model, '--seed', '7', ...usual, ...more, '--out'];

  it(`killed at ${KILLS} random moments, resumed each time, ends with the same bits`, async () => {
    const whole = join(temporaryFolder(), 'run');
    const began = performance.now();
    expect(toEnd([...argv, whole])).toMatchObject({ status: 0, stderr: '' });
    const duration = performance.now() - began;
    const expected = resultOf(whole);
    let kills = 0;
    let tries = 0;
    for (; kills < KILLS && tries < 3 * KILLS; tries++) {
      const run = join(temporaryFolder(), 'run');
      const begun = await killed([...argv, run], run, uniform(1, 0, tries) * 0.7 * duration);
      if (begun.signal === 'SIGKILL') {
        kills += 1;
        expect(toEnd(['train', '--resume', run])).toMatchObject({ status: 0, stderr: '' });
      }
      expect(resultOf(run)).toEqual(expected);
    }
    console.log(`${model}: ${(duration / 1000).toFixed(1)} s undisturbed; ${kills} kills in ${tries} runs`);
    expect(kills).toBe(KILLS);
  });

  it(`killed ${KILLS} times in succession, ends with the same bits`, async () => {
    const whole = join(temporaryFolder(), 'run');
    const began = performance.now();
    expect(toEnd([...argv, whole])).toMatchObject({ status: 0 });
    const duration = performance.now() - began;
    const run = join(temporaryFolder(), 'run');
    let ended = await killed([...argv, run], run, 0);
    let kills = 0;
    for (; kills < KILLS && ended.signal === 'SIGKILL'; kills++) {
      // From the start of the process, since the checkpoint is there already.
      const moment = (0.2 + 0.3 * uniform(2, 0, kills)) * duration;
      ended = await killed(['train', '--resume', run], run, moment);
    }
    if (ended.signal === 'SIGKILL') toEnd(['train', '--resume', run]);
    console.log(`${model}: killed ${kills} times in succession`);
    expect(resultOf(run)).toEqual(resultOf(whole));
  });
});
