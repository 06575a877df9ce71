// One training step of PointFlow on the sizes of the paper, beside PyTorch with torchdiffeq: 16 clouds of 2048 points, a
// decoder of 512-512-512, a prior of 256-256 on 128 latents, maximum likelihood with one Hutchinson probe, dopri5 at 1e-5.
// Each side makes its own first weights, so that steps and evaluations differ a little; both are printed.
//
//   TORCHDIFFEQ_DIR=... node bench/pointcloud/step.mjs [--points 2048] [--threads 2] [--no-peer]
//
// Run it alone on the machine. The floor is twice the speed of PyTorch.

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const built = (/** @type {string} */ path) => import(new URL(`../../dist/${path}`, import.meta.url).href);
const { fitPointFlow, pointFlow } = /** @type {typeof import('../../src/pointcloud/index.ts')} */ (
  await built('pointcloud/index.js')
);
const { fillNormal } = /** @type {typeof import('../../src/random/index.ts')} */ (
  await built('random/index.js')
);

const { values } = parseArgs({
  options: {
    points: { type: 'string', default: '2048' },
    clouds: { type: 'string', default: '16' },
    threads: { type: 'string', default: '2' },
    tolerance: { type: 'string', default: '1e-5' },
    'no-peer': { type: 'boolean', default: false },
  },
});
const sizes = {
  clouds: Number(values.clouds),
  points: Number(values.points),
  threads: Number(values.threads),
  tolerance: Number(values.tolerance),
  decoder: [512, 512, 512],
  prior: [256, 256],
  latent: 128,
};

const model = pointFlow({
  latentDim: sizes.latent,
  decoder: { model: 'ffjord', options: { hidden: sizes.decoder, conditioning: 'layers' } },
  prior: { model: 'ffjord', options: { hidden: sizes.prior } },
});

/** @param {number} points */
async function step(points) {
  const data = new Float64Array(sizes.clouds * points * 3);
  fillNormal(data, 1, 2);
  const offsets = Uint32Array.from({ length: sizes.clouds + 1 }, (_, i) => i * points);
  const { tolerance, threads } = sizes;
  const { history } = await fitPointFlow(
    model,
    { data, dim: 3, offsets },
    { steps: 1, batchSize: sizes.clouds, points, threads, rtol: tolerance, atol: tolerance },
  );
  const [{ loss, seconds, nfe }] = /** @type {[import('../../src/train/index.ts').HistoryEntry]} */ (history);
  return { loss, seconds, evaluations: nfe, parameters: model.parameters.count };
}

await step(16);
const own = await step(sizes.points);
console.log(`Liouville: ${JSON.stringify(own)}`);
if (!values['no-peer']) {
  const script = fileURLToPath(new URL('step.py', import.meta.url));
  const answer = execFileSync('/usr/bin/python3', [script, JSON.stringify(sizes)], { encoding: 'utf8' });
  const peer = /** @type {{ seconds: number }} */ (JSON.parse(answer));
  console.log(`PyTorch:   ${answer.trim()}`);
  console.log(`PyTorch takes ${(peer.seconds / own.seconds).toFixed(2)} times as long; the floor is 2.`);
}
