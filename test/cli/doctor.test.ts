import { describe, expect, it } from 'vitest';
import { liouville } from './run.ts';

describe('liouville doctor', () => {
  it('lists every engine, with what would help where one is missing, and marks the chosen one', async () => {
    const { status, stdout, stderr } = await liouville(['doctor']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^reference +available/m);
    expect(stdout.match(/chosen/g)).toHaveLength(1);
    expect(stdout).toMatch(/^webgpu +not available: .+\n +\S.+/m);
    expect(stdout).toMatch(/^liouville +\d+\.\d+\.\d+/m);
    expect(stdout).toMatch(/^threads +\d+$/m);
  });

  it('prints one JSON document with --json', async () => {
    const { stdout } = await liouville(['doctor', '--json'], { env: { LIOUVILLE_THREADS: '3' } });
    const report = JSON.parse(stdout) as Record<string, unknown>;
    expect(report).toMatchObject({
      engines: expect.arrayContaining([{ name: 'reference', available: true }]) as unknown,
      chosen: expect.any(String) as unknown,
      threads: 3,
      versions: { node: process.versions.node },
    });
  });

  it('refuses a number of threads that is none', async () => {
    const ended = await liouville(['doctor'], { env: { LIOUVILLE_THREADS: 'many' } });
    expect(ended).toMatchObject({ status: 2, stdout: '' });
    expect(ended.stderr).toBe(
      "liouville: LIOUVILLE_THREADS: expected a positive whole number; got 'many'.\n",
    );
  });
});
