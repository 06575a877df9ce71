import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { compare, defaults, figureSections, summaryTable } from '../../compare/index.ts';
import type { CompareOptions, Comparison } from '../../compare/index.ts';
import type { EngineName, Precision } from '../../engine/index.ts';
import { LiouvilleError } from '../../errors.ts';
import { modelNames } from '../../models/index.ts';
import { reportHtml } from '../../plot/index.ts';
import * as argument from '../arguments.ts';
import { loadData } from '../dataset.ts';
import { exit } from '../io.ts';
import type { Io } from '../io.ts';
import { checkOutputFolder } from '../output-folder.ts';
import { ProgressLine, progressText } from '../progress.ts';
import { writeRunFolder, writeText } from '../run-folder.ts';
import { versions } from '../versions.ts';

interface Flags {
  data: string;
  key?: string;
  models: string[];
  steps: number;
  batch: number;
  seed: number;
  learningRate: number;
  out: string;
  engine: EngineName | 'auto';
  precision?: Precision;
  json?: boolean;
}

const examples = `
Examples:
  liouville compare
  liouville compare --data pinwheel --models ffjord,realnvp --steps 1000
  liouville compare --data measurements.csv --models all --out results --json > results.json`;

/** `liouville compare`: trains models on the same rows and reports how they did. */
export function addCompare(program: Command, io: Io, end: (status: number) => void): void {
  program
    .command('compare')
    .description('Train models on the same data, measure them the same way, and write a report.')
    .option('--data <name|file>', 'a toy density, or an .npy or .csv file', 'moons')
    .option('--key <name>', 'which array of a file that holds several')
    .option('--models <a,b,c>', `models, or all: ${modelNames.join(', ')}`, argument.models, [
      'ffjord',
      'realnvp',
    ])
    .option('--steps <n>', 'training steps of each model', argument.count, defaults.steps)
    .option('--batch <n>', 'rows of a step', argument.count, defaults.batch)
    .option(
      '--learning-rate <x>',
      'learning rate of the first step',
      argument.positive,
      defaults.learningRate,
    )
    .option('--seed <n>', 'of the split, the models, the training and the samples', argument.seed, 0)
    .option('--out <folder>', 'where the report and the runs go', 'liouville-out')
    .option('--engine <name>', 'what computes, see liouville doctor', argument.engine, 'auto')
    .option('--precision <name>', 'float32 or float64', argument.precision)
    .option('--json', 'print results.json instead of a table')
    .addHelpText('after', examples)
    .action(async (flags: Flags) => {
      end(await runCompare(flags, io));
    });
}

async function runCompare(flags: Flags, io: Io): Promise<number> {
  const { steps, batch, seed, learningRate, engine, precision, models } = flags;
  const threads = argument.threadsOf(io.env) ?? availableParallelism();
  const out = resolve(flags.out);
  const data = await loadData(flags.data, seed, flags.key);
  await checkOutputFolder('--out', flags.out);
  const progress = new ProgressLine(io.stderr);
  const runs = join(out, 'runs');
  const finished: string[] = [];
  const options: CompareOptions = {
    data,
    models,
    steps,
    batch,
    seed,
    learningRate,
    engine,
    threads,
    ...(precision === undefined ? {} : { precision }),
    versions: versions(),
    signal: io.signal,
    onProgress: (model, what) => progress.show(progressText(model, what), !('step' in what)),
    onModel: async (run, prepared, settings) => {
      await writeRunFolder(join(runs, run.result.name), run, prepared, settings);
      finished.push(run.result.name);
    },
  };
  let comparison: Comparison;
  try {
    comparison = await compare(options);
  } catch (error) {
    if (!(error instanceof LiouvilleError) || error.code !== 'aborted') throw error;
    const kept = finished.length === 0 ? 'no model was finished' : `${finished.join(', ')} kept in ${runs}`;
    throw new LiouvilleError('aborted', `Stopped: ${kept}.`, { cause: error });
  } finally {
    progress.clear();
  }
  const { results } = comparison;
  const json = `${JSON.stringify(results, null, 2)}\n`;
  const report = join(out, 'report.html');
  await writeText(join(out, 'results.json'), json);
  await writeText(report, reportHtml(results, figureSections(comparison), await plotlySource()));
  const table = () => `${summaryTable(results, io.stdout.columns)}\n\nReport: ${report}\n`;
  io.stdout.write(flags.json === true ? json : table());
  return results.models.some((model) => model.status === 'ok') ? exit.ok : exit.failure;
}

/** The text of plotly's browser bundle. */
async function plotlySource(): Promise<string> {
  return readFile(createRequire(import.meta.url).resolve('plotly.js-dist/plotly.min.js'), 'utf8');
}
