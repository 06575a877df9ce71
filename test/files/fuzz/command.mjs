import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../../dist/cli/program.js';
import { list } from './words.mjs';

const table = Array.from({ length: 60 }, (_, i) => `${Math.sin(i)},${Math.cos(1.3 * i)}\n`).join('');

/**
 * Command lines, one word to a line. What is trained stops at once, and what is written goes into a temporary folder.
 * @returns {Promise<import('./targets.mjs').Target>}
 */
export async function command() {
  await enter();
  return {
    words: list(
      `
      train compare sample logprob doctor bench completion help bash = --data --key --model
      --models --steps --seconds --batch --learning-rate --schedule --warm-up --weight-decay
      --clip-norm --ema --patience --validate-every --seed --seeds --solver --step-size
      --tolerance --engine --precision --out --resume --overwrite --run --count --json --help
      --version -V -x --only --task --no-json --json=1 run table.csv none.csv realnvp gaussian
      all dopri5 rk4 float64 native tfjs moons 1e999 -1 9007199254740993 0.5 , 🦀 __proto__
      constructor
    `,
      '\n',
      '\n--',
      ' ',
      '\0',
    ),
    async take(bytes) {
      const words = new TextDecoder().decode(bytes).split('\n');
      if ((await told([...words, ...endingOf(words)])) !== 0) throw refused;
    },
  };
}

/**
 * The config.json of a run folder, which all commands that open a run read.
 * @returns {Promise<import('./targets.mjs').Target>}
 */
export async function config() {
  await enter();
  return {
    words: list(`
      "training":{ "steps": "seconds": "batchSize": "learningRate": "schedule":"linear",
      "rtol": "optimiser":{}, "objective":{}, "signal":{}, "validation":[], "context":[],
      "checkpoint":"x", "onStep":1, "resume":false, "noise":[[1]], "seed": "logDet":
      "engine":"wasm", "__proto__":{}, "model":"maf", "source":"none.csv", "source":"run",
      "source":"moons", "key":"x", "mean":[], "scale":[0,1], "columns":[] "result":{},
      "solver":"euler", "stepSize":1e-9, null true 1e999
    `),
    async take(bytes) {
      writeFileSync('changed/config.json', bytes);
      await told(['train', '--resume', 'changed']);
      writeFileSync('changed/config.json', bytes);
      const sample = ['sample', '--run', 'changed', '--count', '2', '--out', 'out.npy'];
      if ((await told(sample, new AbortController())) !== 0) throw refused;
    },
  };
}

/** What a refusal looks like to the harness. */
const refused = Object.assign(new Error('refused'), { name: 'LiouvilleError', code: 'bad-file' });

/** Goes into a folder of its own with a table and two runs: `run` is finished, `changed` was killed before its first step. */
async function enter() {
  const folder = mkdtempSync(join(tmpdir(), 'liouville-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  process.chdir(folder);
  writeFileSync('table.csv', table);
  const train = ['train', '--data', 'table.csv', '--seed', '1', '--engine', 'reference', '--steps', '1'];
  await told([...train, '--model', 'gaussian', '--out', 'run'], new AbortController());
  await told([...train, '--model', 'planar', '--out', 'changed'], new AbortController());
  rmSync('changed/checkpoint.safetensors');
}

/** What comes last counts: nothing is written but here, and little. @param {readonly string[]} words */
function endingOf(words) {
  if (words.some((word) => word.startsWith('--resume'))) return [];
  if (words[0] === 'train' || words[0] === 'compare') return ['--data', 'table.csv', '--out', 'out'];
  if (words[0] === 'sample') return ['--count', '2', '--out', 'out.npy'];
  return words[0] === 'logprob' ? ['--out', 'out.npy'] : [];
}

/** A command that is stopped as soon as it begins to train. */
const stopped = new AbortController();
stopped.abort();

/**
 * Runs a command and holds it to its promises: a known status, and one line for each that is not 0.
 * @param {readonly string[]} argv
 */
async function told(argv, { signal } = stopped) {
  let [stdout, stderr] = ['', ''];
  const status = await main(argv, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env: { LIOUVILLE_THREADS: '1' },
    signal,
  });
  const isKept = status === 0 || (/^liouville: .+\n$/.test(stderr) && stdout === '');
  if (!isKept || ![0, 1, 2, 130].includes(status)) throw new Error(`ends with ${status}: ${stderr}${stdout}`);
  return status;
}
