// Starts the two sides of a comparison, each in a process of its own that prints one JSON line.

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** @typedef {import('./workloads.mjs').Workload} Workload */

/**
 * Where the other projects are.
 *
 * @typedef {object} Peers
 * @property {string} python
 * @property {string} scripts the folder of bench_ffjord.py and bench_zuko.py
 * @property {NodeJS.ProcessEnv} environment
 */

/** What has to be set for each peer, and what it is. */
const NEEDED = {
  ffjord: {
    FFJORD_DIR: 'a checkout of rtqichen/ffjord',
    TORCHDIFFEQ_DIR: 'a checkout of rtqichen/torchdiffeq',
  },
  zuko: { ZUKO_DIR: 'a checkout of probabilists/zuko' },
};

/**
 * @param {NodeJS.ProcessEnv} environment
 * @param {readonly Workload[]} workloads
 * @returns {Peers}
 */
export function findPeers(environment, workloads) {
  const used = [...new Set(workloads.map(({ peer }) => peer))];
  const missing = used.flatMap((peer) =>
    Object.entries(NEEDED[peer]).flatMap(([name, what]) => complaint(environment, name, what, '')),
  );
  for (const peer of used) {
    missing.push(...complaint(environment, 'PEERS_DIR', `the folder of ${scriptOf(peer)}`, scriptOf(peer)));
  }
  const python = environment['PYTHON'] || 'python3';
  const { status } = spawnSync(python, ['-c', 'import torch, numpy'], { stdio: 'ignore' });
  if (status !== 0) missing.push(`PYTHON: '${python}' cannot import torch and numpy`);
  if (missing.length > 0) throw new Error(`--peers needs other projects:\n  ${missing.join('\n  ')}`);
  return { python, scripts: String(environment['PEERS_DIR']), environment };
}

/**
 * @param {NodeJS.ProcessEnv} environment
 * @param {string} name
 * @param {string} what
 * @param {string} file that has to be there
 * @returns {string[]}
 */
function complaint(environment, name, what, file) {
  const folder = environment[name];
  if (folder === undefined || folder === '') return [`${name} is not set: ${what}`];
  return existsSync(join(folder, file))
    ? []
    : [`${name}: there is no ${join(folder, file)}; expected ${what}`];
}

/** @param {Workload['peer']} peer */
function scriptOf(peer) {
  return `bench_${peer}.py`;
}

/**
 * @typedef {object} PeerAnswer
 * @property {number} threads
 * @property {number} train_s
 * @property {number} density_s
 * @property {number} sample_s
 * @property {number} [nfe_density]
 * @property {number} [params]
 */

/**
 * Runs a peer once.
 *
 * @param {Peers} peers
 * @param {Workload} workload
 * @param {number} threads
 * @returns {PeerAnswer}
 */
export function runPeer(peers, { peer, settings }, threads) {
  const said = python(peers, peer, { ...settings, threads });
  return /** @type {PeerAnswer} */ (lastJson(said));
}

/**
 * Writes the peer's weights and rows to a file.
 *
 * @param {Peers} peers
 * @param {Workload} workload
 * @param {string} file
 */
export function exportWeights(peers, { peer, settings }, file) {
  python({ ...peers, environment: { ...peers.environment, EXPORT: file } }, peer, settings);
}

/**
 * @param {Peers} peers
 * @param {Workload['peer']} peer
 * @param {object} settings
 */
function python(peers, peer, settings) {
  const script = join(peers.scripts, scriptOf(peer));
  return output(peers.python, [script, JSON.stringify(settings)], peers.environment);
}

/**
 * Measures this project once.
 *
 * @param {import('./project.mjs').Request} request
 * @returns {import('./project.mjs').Answer}
 */
export function runProject(request) {
  const script = fileURLToPath(new URL('project.mjs', import.meta.url));
  const said = output(process.execPath, [script, JSON.stringify(request)], process.env);
  return /** @type {import('./project.mjs').Answer} */ (lastJson(said));
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {NodeJS.ProcessEnv} environment
 * @returns {string} what it printed
 */
export function output(command, args, environment) {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    encoding: 'utf8',
    env: environment,
    maxBuffer: 1 << 26,
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stderr.trim()}`);
  return stdout;
}

/**
 * @param {string} text
 * @returns {unknown}
 */
function lastJson(text) {
  return JSON.parse(text.trim().split('\n').at(-1) ?? '');
}
