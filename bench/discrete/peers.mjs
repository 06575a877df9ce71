// The discrete flows beside those of zuko and nflows: equal numbers of parameters, in turn on the same machine, each with the
// number of threads that suits it; and whether both find the same densities with the same weights.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { short, spread, table, verdict } from '../markdown.mjs';
import { output } from '../processes.mjs';
import { fastest, isMet, spreadOf } from '../statistics.mjs';
import { disagreement } from './agree.mjs';

/** @typedef {'train' | 'density' | 'sample'} Task */

/**
 * @typedef {object} Workload
 * @property {'zuko' | 'nflows'} peer
 * @property {'RealNVP' | 'MAF' | 'NSF'} flow
 * @property {number} dim
 * @property {Partial<Record<Task, number>>} floors the least ratio that was promised
 * @property {boolean} sample whether sampling is measured: a network pass for each feature, for the peers
 */

/**
 * What one process said.
 *
 * @typedef {object} Answer
 * @property {number} parameters
 * @property {(Record<Task, number> & { threads: number })[]} seconds
 */

/** @typedef {{ task: Task, peer: Timed, own: Timed, ratio: number, floor: number | undefined }} Ratio */
/** @typedef {ReturnType<typeof fastest<number>>} Timed */
/** @typedef {Workload & { parameters: number, ratios: Ratio[], inOrder: number | null }} Measured */

/** @type {readonly Workload[]} */
const workloads = [
  { peer: 'zuko', flow: 'RealNVP', dim: 6, floors: { train: 8 }, sample: true },
  { peer: 'zuko', flow: 'MAF', dim: 6, floors: { train: 8 }, sample: true },
  { peer: 'nflows', flow: 'MAF', dim: 6, floors: { train: 8 }, sample: true },
  { peer: 'zuko', flow: 'MAF', dim: 63, floors: { train: 8, sample: 50 }, sample: true },
  { peer: 'zuko', flow: 'NSF', dim: 6, floors: { train: 8 }, sample: true },
  { peer: 'nflows', flow: 'NSF', dim: 6, floors: { train: 8 }, sample: true },
  { peer: 'zuko', flow: 'NSF', dim: 63, floors: { train: 8 }, sample: false },
];
const shape = { layers: 5, hidden: [128, 128], rows: 1000 };
const NEEDED = { zuko: 'ZUKO_DIR', nflows: 'NFLOWS_DIR' };
const here = fileURLToPath(new URL('.', import.meta.url));

/**
 * @param {object} options
 * @param {number} options.rounds
 * @param {readonly number[]} options.threads
 * @param {number} options.seconds of each measurement
 * @param {(text: string) => void} options.say
 */
export async function compareDiscrete({ rounds, threads, seconds, say }) {
  const { python, present } = found(process.env, say);
  const chosen = workloads.filter(({ peer }) => present.includes(peer));
  /** @type {Map<Workload, { peer: Answer[], own: Answer[] }>} */
  const answers = new Map(chosen.map((workload) => [workload, { peer: [], own: [] }]));
  for (let round = 0; round < rounds; round++) {
    for (const [workload, { peer, own }] of answers) {
      say(`${titleOf(workload)} beside ${workload.peer}, round ${round + 1} of ${rounds}`);
      const request = JSON.stringify({ ...shape, ...workload, threads, seconds });
      peer.push(lastJson(output(python, [join(here, 'peer.py'), request], process.env)));
      own.push(lastJson(output(process.execPath, [join(here, 'ours.mjs'), request], process.env)));
    }
  }
  const measured = chosen.map((workload) => assessed(workload, answers.get(workload)));
  return { measured, agreement: await agreements(python, present) };
}

/**
 * @param {NodeJS.ProcessEnv} environment
 * @param {(text: string) => void} say
 */
function found(environment, say) {
  const python = environment['PYTHON'] || 'python3';
  const { status } = spawnSync(python, ['-c', 'import torch, numpy'], { stdio: 'ignore' });
  if (status !== 0) throw new Error(`--discrete needs PYTHON: '${python}' cannot import torch and numpy`);
  const present = Object.entries(NEEDED).flatMap(([peer, name]) => (environment[name] ? [peer] : []));
  if (present.length === 0) throw new Error('--discrete needs ZUKO_DIR or NFLOWS_DIR, checkouts of them');
  for (const [peer, name] of Object.entries(NEEDED)) {
    if (!present.includes(peer)) say(`${name} is not set: nothing is measured beside ${peer}`);
  }
  return { python, present };
}

