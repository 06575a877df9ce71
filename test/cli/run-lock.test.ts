import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { alone } from '../../src/cli/run-lock.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** The name of the file of the process that does something in the folder now. */
async function lockName(): Promise<string> {
  const folder = temporaryFolder();
  return alone('--out', folder, async () => readdirSync(folder)[0]!);
}

describe('a process that is alone in a folder', () => {
  it('leaves nothing there, whether its task ends well or not', async () => {
    const folder = temporaryFolder();
    expect(await alone('--out', folder, async () => readdirSync(folder).length)).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
    const failing = alone('--out', folder, async () => {
      throw new RangeError('no');
    });
    await expect(failing).rejects.toThrow(RangeError);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('keeps others out until it has ended, and then is not in the way', async () => {
    const folder = temporaryFolder();
    const other = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 1000)']);
    onTestFinished(() => void other.kill('SIGKILL'));
    const ended = once(other, 'exit');
    const own = await lockName();
    // With the beginning that Linux tells, and where none is told.
    const began = spawnSync('cut', ['-d', ' ', '-f', '22', `/proc/${other.pid}/stat`], { encoding: 'utf8' });
    const names = [`.${other.pid}-${began.stdout.trim() || '0'}.lock`, `.${other.pid}-0.lock`];
    for (const name of names) {
      writeFileSync(join(folder, name), '');
      await expect(alone('--resume', folder, async () => 1)).rejects.toMatchObject({
        code: 'invalid-argument',
        message: `--resume: process ${other.pid} is at work in '${folder}'; wait until it has ended, or end it.`,
      });
      expect(readdirSync(folder)).toEqual([name]);
      rmSync(join(folder, name));
    }
    for (const name of names) writeFileSync(join(folder, name), '');
    other.kill('SIGKILL');
    await ended;
    expect(await alone('--resume', folder, async () => readdirSync(folder))).toEqual([own]);
  });

  it('refuses a second task of its own process', async () => {
    const folder = temporaryFolder();
    const second = alone('--out', folder, () => alone('--out', folder, async () => 1));
    await expect(second).rejects.toThrow(`process ${process.pid} is at work`);
  });

  it.runIf(process.platform === 'linux')(
    'knows another process with the number of one that ended',
    async () => {
      const folder = temporaryFolder();
      const own = await lockName();
      const [, pid, began] = /^\.(\d+)-(\d+)\.lock$/.exec(own)!;
      writeFileSync(join(folder, `.${pid}-${Number(began) - 1}.lock`), '');
      expect(await alone('--out', folder, async () => readdirSync(folder))).toEqual([own]);
    },
  );

  it('never lets two in, of many that come at once', async () => {
    const folder = temporaryFolder();
    let inside = 0;
    const tasks = Array.from({ length: 20 }, () =>
      alone('--out', folder, async () => {
        inside += 1;
        await new Promise((resolve) => setTimeout(resolve, 20));
        return inside--;
      }),
    );
    const settled = await Promise.allSettled(tasks);
    const values = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(new Set(values)).toEqual(new Set([1]));
    expect(readdirSync(folder)).toEqual([]);
  });
});
