// What the runs of both sides of a comparison amount to.

import { fastest, isMet, spreadOf } from './statistics.mjs';
import { scaling } from './workloads.mjs';

/** @typedef {import('./workloads.mjs').TaskName} TaskName */
/** @typedef {import('./statistics.mjs').Spread} Spread */

/**
 * @typedef {object} Ratio
 * @property {TaskName} task
 * @property {{ threads: number, seconds: Spread }} peer at its better number of threads
 * @property {{ threads: number, seconds: Spread }} own with all threads
 * @property {number} ratio of the medians
 * @property {number | undefined} floor
 * @property {boolean | null} met null where nothing was promised
 */

/**
 * @typedef {object} Gain
 * @property {TaskName} task
 * @property {Spread} one
 * @property {Spread} all
 * @property {number} threads
 * @property {number} ratio
 * @property {boolean | null} met
 */

/**
 * @typedef {object} Assessment
 * @property {string} name
 * @property {string} title
 * @property {number} rows
 * @property {string} engine
 * @property {Ratio[]} ratios
 * @property {Gain[]} gains
 * @property {{ peer: number | null, own: { mean: number, max: number } | null }} nfe
 * @property {import('./project.mjs').Accuracy | null} accuracy
 * @property {{ peer: import('./processes.mjs').PeerAnswer[], own: import('./project.mjs').Answer[] }} runs
 */

/**
 * Our tasks, and the time of the peer that each is held against. The published FFJORD code integrates the trace
 * whenever it samples, so that `inverse` is the same work and `sample` is what users ask for; zuko samples without.
 */
const pairs = {
  ffjord: /** @type {const} */ ([
    ['train', 'train_s'],
    ['density', 'density_s'],
    ['sample', 'sample_s'],
    ['inverse', 'sample_s'],
  ]),
  zuko: /** @type {const} */ ([
    ['train', 'train_s'],
    ['density', 'density_s'],
    ['sample', 'sample_s'],
  ]),
};

/**
 * @param {import('./workloads.mjs').Workload} workload
 * @param {import('./processes.mjs').PeerAnswer[]} peerRuns
 * @param {import('./project.mjs').Answer[]} ownRuns
 * @returns {Assessment}
 */
export function assess({ name, title, peer, rows, floors }, peerRuns, ownRuns) {
  const ownThreads = threadsOf(ownRuns);
  const all = Math.max(...ownThreads);
  /** @param {TaskName} task @param {number} threads */
  const own = (task, threads) =>
    spreadOf(ownRuns.filter((run) => run.threads === threads).map((run) => run.seconds[task]));
  const ratios = pairs[peer].map(([task, key]) => {
    const better = fastest(
      threadsOf(peerRuns).map((threads) => ({
        threads,
        seconds: spreadOf(peerRuns.filter((run) => run.threads === threads).map((run) => run[key])),
      })),
    );
    const seconds = own(task, all);
    const ratio = better.seconds.median / seconds.median;
    const floor = floors[task];
    return { task, peer: better, own: { threads: all, seconds }, ratio, floor, met: isMet(ratio, floor) };
  });
  const promised = all === 2 && rows >= scaling.fromRows ? scaling.floor : undefined;
  const gains = ownThreads.includes(1)
    ? pairs[peer].map(([task]) => {
        const [one, many] = [own(task, 1), own(task, all)];
        const ratio = one.median / many.median;
        return { task, one, all: many, threads: all, ratio, met: isMet(ratio, promised) };
      })
    : [];
  const [first] = ownRuns;
  return {
    name,
    title,
    rows,
    engine: first?.engine ?? 'none',
    ratios,
    gains: all > 1 ? gains : [],
    nfe: { peer: peerRuns[0]?.nfe_density ?? null, own: first?.nfe ?? null },
    accuracy: ownRuns.find((run) => run.accuracy !== undefined)?.accuracy ?? null,
    runs: { peer: peerRuns, own: ownRuns },
  };
}

/**
 * @param {readonly { threads: number }[]} runs
 * @returns {number[]}
 */
function threadsOf(runs) {
  return [...new Set(runs.map(({ threads }) => threads))];
}
