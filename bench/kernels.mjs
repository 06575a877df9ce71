// The native kernels as a share of the multiply-add peak of a core, and a whole density pass beside them.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findCompiler } from '../scripts/native/compiler.mjs';
import { short, spread, table, verdict } from './markdown.mjs';
import { peakOf } from './peak.mjs';
import { output } from './processes.mjs';
import { isMet, spreadOf } from './statistics.mjs';
import { shares } from './workloads.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * One line of what native/bench/kernel prints: a layer, and the rates of its three products.
 *
 * @typedef {object} Layer
 * @property {'float32' | 'float64'} precision
 * @property {number} inputs
 * @property {number} outputs
 * @property {number} vectors of a tile
 * @property {number} values side by side: the value itself and its tangents
 * @property {Record<'forward' | 'transposed' | 'weight gradient', { gflops: number, share: number }>} products
 */

/**
 * @param {string} text
 * @returns {Layer[]}
 */
export function parseLayers(text) {
  const line =
    /^(float32|float64)\s+(\d+) -> (\d+)\s+T\s+(\d+) k 1\+(\d+)\s*\|\s*([\d.]+)\s+(\d+)% \|\s*([\d.]+)\s+(\d+)% \|\s*([\d.]+)\s+(\d+)%$/gm;
  return [...text.matchAll(line)].map(([, precision, ...found]) => {
    const [inputs = 0, outputs = 0, vectors = 0, tangents = 0, ...rates] = found.map(Number);
    /** @param {number} i */
    const product = (i) => ({ gflops: Number(rates[2 * i]), share: Number(rates[2 * i + 1]) });
    return {
      precision: precision === 'float32' ? 'float32' : 'float64',
      inputs,
      outputs,
      vectors,
      values: 1 + tangents,
      products: { forward: product(0), transposed: product(1), 'weight gradient': product(2) },
    };
  });
}

/**
 * The square layers of a width for which something was promised. The engine never runs fewer than four columns
 * (vectors times values) at once, so the least share over such tiles is what counts.
 *
 * @param {readonly Layer[]} layers
 */
export function widths(layers) {
  return [...shares.kernels].flatMap(([width, floor]) => {
    const found = layers.filter(
      ({ precision, inputs, outputs, vectors, values }) =>
        precision === 'float32' && inputs === width && outputs === width && vectors * values >= 4,
    );
    if (found.length === 0) return [];
    return /** @type {const} */ (['forward', 'transposed', 'weight gradient']).map((product) => {
      const { least, most } = spreadOf(found.map(({ products }) => products[product].share));
      return { width, product, least, most, floor, met: isMet(least, floor) };
    });
  });
}

/**
 * @typedef {object} DensityPass
 * @property {number} rows
 * @property {number} threads
 * @property {import('./statistics.mjs').Spread} seconds
 * @property {number} gflops of the products
 * @property {number} share of the peak of so many cores, in percent
 * @property {boolean | null} met
 */

/**
 * @param {object} options
 * @param {number} options.rounds
 * @param {(text: string) => void} options.say
 */
export function measureKernels({ rounds, say }) {
  const found = findCompiler(process.env);
  if (!('compiler' in found)) throw new Error(found.reason);
  const environment = { ...process.env, CXX: found.compiler.command };
  /** @param {string} script @param {string[]} args */
  const script = (script, args) => output('sh', [join(root, 'native/bench', script), ...args], environment);
  say('kernels');
  const layers = parseLayers(script('kernel/build-and-run.sh', ['layers']));
  say('vector math');
  const math = process.arch === 'x64' ? script('math/build-and-run.sh', []) : '';
  return { widths: widths(layers), layers, math, passes: densityPasses(found.compiler.command, rounds, say) };
}

/**
 * The multiply-adds of the matrix products of a density pass: of each evaluation and row, the network once for the
 * value and once for each tangent. Everything else (activations, gates, the solver) is not counted.
 */
const network = [2, 64, 64, 64, 2];
const operationsPerEvaluation =
  2 * (1 + 2) * network.slice(1).reduce((sum, width, i) => sum + width * Number(network[i]), 0);

/**
 * @param {string} compiler
 * @param {number} rounds
 * @param {(text: string) => void} say
 */
function densityPasses(compiler, rounds, say) {
  const folder = mkdtempSync(join(tmpdir(), 'liouville-bench-'));
  /** @type {{ peak: number, measurements: import('../src/cli/bench/index.ts').Measurement[] }[]} */
  const found = [];
  try {
    const measurePeak = peakOf(compiler, folder);
    for (let round = 0; round < rounds; round++) {
      say(`density pass, round ${round + 1} of ${rounds}`);
      const peak = measurePeak();
      const args = ['bench', '--engine', 'native', '--only', 'ffjord-2d', '--task', 'density', '--json'];
      const said = output(process.execPath, [join(root, 'dist/cli/main.js'), ...args], process.env);
      const report = /** @type {{ measurements: import('../src/cli/bench/index.ts').Measurement[] }} */ (
        JSON.parse(said)
      );
      found.push({ peak, measurements: report.measurements });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const peak = spreadOf(found.map((round) => round.peak));
  const kinds = (found[0]?.measurements ?? []).filter(({ rows }) => rows >= 1000);
  const passes = kinds.map(({ rows, threads, nfe }) => {
    const seconds = spreadOf(
      found.flatMap(({ measurements }) =>
        measurements
          .filter((one) => one.rows === rows && one.threads === threads)
          .map(({ median }) => median),
      ),
    );
    const rate = (operationsPerEvaluation * Number(nfe?.mean) * rows) / seconds.median;
    const share = (100 * rate) / (peak.median * threads);
    const met = isMet(share, threads === 1 ? shares.densityPass : undefined);
    return { rows, threads, seconds, gflops: rate * 1e-9, share, met };
  });
  return { peakGflops: peak.median * 1e-9, passes };
}

/**
 * @param {ReturnType<typeof measureKernels>} measured
 * @returns {Record<string, string>} markdown by the name of its place in the document
 */
export function kernelSections({ widths, math, passes: { peakGflops, passes } }) {
  return {
    kernels: table(
      ['width', 'product', 'share of the peak, least to most', 'floor', 'met'],
      widths.map(({ width, product, least, most, floor, met }) => [
        String(width),
        product,
        `${least}% to ${most}%`,
        `${floor}%`,
        verdict(met),
      ]),
    ),
    density: [
      `Peak of one core: ${short(peakGflops)} GFLOP/s.`,
      '',
      table(
        ['rows', 'threads', 'seconds', 'GFLOP/s', 'share of the peak', 'met'],
        passes.map(({ rows, threads, seconds, gflops, share, met }) => [
          rows.toLocaleString('en'),
          String(threads),
          spread(seconds),
          short(gflops),
          `${short(share)}%`,
          verdict(met),
        ]),
      ),
    ].join('\n'),
    math: ['```', math.trimEnd(), '```'].join('\n'),
  };
}
