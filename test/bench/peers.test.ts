import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { comparePeers, peerSections } from '../../bench/peers.mjs';
import { findPeers } from '../../bench/processes.mjs';
import { chosen, withRows } from '../../bench/workloads.mjs';
import { ffjord } from '../../src/cnf/index.ts';
import { encodeSafetensors } from '../../src/files/index.ts';
import { root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** Stands for Python: has every module, exports the weights beside it, and answers with what the peer would. */
const STAND_IN = `#!/bin/sh
if [ "$1" = -c ]; then exit 0; fi
if [ -n "$EXPORT" ]; then cp "$(dirname "$0")/weights.safetensors" "$EXPORT"; exit 0; fi
echo '{"threads": 1, "train_s": 2000, "density_s": 1000, "sample_s": 1000, "nfe_density": 20'"$EXTRA"'}'
`;

/** A folder that can be used for everything that the environment has to name. */
function standIn(): string {
  const folder = temporaryFolder({ python: STAND_IN, 'bench_ffjord.py': '', 'bench_zuko.py': '' });
  chmodSync(join(folder, 'python'), 0o755);
  writeFileSync(join(folder, 'weights.safetensors'), publishedWeights());
  for (const name of ['FFJORD_DIR', 'TORCHDIFFEQ_DIR', 'ZUKO_DIR', 'PEERS_DIR']) vi.stubEnv(name, folder);
  vi.stubEnv('PYTHON', join(folder, 'python'));
  vi.stubEnv('LIOUVILLE_ENGINE', 'reference');
  return folder;
}

/** Two rows, and a small flow, laid out as the published code would export them. */
function publishedWeights(): Uint8Array {
  const flow = ffjord({ dim: 2, hidden: [4] });
  const config = {
    dim: 2,
    dims: '4',
    layer_type: 'concatsquash',
    nonlinearity: 'tanh',
    T: 0.5,
    train_T: false,
  };
  const parameters = flow.parameters.names().map((name) => {
    const { data, rows, cols } = flow.parameters.get(name);
    const shape = name.endsWith('bias') && rows === 1 ? [cols] : [rows, cols];
    return [`param/${name}`, { data, shape }] as const;
  });
  const rows = [0.5, -1, 0.25, 2];
  return encodeSafetensors(
    new Map([
      ...parameters,
      ['x', { data: Float64Array.from(rows), shape: [2, 2] }],
      ['e', { data: Float64Array.of(1, -1, -1, 1), shape: [2, 2] }],
    ]),
    new Map([['config', JSON.stringify(config)]]),
  );
}

function compare(only: string): ReturnType<typeof comparePeers> {
  const workloads = withRows(chosen(only), 2);
  return comparePeers({ workloads, rounds: 1, threads: [1], seconds: 0.001, say: () => undefined });
}

afterEach(() => {
  vi.unstubAllEnvs();
});

describe('beside other projects', () => {
  it('measures both sides on the exported weights and holds the results against finer ones', () => {
    standIn();
    const [found] = compare('ffjord-2d-hutchinson');
    expect(found!.engine).toBe('reference');
    const train = found!.ratios.find(({ task }) => task === 'train')!;
    expect(train.peer).toEqual({ threads: 1, seconds: { median: 2000, least: 2000, most: 2000 } });
    expect(train.ratio).toBeCloseTo(2000 / train.own.seconds.median, 9);
    expect(found!.nfe.peer).toBe(20);
    expect(found!.nfe.own!.mean).toBeGreaterThanOrEqual(8);
    expect(found!.accuracy!.largest).toBeLessThan(1e-4);
    expect(found!.accuracy!.gradient).toBeGreaterThan(0);
    const sections = peerSections([found!]);
    expect(Object.keys(sections)).toEqual(['peers', 'threads', 'agreement']);
    expect(sections['peers']).toContain(
      '| FFJORD 2-D, 64-64-64, Hutchinson in training, 2 rows: training step |',
    );
  });

  it('refuses to compare models of different sizes', () => {
    standIn();
    vi.stubEnv('EXTRA', ', "params": 7');
    expect(() => compare('realnvp')).toThrow(/the peer has 7 parameters, this project 88990/);
  });

  it('refuses hours of the reference engine', () => {
    standIn();
    const options = { rounds: 1, threads: [1], seconds: 1, say: () => undefined };
    expect(() => comparePeers({ workloads: chosen('realnvp'), ...options })).toThrow(
      /'reference' would take hours/,
    );
  });

  it('shows what a process said that failed', () => {
    const folder = standIn();
    writeFileSync(
      join(folder, 'python'),
      '#!/bin/sh\n[ "$1" = -c ] && exit 0\necho "no such layer" >&2\nexit 3\n',
    );
    expect(() => compare('realnvp')).toThrow(/ended with 3:\nno such layer/);
  });

  it('says everything that is missing', () => {
    const environment = { FFJORD_DIR: root, PEERS_DIR: root, PYTHON: 'python-that-is-not-there' };
    expect(() => findPeers(environment, chosen(undefined))).toThrow(
      new RegExp(
        [
          'TORCHDIFFEQ_DIR is not set: a checkout of rtqichen/torchdiffeq',
          'ZUKO_DIR is not set: a checkout of probabilists/zuko',
          'PEERS_DIR: there is no .*bench_ffjord.py; .*',
          'PEERS_DIR: there is no .*bench_zuko.py; .*',
          "PYTHON: 'python-that-is-not-there' cannot import torch and numpy",
        ].join('\n  '),
      ),
    );
  });
});

describe('npm run bench', () => {
  it.each([
    [['--only', 'nvp', '--peers'], /^bench: --only: no workload/],
    [['--rounds', '0'], /^bench: --rounds: expected a positive whole number; got '0'/],
    [['--seconds', 'two'], /^bench: --seconds: expected a positive number; got 'two'/],
    [['--fast'], /^bench: Unknown option '--fast'/],
  ])('refuses %j before it measures', (args, message) => {
    const { status, stderr } = spawnSync(process.execPath, [join(root, 'bench/main.mjs'), ...args], {
      encoding: 'utf8',
    });
    expect(status).toBe(1);
    expect(stderr).toMatch(message);
  });
});
