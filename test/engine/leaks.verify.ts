import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../support/repository.ts';
import { missing } from '../native/addon.ts';

const STEPS = Number(process.env['LIOUVILLE_LEAK_STEPS'] ?? 1000);

/** Runs a script of this folder and returns the JSON that it prints. */
function printed(script: string, ...args: string[]): unknown {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['--expose-gc', join(root, 'test/engine', script), ...args],
    { cwd: root, encoding: 'utf8' },
  );
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  console.log(stdout.trim());
  return JSON.parse(stdout);
}

test.for([
  ['native', 'ffjord'],
  ['native', 'realnvp'],
  ['wasm', 'ffjord'],
  ['wasm', 'realnvp'],
])('memory stays where it is over a training: %s, %s', ([engine, model], { skip }) => {
  if (engine === 'native' && missing !== undefined) skip(missing);
  const found = printed('leak.mjs', engine!, model!, String(STEPS)) as {
    engine: string;
    resident: number[];
  };
  expect(found.engine).toBe(engine);
  expect(found.resident).toHaveLength(10);
  // From the third tenth on everything is compiled and every buffer is there. A tape of one step has 0.4 MB.
  const [settled, later] = [found.resident[2]!, Math.min(...found.resident.slice(7))];
  expect(later - settled).toBeLessThan(16);
});

test.for(['native', 'wasm'])(
  'the engine is loaded and given up in worker threads, over and over: %s',
  (engine, { skip }) => {
    if (engine === 'native' && missing !== undefined) skip(missing);
    const { wrong, resident } = printed('reload.mjs', engine) as { wrong: number; resident: number[] };
    expect(wrong).toBe(0);
    expect(Math.min(...resident.slice(-3)) - resident[2]!).toBeLessThan(32);
  },
);
