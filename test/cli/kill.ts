import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../support/repository.ts';

const program = join(root, 'dist', 'cli', 'main.js');

/** A process of `liouville` that ended by itself. */
export function toEnd(argv: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [program, ...argv], { encoding: 'utf8' });
}

/** How a process that was sent a signal ended. */
export interface Killed {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stderr: string;
}

/** Starts `liouville`, waits until its run folder has a checkpoint, and `milliseconds` longer, and sends a signal. */
export async function killed(
  argv: readonly string[],
  folder: string,
  milliseconds: number,
  signal: 'SIGKILL' | 'SIGINT' | 'SIGTERM' = 'SIGKILL',
): Promise<Killed> {
  const child = spawn(process.execPath, [program, ...argv]);
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => (stderr += text.toString()));
  const ended = once(child, 'exit') as Promise<[number | null, string | null]>;
  const pause = (time: number) => new Promise((resolve) => setTimeout(resolve, time));
  while (!existsSync(join(folder, 'checkpoint.safetensors')) && child.exitCode === null) await pause(2);
  await pause(milliseconds);
  child.kill(signal);
  const [status, by] = await ended;
  return { status, signal: by, stderr };
}

/** What has to be the same to the bit, however often a run was killed: the model, and the metrics but for the clock. */
export function resultOf(folder: string): { model: string; metrics: unknown[] } {
  const lines = readFileSync(join(folder, 'metrics.jsonl'), 'utf8').trimEnd().split('\n');
  return {
    model: readFileSync(join(folder, 'model.safetensors')).toString('base64'),
    metrics: lines.map((line) => ({ ...(JSON.parse(line) as object), seconds: 0 })),
  };
}
