import { LiouvilleError, unknownName } from '../errors.ts';
import { compile } from '../program/index.ts';
import type { Port, Program } from '../program/index.ts';
import type { Columns, EngineName, Precision } from './types.ts';

/** Throws unless every input of the program has its numbers, and nothing else is there. */
export function checkInputs(
  program: Program,
  rows: number,
  columns: Columns,
  except: readonly string[] = [],
): void {
  const needed = compile(program).inputs.filter((port) => !except.includes(port.name));
  checkPorts(program.name, 'input', needed, rows, columns);
  const missing = needed.find((port) => columns[port.name] === undefined);
  if (missing !== undefined) {
    throw new LiouvilleError('invalid-argument', `${program.name}: input '${missing.name}' is missing.`);
  }
}

/** Throws unless the cotangents that are there fit the outputs of the program. */
export function checkCotangents(program: Program, rows: number, cotangents: Columns): void {
  checkPorts(program.name, 'output', compile(program).outputs, rows, cotangents);
}

function checkPorts(
  program: string,
  what: string,
  ports: readonly Port[],
  rows: number,
  columns: Columns,
): void {
  if (!Number.isInteger(rows) || rows < 1) {
    throw new LiouvilleError(
      'invalid-argument',
      `${program}: expected a positive number of rows; got ${rows}.`,
    );
  }
  for (const [name, data] of Object.entries(columns)) {
    const port = ports.find((x) => x.name === name);
    if (port === undefined) {
      throw unknownName(
        `${what} of ${program}`,
        name,
        ports.map((x) => x.name),
      );
    }
    const expected = rows * port.location.k * port.location.n;
    if (data.length !== expected) {
      throw new LiouvilleError(
        'shape-mismatch',
        `${program}: ${what} '${name}' needs ${rows} rows of ${port.location.k * port.location.n} numbers, ` +
          `${expected} in all; got ${data.length}.`,
      );
    }
  }
}

/** Throws unless the program can be a field: inputs `t` and `y`, and one output `dy` of the shape of y. */
export function checkField(field: Program): void {
  const t = field.inputs.find((x) => x.name === 't');
  const y = field.inputs.find((x) => x.name === 'y');
  const dy = field.outputs['dy'];
  const fits = t?.n === 1 && t.k === 1 && y?.k === 1 && dy?.k === 1 && dy.n === y.n;
  if (!fits || Object.keys(field.outputs).length !== 1) {
    throw new LiouvilleError(
      'invalid-argument',
      `${field.name}: a field has an input t of one number, an input y, and the one output dy as wide as y.`,
    );
  }
}

/** Of the outputs of a transposed program, those of the program itself. */
export function outputsOf(
  program: Program,
  outputs: Readonly<Record<string, Float64Array>>,
): Record<string, Float64Array> {
  return Object.fromEntries(Object.keys(program.outputs).map((name) => [name, outputs[name]!]));
}

/** For engines in single precision. */
export function refuseFloat64(engine: EngineName, precision: Precision | undefined): void {
  if (precision === undefined || precision === 'float32') return;
  throw new LiouvilleError(
    'invalid-argument',
    `precision: the engine '${engine}' computes in 'float32' only; got '${String(precision)}'. ` +
      "Take the engine 'native', 'wasm' or 'reference' for 'float64'.",
  );
}
