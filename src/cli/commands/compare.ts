import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { compare, defaultsFor, figureSections, summaryTable } from '../../compare/index.ts';
import type { CompareOptions, Comparison, DataSource, SettingOptions } from '../../compare/index.ts';
import { chooseEngine } from '../../engine/index.ts';
import type { EngineName, Precision } from '../../engine/index.ts';
import { LiouvilleError } from '../../errors.ts';
import { modelNames } from '../../models/index.ts';
import { reportHtml } from '../../plot/index.ts';
import * as argument from '../arguments.ts';
import { checkRows, readRequest } from '../comparison-file.ts';
import type { ComparisonRequest } from '../comparison-file.ts';
import { beginIn, outputs } from '../comparison-folder.ts';
import { loadData, tellNotes } from '../dataset.ts';
import { exit } from '../io.ts';
import type { Io } from '../io.ts';
import { checkOutputFolder } from '../output-folder.ts';
import { plotlySource } from '../plotly.ts';
import { ProgressLine, progressText } from '../progress.ts';
import { runFolder, writeRunFolder, writeText } from '../run-folder.ts';
import { alone } from '../run-lock.ts';
import { versions } from '../versions.ts';

interface Flags {
  data: string;
  key?: string;
  models: string[];
  steps?: number;
  seconds?: number;
  batch?: number;
  seed: number;
  seeds: number;
  learningRate?: number;
  solver?: string;
  stepSize?: number;
  tolerance?: number;
  trainTolerance?: number;
  out: string;
  overwrite?: boolean;
  resume?: string;
  engine: EngineName | 'auto';
  precision?: Precision;
  json?: boolean;
}

/** For what is looked at and forgotten. */
const DEFAULT_FOLDER = 'liouville-out';

const examples = `
Examples:
  liouville compare
  liouville compare --data pinwheel --models gaussian,ffjord,realnvp --steps 1000 --seeds 3
  liouville compare --data measurements.csv --models all --out results --json > results.json
  liouville compare --data 2spirals --models all --seconds 60
  liouville compare --resume results`;

/** `liouville compare`: trains models on the same rows and reports how they did. */
export function addCompare(program: Command, io: Io, end: (status: number) => void): void {
  const usual = defaultsFor('native');
  const slow = defaultsFor('reference');
  const both = (name: 'steps' | 'batch'): string =>
    `default ${usual[name]}; ${slow[name]} on the reference engine, which is slow`;
  program
    .command('compare')
    .description('Train models on the same data, measure them the same way, and write a report.')
    .option('--data <name|file>', 'a toy density, or a table: .npy .npz .csv .parquet', 'moons')
    .option('--key <name>', 'which array of a file that holds several')
    .option(
      '--models <a,b,c>',
      `models, or all: ${modelNames.join(', ')}; or with the sizes of papers, such as maf-bsds300`,
      argument.models,
      ['gaussian', 'ffjord', 'realnvp'],
    )
    .option('--steps <n>', `training steps of each model (${both('steps')})`, argument.count)
    .option('--seconds <x>', 'training time of each model, instead of steps or besides', argument.positive)
    .option('--batch <n>', `rows of a step (${both('batch')})`, argument.count)
    .option('--learning-rate <x>', 'of every model (default: each has its own)', argument.positive)
    .option('--solver <name>', 'of continuous flows (default dopri5)', argument.solver)
    .option('--step-size <x>', 'of solvers that take fixed steps', argument.positive)
    .option(
      '--tolerance <x>',
      `of continuous flows when measured (default ${usual.tolerance})`,
      argument.positive,
    )
    .option(
      '--train-tolerance <x>',
      `and while they train (default ${usual.trainTolerance})`,
      argument.positive,
    )
    .option('--seed <n>', 'of the split, the models, the training and the samples', argument.seed, 0)
    .option('--seeds <n>', 'train each model with so many seeds, one after the other', argument.count, 1)
    .option(
      '--out <folder>',
      'where the report and the runs go; what is in the default one is replaced',
      DEFAULT_FOLDER,
    )
    .option('--overwrite', 'replace another comparison that is there already')
    .option('--resume <folder>', 'go on with a comparison that was stopped; its settings are kept')
    .option('--engine <name>', 'what computes, see liouville doctor', argument.engine, 'auto')
    .option('--precision <name>', 'float32 or float64', argument.precision)
    .option('--json', 'print results.json instead of a table')
    .addHelpText('after', examples)
    .action(async (flags: Flags, command: Command) => {
      if (flags.resume !== undefined) refuseBesidesResume(command);
      const isChosen = command.getOptionValueSource('out') !== 'default';
      end(await runCompare({ ...flags, overwrite: flags.overwrite === true || !isChosen }, io));
    });
}

