// This project beside others, in turn on the same machine, with the same weights and rows where they can be had.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assess } from './assess.mjs';
import { library } from './library.mjs';
import { short, spread, table, verdict } from './markdown.mjs';
import { exportWeights, findPeers, runPeer, runProject } from './processes.mjs';

/** @typedef {import('./workloads.mjs').Workload} Workload */
/** @typedef {import('./assess.mjs').Assessment} Assessment */

/**
 * @typedef {object} PeerOptions
 * @property {readonly Workload[]} workloads
 * @property {number} rounds
 * @property {readonly number[]} threads
 * @property {number} seconds of each of our measurements
 * @property {(text: string) => void} say
 */

/**
 * @param {PeerOptions} options
 * @returns {Assessment[]}
 */
export function comparePeers({ workloads, rounds, threads, seconds, say }) {
  const peers = findPeers(process.env, workloads);
  if (library.chooseEngine().name === 'reference' && workloads.some(({ rows }) => rows > 16)) {
    throw new Error(
      "the engine 'reference' would take hours; --rows 4 tries the rest (liouville doctor says more)",
    );
  }
  const folder = mkdtempSync(join(tmpdir(), 'liouville-bench-'));
  try {
    return workloads.map((workload) => {
      const begin = performance.now();
      const file = workload.peer === 'ffjord' ? join(folder, `${workload.name}.safetensors`) : undefined;
      if (file !== undefined) exportWeights(peers, workload, file);
      const [peerRuns, ownRuns] = [
        /** @type {import('./processes.mjs').PeerAnswer[]} */ ([]),
        /** @type {import('./project.mjs').Answer[]} */ ([]),
      ];
      for (let round = 0; round < rounds; round++) {
        for (const count of threads) {
          say(`${workload.name}, round ${round + 1} of ${rounds}, threads ${count}`);
          peerRuns.push(runPeer(peers, workload, count));
          ownRuns.push(runProject(requestOf(workload, file, count, seconds, ownRuns.length === 0)));
        }
      }
      const assessment = assess(workload, peerRuns, ownRuns);
      const took = Math.round((performance.now() - begin) / 1000);
      const ratios = assessment.ratios.map(({ task, ratio }) => `${task} ${short(ratio)}x`);
      say(`${workload.name}: ${ratios.join(', ')} (${took} s)`);
      checkSameWork(workload, assessment);
      return assessment;
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {Workload} workload
 * @param {string | undefined} file
 * @param {number} threads
 * @param {number} seconds
 * @param {boolean} check
 * @returns {import('./project.mjs').Request}
 */
function requestOf({ name, rows, trace, settings }, file, threads, seconds, check) {
  return {
    name,
    rows,
    train: trace,
    // In two dimensions the published code takes the exact trace whenever it does not train.
    evaluate: settings['dim'] === 2 ? 'exact' : trace,
    threads,
    seconds,
    check,
    ...(file === undefined ? {} : { file }),
  };
}

/**
 * Ratios of different work would mean nothing.
 *
 * @param {Workload} workload
 * @param {Assessment} assessment
 */
function checkSameWork({ name, rows }, { accuracy, runs }) {
  const [peer, own] = [runs.peer[0], runs.own[0]];
  if (peer?.params !== undefined && peer.params !== own?.parameters) {
    throw new Error(`${name}: the peer has ${peer.params} parameters, this project ${own?.parameters}`);
  }
  const bound = 1e-2;
  if (accuracy !== null && !(accuracy.largest < bound && accuracy.gradient < bound)) {
    throw new Error(`${name}: of ${rows} rows one is wrong, or the gradient: ${JSON.stringify(accuracy)}`);
  }
}

/** @type {Readonly<Record<import('./workloads.mjs').TaskName, string>>} */
const labels = {
  train: 'training step',
  density: 'density',
  sample: 'samples',
  inverse: 'samples with log-determinant',
};

/**
 * @param {readonly Assessment[]} assessments
 * @returns {Record<string, string>} markdown by the name of its place in the document
 */
export function peerSections(assessments) {
  const ratios = assessments.flatMap(({ title, rows, ratios }) =>
    ratios.map(({ task, peer, own, ratio, floor, met }) => [
      `${title}, ${rows.toLocaleString('en')} rows: ${labels[task]}`,
      spread(peer.seconds),
      String(peer.threads),
      spread(own.seconds),
      `${short(ratio)}x`,
      floor === undefined ? '' : `${floor}x`,
      verdict(met),
    ]),
  );
  const gains = assessments.flatMap(({ title, rows, gains }) =>
    gains.map(({ task, one, all, ratio, met }) => [
      `${title}, ${rows.toLocaleString('en')} rows: ${labels[task]}`,
      spread(one),
      spread(all),
      `${short(ratio)}x`,
      verdict(met),
    ]),
  );
  const agreement = assessments.map(({ title, rows, nfe, accuracy }) => [
    `${title}, ${rows.toLocaleString('en')} rows`,
    nfe.peer === null ? '' : short(nfe.peer),
    nfe.own === null ? '' : `${nfe.own.mean.toFixed(1)} (${nfe.own.max})`,
    ...(accuracy === null
      ? ['', '', '']
      : [short(accuracy.largest), short(accuracy.mean), short(accuracy.gradient)]),
  ]);
  const [some] = assessments.flatMap((assessment) => assessment.gains);
  return {
    peers: table(['work', 'PyTorch, s', 'its threads', 'Liouville, s', 'ratio', 'floor', 'met'], ratios),
    threads:
      some === undefined
        ? 'Measured with one thread only.'
        : table(['work', '1 thread, s', `${some.threads} threads, s`, 'ratio', 'at least 1.7'], gains),
    agreement: table(
      [
        'work',
        'evaluations, PyTorch',
        'ours, mean (max)',
        'largest difference, nats',
        'mean difference',
        'gradient',
      ],
      agreement,
    ),
  };
}
