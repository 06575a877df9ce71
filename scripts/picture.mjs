// Draws the picture of the README: FFJORD on the pinwheel, from data to samples.
//
//   node scripts/picture.mjs     trains for some seconds and writes docs/figures/ffjord.svg

import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ffjord, fit, toy } from 'liouville';
import { densityPanel, gridPanel, pointsPanel, waysPanel } from 'liouville/notebook';
import { sideBySide, svgOf } from 'liouville/plot';

const pinwheel = /** @type {NonNullable<typeof toy.pinwheel>} */ (toy['pinwheel']);
const rows = pinwheel(20_000, { seed: 1 });
const flow = ffjord({ dim: 2, hidden: [48, 48] });
await fit(flow, rows, {
  steps: 500,
  batchSize: 256,
  learningRate: 1e-2,
  schedule: 'cosine',
  onStep: ({ step, loss }) => {
    if (step % 100 === 0) console.log(step, loss);
  },
});
const samples = await flow.sample(1500, { seed: 2 });
const noise = await flow.transform(await flow.sample(160, { seed: 3 }));
const figure = sideBySide([
  { title: 'data', figure: pointsPanel(rows) },
  { title: 'the density learned', figure: await densityPanel(flow) },
  { title: 'the plane, bent', figure: await gridPanel(flow) },
  { title: 'from noise to samples', figure: waysPanel(await flow.path(noise.z), { colour: '#d55e00' }) },
  { title: 'samples', figure: pointsPanel(samples, { colour: '#d55e00' }) },
]);
const path = fileURLToPath(new URL('../docs/figures/ffjord.svg', import.meta.url));
writeFileSync(path, `${svgOf(figure, { width: 1180 })}\n`);
