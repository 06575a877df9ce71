import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatCounts } from '../support/counts-reporter.ts';
import { root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary.ts';

const CONFIG = `
  import { CountsReporter } from ${JSON.stringify(join(root, 'test/support/counts-reporter.ts'))};
  export default { test: { globals: true, reporters: [new CountsReporter()], include: ['*.test.js'] } };
`;

/** Runs Vitest with the reporter on these files. */
function runTests(files: Readonly<Record<string, string>>): {
  status: number | null;
  lastLine: string;
  output: string;
  written: string;
} {
  const folder = temporaryFolder({ 'vitest.config.mjs': CONFIG, ...files });
  const countsFile = join(folder, 'counts.txt');
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--root', folder],
    { encoding: 'utf8', env: { ...process.env, LIOUVILLE_TEST_COUNTS: countsFile } },
  );
  return {
    status,
    lastLine: stdout.trimEnd().split('\n').at(-1) ?? '',
    output: stdout,
    written: existsSync(countsFile) ? readFileSync(countsFile, 'utf8') : '',
  };
}

describe('the line of counts', () => {
  it('ends a run without failures, which gives the reason of each skipped test', () => {
    const { status, lastLine, output, written } = runTests({
      'a.test.js': `it('one', () => {}); describe('group', () => { it('two', ({ skip }) => skip('no data here')); });`,
      'b.test.js': `it('three', () => {});`,
    });
    expect(lastLine).toBe('2 passed, 0 failed, 1 skipped');
    expect(written).toBe('2 passed, 0 failed, 1 skipped\n');
    expect(output).toContain('skipped: a.test.js > group > two (no data here)');
    expect(status).toBe(0);
  });

  it('counts whatever makes a run fail', () => {
    const { status, lastLine } = runTests({
      'assertion.test.js': `it('good', () => {}); it('bad', () => { expect(1).toBe(2); });`,
      'loading.test.js': `throw new Error('does not load');`,
      'hook.test.js': `describe('d', () => { beforeAll(() => { throw new Error('hook'); }); it('never', () => {}); });`,
      'stray.test.js': `it('fine', async () => { void Promise.reject(new Error('stray')); await new Promise((r) => setTimeout(r, 20)); });`,
      'syntax.test.js': `it('unfinished`,
    });
    expect(lastLine).toBe('2 passed, 5 failed, 1 skipped');
    expect(status).not.toBe(0);
  });

  it('is a failure where no test was found', () => {
    const { status, lastLine } = runTests({});
    expect(lastLine).toBe('0 passed, 1 failed');
    expect(status).not.toBe(0);
  });

  it('is a failure where the set-up threw', () => {
    const { status, lastLine } = runTests({
      'vitest.config.mjs': CONFIG.replace('globals: true', `globals: true, globalSetup: './setup.mjs'`),
      'setup.mjs': `export function setup() { throw new Error('set-up'); }`,
      'a.test.js': `it('one', () => {});`,
    });
    expect(lastLine).toBe('0 passed, 1 failed');
    expect(status).not.toBe(0);
  });

  it('mentions skipped tests only where there are some', () => {
    expect(formatCounts({ passed: 3, failed: 1, skipped: 0 })).toBe('3 passed, 1 failed');
    expect(formatCounts({ passed: 3, failed: 1, skipped: 2 })).toBe('3 passed, 1 failed, 2 skipped');
  });
});
