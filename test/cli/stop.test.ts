import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { stopOnSignals } from '../../src/cli/stop.ts';
import { root } from '../support/repository.ts';

describe('a signal', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])('%s stops the command once, which then ends with %d', (name, status) => {
    const source = new EventEmitter();
    const stop = stopOnSignals(source);
    expect([stop.signal.aborted, stop.statusOf(130), stop.statusOf(0)]).toEqual([false, 130, 0]);
    source.emit(name, name);
    expect(stop.signal.aborted).toBe(true);
    expect([130, 0, 1, 2].map((ended) => stop.statusOf(ended))).toEqual([status, 0, 1, 2]);
    expect(source.eventNames()).toEqual([]);
  });

  it('that is the second one ends a process at once, whichever was the first', async () => {
    const stop = pathToFileURL(join(root, 'dist', 'cli', 'stop.js')).href;
    const program = `
      import { stopOnSignals } from '${stop}';
      stopOnSignals(process).signal.addEventListener('abort', () => console.log('stopping'));
      setInterval(() => {}, 1000);
      console.log('ready');`;
    for (const [first, second] of [['SIGINT', 'SIGINT'] as const, ['SIGTERM', 'SIGINT'] as const]) {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', program]);
      try {
        const ended = once(child, 'exit');
        expect(String((await once(child.stdout, 'data'))[0])).toBe('ready\n');
        child.kill(first);
        expect(String((await once(child.stdout, 'data'))[0])).toBe('stopping\n');
        child.kill(second);
        const late = new Promise((resolve) => setTimeout(resolve, 5000, 'it goes on'));
        expect(await Promise.race([ended, late])).toEqual([null, second]);
      } finally {
        child.kill('SIGKILL');
      }
    }
  });
});
