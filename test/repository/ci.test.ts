import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { read } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary.ts';

/**
 * Stands for npm and npx: notes what it was asked for, writes the counts in COUNTS when it is the tests' turn, and
 * fails where FAILING is among its arguments.
 */
const STAND_IN = `#!/usr/bin/env bash
echo "ran: $*"
if [[ "$*" == "test" && -n "$COUNTS" ]]; then echo "$COUNTS" > "$LIOUVILLE_TEST_COUNTS"; fi
if [[ -n "$FAILING" && " $* " == *" $FAILING "* ]]; then exit 3; fi
`;

/** Runs .ci/run with stand-ins for npm and npx. */
function runCi({ counts = '', failing = '' }): { status: number | null; lastLine: string; ran: string[] } {
  const folder = temporaryFolder({
    '.ci/run': read('.ci/run'),
    'bin/npm': STAND_IN,
    'bin/npx': STAND_IN,
    // Nothing is installed by a test.
    'bin/apt-get': '#!/usr/bin/env bash\n',
  });
  for (const name of ['npm', 'npx', 'apt-get']) chmodSync(join(folder, 'bin', name), 0o755);
  const { status, stdout } = spawnSync('bash', [join(folder, '.ci/run')], {
    encoding: 'utf8',
    env: {
      PATH: `${join(folder, 'bin')}${delimiter}${process.env['PATH'] ?? ''}`,
      COUNTS: counts,
      FAILING: failing,
    },
  });
  const lines = stdout.trimEnd().split('\n');
  return {
    status,
    lastLine: lines.at(-1) ?? '',
    ran: lines.filter((line) => line.startsWith('ran: ')).map((line) => line.slice('ran: '.length)),
  };
}

describe('.ci/run', () => {
  it('runs every step and ends with the counts of the tests', () => {
    expect(runCi({ counts: '12 passed, 0 failed, 1 skipped' })).toEqual({
      status: 0,
      lastLine: '12 passed, 0 failed, 1 skipped',
      ran: [
        'ci',
        'run build',
        'run lint',
        'run format:check',
        'run typecheck',
        'test',
        'run notebooks',
        '--no -- liouville doctor',
      ],
    });
  });

  it.each(['build', 'lint', 'format:check', 'typecheck', 'notebooks', 'doctor'])(
    'counts %s where it fails',
    (failing) => {
      const { status, lastLine, ran } = runCi({ counts: '12 passed, 0 failed', failing });
      expect(lastLine).toBe('12 passed, 1 failed');
      expect(status).toBe(1);
      expect(ran).toHaveLength(8);
    },
  );

  it('counts failed tests once', () => {
    const { status, lastLine } = runCi({ counts: '12 passed, 2 failed', failing: 'test' });
    expect(lastLine).toBe('12 passed, 2 failed');
    expect(status).toBe(1);
  });

  it.each(['', 'nonsense', '12 passed, 0 failed'])('counts tests that end with %j and an error', (counts) => {
    const { status, lastLine } = runCi({ counts, failing: 'test' });
    expect(lastLine).toMatch(/^(0|12) passed, 1 failed$/);
    expect(status).toBe(1);
  });

  it('does not believe tests that say nothing', () => {
    const { status, lastLine } = runCi({});
    expect(lastLine).toBe('0 passed, 1 failed');
    expect(status).toBe(1);
  });

  it('stops where the dependencies cannot be installed', () => {
    const { status, lastLine, ran } = runCi({ counts: '12 passed, 0 failed', failing: 'ci' });
    expect(lastLine).toBe('0 passed, 1 failed');
    expect(status).toBe(1);
    expect(ran).toEqual(['ci']);
  });
});
