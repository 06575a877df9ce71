// npm run bench -- --wasm: this project's engine `wasm` beside tfjs (wasm backend) and jax-js, in Node and in Chromium.
//
// The peers are installed from npm into a temporary folder. Every side runs in a process or page of its own, in turn,
// `rounds` times; the best median counts. Results are read back before the clock stops.

import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const packages = [
  '@tensorflow/tfjs-core@4.22.0',
  '@tensorflow/tfjs-backend-wasm@4.22.0',
  '@jax-js/jax@0.1.25',
];
const sides = ['ours', 'tfjs', 'jax'];
const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** @typedef {Record<string, Record<string, Record<string, number>>>} Times milliseconds by place, side, task */

/**
 * @param {{ rounds: number, seconds: number, say: (text: string) => void }} options
 * @returns {Promise<Times>}
 */
export async function measureWasm({ rounds, seconds, say }) {
  const folder = mkdtempSync(join(tmpdir(), 'liouville-bench-'));
  try {
    await prepare(folder);
    /** @type {Times} */
    const times = {};
    for (let round = 0; round < rounds; round++) {
      for (const side of sides) {
        say(`round ${round + 1}: ${side} in Node`);
        keep(times, 'Node', side, inNode(folder, side, seconds, []));
        if (side === 'ours') {
          const flags = ['--experimental-wasm-relaxed-simd'];
          keep(times, 'Node', 'ours, relaxed SIMD', inNode(folder, side, seconds, flags));
        }
        if (!existsSync(executablePath)) continue;
        say(`round ${round + 1}: ${side} in Chromium`);
        keep(times, 'Chromium', side, await inChromium(folder, side, seconds));
      }
    }
    return times;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * @param {Times} times
 * @returns {Record<string, string>}
 */
export function wasmSections(times) {
  const lines = Object.entries(times).flatMap(([place, sides]) =>
    Object.entries(sides).flatMap(([side, tasks]) =>
      Object.entries(tasks).map(([task, ms]) => `| ${place} | ${side} | ${task} | ${ms.toFixed(2)} |`),
    ),
  );
  const head = ['| where | whose | task | ms |', '| --- | --- | --- | ---: |'];
  return { wasm: ['Network 2-64-64-64-2 and FFJORD, 1000 rows:', '', ...head, ...lines].join('\n') };
}

/**
 * @param {Times} times
 * @param {string} place
 * @param {string} side
 * @param {Record<string, number>} measured
 */
function keep(times, place, side, measured) {
  const known = ((times[place] ??= {})[side] ??= {});
  for (const [task, ms] of Object.entries(measured)) known[task] = Math.min(ms, known[task] ?? Infinity);
}

/** @param {string} folder */
async function prepare(folder) {
  writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
  const args = ['install', '--no-audit', '--no-fund', ...packages];
  const { status, stderr } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm install of the peers failed: ${stderr}`);
  symlinkSync(root, join(folder, 'node_modules/liouville'));
  cpSync(join(root, 'bench/wasm'), join(folder, 'src'), { recursive: true });
  cpSync(join(folder, 'node_modules/@tensorflow/tfjs-backend-wasm/dist'), join(folder, 'tfjs'), {
    recursive: true,
  });
  for (const side of sides) {
    const input = join(folder, 'src', `${side}.mjs`);
    for (const platform of /** @type {const} */ (['browser', 'node'])) {
      const bundle = await rolldown({ input, platform, cwd: folder, tsconfig: false, logLevel: 'silent' });
      const file = join(folder, `${side}-${platform}.js`);
      await bundle.write({ file, format: 'esm', codeSplitting: false });
      await bundle.close();
    }
    const script = `import { measure } from './${side}-browser.js'; globalThis.measure = measure;`;
    writeFileSync(join(folder, `${side}.html`), `<!doctype html><script type="module">${script}</script>`);
    writeFileSync(
      join(folder, `${side}.js`),
      `import { measure } from './${side}-node.js';
const [seconds, files] = process.argv.slice(2);
globalThis.__dirname = files; // which tfjs asks for
console.log('\\n' + JSON.stringify(await measure(Number(seconds), files)));
process.exit(0);
`,
    );
  }
}

/**
 * @param {string} folder
 * @param {string} side
 * @param {number} seconds
 * @param {readonly string[]} flags
 * @returns {Record<string, number>}
 */
function inNode(folder, side, seconds, flags) {
  const args = [...flags, join(folder, `${side}.js`), String(seconds), join(folder, 'tfjs/')];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${side} in Node: ${stderr}`);
  return /** @type {Record<string, number>} */ (JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
}

/**
 * @param {string} folder
 * @param {string} side
 * @param {number} seconds
 * @returns {Promise<Record<string, number>>}
 */
async function inChromium(folder, side, seconds) {
  /** @type {Record<string, string>} */
  const types = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm' };
  const server = createServer((request, response) => {
    const path = join(folder, request.url ?? '');
    if (!existsSync(path)) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': types[extname(path)] ?? 'text/plain' });
    response.end(readFileSync(path));
  });
  await new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve(undefined));
  });
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${port}/${side}.html`);
    await page.waitForFunction(() => 'measure' in globalThis);
    const measured = await page.evaluate(
      (given) =>
        /** @type {{ measure(seconds: number, files: string): Promise<Record<string, number>> }} */ (
          /** @type {unknown} */ (globalThis)
        ).measure(given, '/tfjs/'),
      seconds,
    );
    return measured;
  } finally {
    await browser.close();
    server.close();
  }
}