/**
 * @param {Workload} workload
 * @param {{ peer: Answer[], own: Answer[] } | undefined} answers
 * @returns {Measured}
 */
function assessed(workload, answers) {
  if (answers === undefined) throw new Error('nothing was measured');
  const parameters = new Set([...answers.peer, ...answers.own].map((answer) => answer.parameters));
  if (parameters.size !== 1) {
    throw new Error(`${titleOf(workload)}: numbers of parameters differ: ${[...parameters].join(', ')}`);
  }
  /** @type {Task[]} */
  const tasks = workload.sample ? ['train', 'density', 'sample'] : ['train', 'density'];
  const ratios = tasks.map((task) => {
    const [peer, own] = [best(answers.peer, task), best(answers.own, task)];
    const ratio = peer.seconds.median / own.seconds.median;
    return { task, peer, own, ratio, floor: workload.floors[task] };
  });
  const own = new Map(ratios.map(({ task, own: timed }) => [task, timed.seconds.median]));
  const [density, sample] = [own.get('density'), own.get('sample')];
  const inOrder = sample === undefined || density === undefined ? null : sample / density;
  return { ...workload, parameters: Number([...parameters][0]), ratios, inOrder };
}

/**
 * @param {readonly Answer[]} answers
 * @param {Task} task
 */
function best(answers, task) {
  const counts = answers[0]?.seconds.map(({ threads }) => threads) ?? [];
  const candidates = counts.map((threads, i) => ({
    threads,
    seconds: spreadOf(answers.map(({ seconds }) => Number(seconds[i]?.[task]))),
  }));
  return fastest(candidates);
}

/**
 * @param {string} python
 * @param {readonly string[]} present
 */
async function agreements(python, present) {
  const folder = mkdtempSync(join(tmpdir(), 'liouville-bench-'));
  const file = join(folder, 'weights.npz');
  const cases = [
    { peer: 'zuko', flow: 'RealNVP' },
    { peer: 'zuko', flow: 'MAF' },
    { peer: 'nflows', flow: 'NSF' },
  ].filter(({ peer }) => present.includes(peer));
  try {
    const results = [];
    for (const each of cases) {
      const settings = { ...shape, ...each, dim: 6, rows: 500 };
      output(python, [join(here, 'peer.py'), JSON.stringify({ ...settings, export: file })], process.env);
      const largest = await disagreement(settings, new Uint8Array(readFileSync(file)));
      if (!(largest < 1e-8)) throw new Error(`${each.flow} of ${each.peer}: densities differ by ${largest}`);
      results.push({ ...each, largest });
    }
    return results;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {string} text
 * @returns {Answer}
 */
function lastJson(text) {
  return /** @type {Answer} */ (JSON.parse(text.trim().split('\n').at(-1) ?? ''));
}

/** @param {Pick<Workload, 'flow' | 'dim'>} workload */
function titleOf({ flow, dim }) {
  return `${flow} ${dim}-D`;
}

const labels = { train: 'training step', density: 'density', sample: 'samples' };

/**
 * @param {Awaited<ReturnType<typeof compareDiscrete>>} results
 * @returns {Record<string, string>} markdown by the name of its place in the document
 */
export function discreteSections({ measured, agreement }) {
  const lines = measured.flatMap((workload) =>
    workload.ratios.map(({ task, peer, own, ratio, floor }) => [
      `${titleOf(workload)}, ${workload.parameters.toLocaleString('en')} parameters: ${labels[task]}`,
      workload.peer,
      spread(peer.seconds),
      spread(own.seconds),
      `${short(ratio)}x`,
      floor === undefined ? '' : `${floor}x`,
      verdict(isMet(ratio, floor)),
    ]),
  );
  const ways = measured.flatMap(({ inOrder, ...workload }) =>
    inOrder === null ? [] : [`${titleOf(workload)} (${workload.peer}) ${short(inOrder)}`],
  );
  const equal = agreement.map(({ peer, flow, largest }) => `${flow} of ${peer} ${short(largest)}`);
  return {
    discrete: [
      table(['work', 'beside', 'PyTorch, s', 'Liouville, s', 'ratio', 'floor', 'met'], lines),
      `Samples as multiples of a density pass of ours: ${ways.join(', ')}.`,
      `Largest difference of a log-density with the same weights, float64, nats: ${equal.join(', ')}.`,
    ].join('\n\n'),
  };
}
