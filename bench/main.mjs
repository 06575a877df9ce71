// npm run bench: measures this project, beside others where they are.
//
//   npm run bench                 the kernels, and the suite of `liouville bench`
//   npm run bench -- --help       everything that can be asked for

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import * as prettier from 'prettier';
import { buildNative } from '../scripts/build-native.mjs';
import { build } from '../scripts/build.mjs';
import { fill } from './markdown.mjs';
import { machine } from './machine.mjs';
import { output } from './processes.mjs';
import { chosen, withRows } from './workloads.mjs';

const HELP = `npm run bench -- [options]

What is measured (default: --kernels --suite):
  --kernels      matrix kernels and vector math as a share of the peak, and a whole density pass; needs a C++ compiler
  --suite        what \`liouville bench\` measures
  --fields       the continuous fields: density, a step of likelihood and of flow matching, half a minute
  --peers        this project beside published PyTorch code. The environment says where it is: FFJORD_DIR,
                 TORCHDIFFEQ_DIR, ZUKO_DIR (checkouts), PEERS_DIR (the folder of bench_ffjord.py and bench_zuko.py),
                 PYTHON (default python3; needs torch and numpy)
  --discrete     discrete flows beside those of zuko and nflows: ZUKO_DIR, NFLOWS_DIR (checkouts), PYTHON; three minutes
  --webgpu       the engine \`webgpu\` beside native and wasm, in Node; needs the package webgpu and an adapter
  --tfjs         the engine \`tfjs\` beside the same field in tfjs operations, on one backend; half a minute
  --wasm         the engine \`wasm\` beside tfjs and jax-js, in Node and in Chromium; installs them in a temporary folder

How:
  --only a,b     with --peers: the workloads of these names, or beginnings such as ffjord-2d
  --backend name with --tfjs: of tfjs, \`wasm\` (default), \`cpu\`, or \`tensorflow\` where it is installed
  --rounds n     how often the two sides take turns (default 3)
  --seconds x    how long each of our measurements is repeated in a round (default 1)
  --rows n       with --peers: so many rows in every workload, to try things

Where it goes (besides bench/results/DATE.json):
  --json         print the JSON document instead of markdown
  --write FILE   fill the places '<!-- measured: ... -->' of a document, and bench/results/performance.json
`;

const root = fileURLToPath(new URL('..', import.meta.url));

try {
  await main();
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}