/** What was chosen when the comparison began is kept, so that nothing else can be asked for. */
function refuseBesidesResume(command: Command): void {
  const other = command.options.find((option) => {
    const name = option.attributeName();
    return !['resume', 'json'].includes(name) && command.getOptionValueSource(name) === 'cli';
  });
  if (other === undefined) return;
  throw new LiouvilleError(
    'invalid-argument',
    `--resume goes on with the settings that the comparison began with; leave out ${other.long}.`,
  );
}

async function runCompare(flags: Flags, io: Io): Promise<number> {
  const out = resolve(flags.resume ?? flags.out);
  const { request, data } = await taskOf(flags);
  const option = flags.resume === undefined ? '--out' : '--resume';
  await checkOutputFolder(option, flags.resume ?? flags.out);
  return alone(option, out, async () => {
    tellNotes(data, io);
    noteSlowEngine(request.settings, io);
    const comparison = await run(request, data, out, flags, io);
    const { results } = comparison;
    const json = `${JSON.stringify(results, null, 2)}\n`;
    const report = join(out, outputs.report);
    await writeText(report, reportHtml(results, figureSections(comparison), await plotlySource()));
    // Last, since it says that the comparison is finished.
    await writeText(join(out, outputs.results), json);
    const table = () => `${summaryTable(results, io.stdout.columns)}\n\nReport: ${report}\n`;
    io.stdout.write(flags.json === true ? json : table());
    return results.models.some((model) => model.status === 'ok') ? exit.ok : exit.failure;
  });
}

/** What to do, from the command line or from the folder of a comparison that was stopped. */
async function taskOf(flags: Flags): Promise<{ request: ComparisonRequest; data: DataSource }> {
  if (flags.resume !== undefined) {
    const request = await readRequest(flags.resume);
    const data = await loadData(request.data, request.settings.seed ?? 0, request.key ?? undefined);
    checkRows(request, data);
    return { request, data };
  }
  const {
    data: name,
    key,
    models,
    out: _out,
    overwrite: _overwrite,
    resume: _resume,
    json: _json,
    ...chosen
  } = flags;
  const settings = Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== undefined));
  return {
    request: { data: name, key: key ?? null, models, settings },
    data: await loadData(name, flags.seed, key),
  };
}

async function run(
  request: ComparisonRequest,
  data: DataSource,
  out: string,
  { resume, overwrite = false }: Flags,
  io: Io,
): Promise<Comparison> {
  const { models, settings } = request;
  const progress = new ProgressLine(io.stderr);
  const first = settings.seed ?? 0;
  const finished: string[] = [];
  const options: CompareOptions = {
    ...settings,
    data,
    models,
    threads: argument.threadsOf(io.env) ?? availableParallelism(),
    versions: versions(),
    command: commandOf(request),
    signal: io.signal,
    folderOf: (model, seed) => runFolder(out, model, seed, first),
    resume: resume !== undefined,
    onBegin: async () => {
      if (resume === undefined) await beginIn(out, request, data, overwrite);
    },
    onProgress: (model, what) => progress.show(progressText(model, what), !('step' in what)),
    onRun: async (modelRun, prepared, used) => {
      const { name } = modelRun.result;
      await writeRunFolder(runFolder(out, name, modelRun.seed, first), modelRun, prepared, used);
      if (!finished.includes(name)) finished.push(name);
    },
  };
  try {
    return await compare(options);
  } catch (error) {
    if (!(error instanceof LiouvilleError) || error.code !== 'aborted') throw error;
    const kept = finished.length === 0 ? 'no model was finished' : `${finished.join(', ')} kept`;
    const again = `liouville compare --resume ${out} goes on`;
    throw new LiouvilleError('aborted', `Stopped: ${kept}; ${again}.`, { cause: error });
  } finally {
    progress.clear();
  }
}

/** The command line that asks for the same again. */
function commandOf({ data, key, models, settings }: ComparisonRequest): string {
  const options = Object.entries<unknown>({ data, key, models: models.join(','), ...settings });
  const words = options
    .filter(([, value]) => typeof value === 'string' || typeof value === 'number')
    .map(([name, value]) => `--${kebab(name)} ${quoted(`${value as string | number}`)}`);
  return ['liouville compare', ...words].join(' ');
}

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** As a shell takes it. */
function quoted(word: string): string {
  return /^[\w.,:/@+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** Smaller defaults should not pass for what the models can do. */
function noteSlowEngine({ engine, steps, seconds }: SettingOptions, io: Io): void {
  if (chooseEngine(engine).name !== 'reference' || engine === 'reference') return;
  if (steps !== undefined || seconds !== undefined) return;
  io.stderr.write(
    `liouville: only the reference engine is here, so each model takes ${defaultsFor('reference').steps} small steps; liouville doctor says what would help.\n`,
  );
}
