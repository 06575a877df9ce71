import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LiouvilleError } from '../errors.ts';
import { fileSystemError } from '../files/io.ts';
import { namesIn } from '../files/index.ts';
import type { Flow } from '../flow/index.ts';
import type { Matrix } from '../matrix.ts';
import { load } from '../models/index.ts';
import { runFiles } from '../train/index.ts';

const CONFIG = 'config.json';

/** A row x of the data is (x - mean) / scale for the model. */
export interface Standardisation {
  readonly mean: readonly number[];
  readonly scale: readonly number[];
}

/** What `config.json` says about a run, of `train` or `compare`, as far as others need it. */
export interface RunConfig {
  readonly model: string;
  readonly data: { readonly name: string; readonly columns: readonly string[] };
  readonly standardisation: Standardisation;
  /** Whatever else is there. */
  readonly [name: string]: unknown;
}

/** A trained model, and how its coordinates follow from those of the data. */
export interface Run {
  readonly flow: Flow;
  readonly columns: readonly string[];
  readonly standardisation: Standardisation;
  /** log|det dz/dx| of the standardisation: log-likelihoods of the data are those of the model plus this. */
  readonly logDet: number;
}

/** Whether a folder holds a run already. */
export async function holdsRun(folder: string): Promise<boolean> {
  return (await namesIn(folder)).includes(CONFIG);
}

/** Reads a run's `config.json`. Throws 'bad-file' where the folder holds none, or another thing of that name. */
export async function readConfig(folder: string): Promise<RunConfig> {
  const path = join(folder, CONFIG);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw fileSystemError('read', path, error);
    throw bad(folder, `it is not a run folder: there is no ${CONFIG} in it`);
  }
  let config: unknown;
  try {
    config = JSON.parse(text);
  } catch {
    throw bad(path, 'it is not JSON');
  }
  if (!isRunConfig(config)) {
    throw bad(
      path,
      "it does not describe a run: 'model', 'data' with its columns or 'standardisation' is missing",
    );
  }
  return config;
}

/** Opens what a run has trained. Throws 'bad-file', 'incompatible-version', 'io'. */
export async function openRun(folder: string): Promise<Run> {
  const { standardisation, data } = await readConfig(folder);
  const names = await namesIn(folder);
  if (!names.includes(runFiles.model)) {
    const hint = names.includes(runFiles.checkpoint)
      ? `its training has not ended; liouville train --resume ${folder} goes on with it`
      : `there is no ${runFiles.model} in it`;
    throw bad(folder, hint);
  }
  const flow = await load(join(folder, runFiles.model));
  const { mean, scale } = standardisation;
  if (flow.dim !== mean.length || flow.dim !== scale.length || flow.dim !== data.columns.length) {
    throw bad(
      join(folder, CONFIG),
      `the model has ${flow.dim} features; the file tells of ${data.columns.length} columns, ${mean.length} means and ${scale.length} scales`,
    );
  }
  const logDet = -scale.reduce((sum, value) => sum + Math.log(value), 0);
  return { flow, columns: data.columns, standardisation, logDet };
}

/** From the coordinates of the data to those of the model, as a new matrix. */
export function standardised(x: Matrix, { mean, scale }: Standardisation): Matrix {
  return mapColumns(x, (value, j) => (value - mean[j]!) / scale[j]!);
}

/** From the coordinates of the model to those of the data, as a new matrix. */
export function asGiven(z: Matrix, { mean, scale }: Standardisation): Matrix {
  return mapColumns(z, (value, j) => value * scale[j]! + mean[j]!);
}

function mapColumns({ data, rows, cols }: Matrix, f: (value: number, j: number) => number): Matrix {
  return { data: Float64Array.from(data, (value, i) => f(value, i % cols)), rows, cols };
}

function isRunConfig(config: unknown): config is RunConfig {
  const { model, data, standardisation } = (config ?? {}) as Partial<RunConfig>;
  const isNumbers = (list: unknown): boolean => Array.isArray(list) && list.every(Number.isFinite);
  return (
    typeof model === 'string' &&
    Array.isArray(data?.columns) &&
    isNumbers(standardisation?.mean) &&
    isNumbers(standardisation?.scale) &&
    standardisation!.scale.every((value) => value > 0)
  );
}

function bad(source: string, what: string): LiouvilleError {
  return new LiouvilleError('bad-file', `${source}: ${what}.`);
}