async function main() {
  const { values } = parseArgs({
    options: {
      kernels: { type: 'boolean', default: false },
      suite: { type: 'boolean', default: false },
      fields: { type: 'boolean', default: false },
      peers: { type: 'boolean', default: false },
      discrete: { type: 'boolean', default: false },
      wasm: { type: 'boolean', default: false },
      webgpu: { type: 'boolean', default: false },
      tfjs: { type: 'boolean', default: false },
      backend: { type: 'string', default: 'wasm' },
      only: { type: 'string' },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '1' },
      rows: { type: 'string' },
      json: { type: 'boolean', default: false },
      write: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return;
  }
  const { kernels, suite, fields, peers, discrete, wasm, webgpu, tfjs } = values;
  const nothing = ![kernels, suite, fields, peers, discrete, wasm, webgpu, tfjs].includes(true);
  const rounds = wholeNumber('--rounds', values.rounds);
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new Error(`--seconds: expected a positive number; got '${values.seconds}'`);
  const rows = values.rows === undefined ? undefined : wholeNumber('--rows', values.rows);
  const workloads = withRows(chosen(values.only), rows);
  // A document with a place that is missing is found before anything is measured.
  const document = values.write === undefined ? undefined : readFileSync(values.write, 'utf8');
  if (!build()) throw new Error('the sources do not compile');
  const native = await buildNative();
  if (!native.built) console.error(`bench: there is no native engine. ${native.reason} ${native.remedy}`);

  /** @param {string} text */
  const say = (text) => console.error(text);
  const facts = { ...machine(process.env), engine: await engineHere() };
  /** @type {Record<string, unknown>} */
  const results = { schema: 1, machine: facts };
  /** @type {Record<string, string>} */
  const sections = { machine: factTable(facts) };
  if (kernels || nothing) {
    const { kernelSections, measureKernels } = await import('./kernels.mjs');
    const measured = measureKernels({ rounds, say });
    results['kernels'] = measured;
    Object.assign(sections, kernelSections(measured));
  }
  if (fields) {
    const { fieldSections, measureFields } = await import('./fields.mjs');
    const measured = await measureFields({ seconds: Math.min(seconds, 0.3), say });
    results['fields'] = measured;
    Object.assign(sections, fieldSections(measured));
  }
  if (peers) {
    const { comparePeers, peerSections } = await import('./peers.mjs');
    const threads = [...new Set([1, availableParallelism()])];
    const assessments = comparePeers({ workloads, rounds, threads, seconds, say });
    results['peers'] = assessments;
    Object.assign(sections, peerSections(assessments));
  }
  if (discrete) {
    const { compareDiscrete, discreteSections } = await import('./discrete/peers.mjs');
    const threads = [...new Set([1, availableParallelism()])];
    const measured = await compareDiscrete({ rounds, threads, seconds: seconds / 2, say });
    results['discrete'] = measured;
    Object.assign(sections, discreteSections(measured));
  }
  if (wasm) {
    const { measureWasm, wasmSections } = await import('./wasm.mjs');
    const measured = await measureWasm({ rounds, seconds, say });
    results['wasm'] = measured;
    Object.assign(sections, wasmSections(measured));
  }
  if (webgpu) {
    const { measureWebGpu, webGpuSections } = await import('./webgpu.mjs');
    const measured = await measureWebGpu({ rounds, seconds, say });
    results['webgpu'] = measured;
    Object.assign(sections, webGpuSections(measured));
  }
  if (tfjs) {
    const { measureTfjs, tfjsSections } = await import('./tfjs.mjs');
    const measured = await measureTfjs({ backend: values.backend, seconds: Math.max(2, seconds), say });
    results['tfjs'] = measured;
    Object.assign(sections, tfjsSections(measured));
  }
  if (suite || nothing) {
    say('the suite of `liouville bench`');
    const args = [join(root, 'dist/cli/main.js'), 'bench', '--seconds', values.seconds];
    sections['suite'] = ['```', output(process.execPath, args, process.env).trimEnd(), '```'].join('\n');
  }
  await report(results, sections, values.json, values.write, document);
}

/**
 * @param {Record<string, unknown>} results
 * @param {Record<string, string>} sections
 * @param {boolean} asJson
 * @param {string | undefined} path of the document
 * @param {string | undefined} document
 */
async function report(results, sections, asJson, path, document) {
  const folder = join(root, 'bench/results');
  mkdirSync(folder, { recursive: true });
  const json = await formatted(JSON.stringify(results), 'json');
  const name = new Date().toISOString().replaceAll(':', '-').slice(0, 19);
  writeFileSync(join(folder, `${name}.json`), json);
  if (path !== undefined && document !== undefined) {
    writeFileSync(path, await formatted(fill(document, sections), 'markdown'));
    // What was not measured this time stays as it is, in the document, too.
    const kept = join(folder, 'performance.json');
    const before = /** @type {Record<string, unknown>} */ (JSON.parse(readFileSync(kept, 'utf8')));
    writeFileSync(kept, await formatted(JSON.stringify({ ...before, ...results }), 'json'));
  }
  console.log(asJson ? json.trimEnd() : Object.values(sections).join('\n\n'));
}

/** @returns {Promise<string>} the engine that measurements run on, with its instruction set where it has one */
async function engineHere() {
  const { library } = await import('./library.mjs');
  const { engines, chosen, problem } = library.diagnose();
  if (chosen === null) throw new Error(problem);
  const details = engines.find(({ name }) => name === chosen)?.details;
  return details !== undefined && 'instructionSet' in details
    ? `${chosen}, ${details.instructionSet}`
    : chosen;
}

/**
 * @param {string} text
 * @param {string} parser
 */
async function formatted(text, parser) {
  const options = (await prettier.resolveConfig(join(root, 'package.json'))) ?? {};
  return prettier.format(text, { ...options, parser });
}

/** @param {Record<string, string>} facts */
function factTable(facts) {
  return Object.entries(facts)
    .map(([name, value]) => `- ${name}: ${value}`)
    .join('\n');
}

/**
 * @param {string} option
 * @param {string} text
 */
function wholeNumber(option, text) {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new Error(`${option}: expected a positive whole number; got '${text}'`);
}
