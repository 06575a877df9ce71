// Malformed calls of the addon, run by test/native/sanitizers.verify.ts in a process of its own:
//
//   node fuzz-calls.mjs ADDON PROGRAMS COUNT SEED
//
// PROGRAMS is a file of JSON: an array of [field, transposed] as code with plain arrays. Every call throws, is
// rejected, or gives a result; what else might happen the sanitizers see. Prints how many there were of each.

import { readFileSync } from 'node:fs';

const [path, programsPath, count, seed] = process.argv.slice(2);

/** @type {{ exports: import('../../src/engine/native/addon.ts').Addon }} */
const target = /** @type {never} */ ({ exports: {} });
process.dlopen(target, String(path));
const addon = target.exports;

/** @typedef {Record<string, number[]>} PlainCode */
const pairs = /** @type {[PlainCode, PlainCode][]} */ (
  JSON.parse(readFileSync(String(programsPath), 'utf8'))
);

let state = Number(seed) >>> 0;

/** A whole number below `end`: a linear congruential generator is random enough here. */
function below(/** @type {number} */ end) {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return Math.floor((state / 2 ** 32) * end);
}

/** @type {<T>(list: readonly T[]) => T} */
const pick = (list) => /** @type {never} */ (list[below(list.length)]);

function codeOf(/** @type {PlainCode} */ plain) {
  const { constants, ...words } = plain;
  const arrays = Object.entries(words).map(([name, list]) => [name, Int32Array.from(list)]);
  /** @type {Record<string, Int32Array | Float64Array>} */
  const code = /** @type {never} */ (Object.fromEntries(arrays));
  return { ...code, constants: Float64Array.from(constants ?? []) };
}

function detached(/** @type {number} */ length) {
  const array = new Float64Array(length);
  structuredClone(array.buffer, { transfer: [array.buffer] });
  return array;
}

function resized(/** @type {number} */ length) {
  const Resizable =
    /** @type {new (bytes: number, options: object) => ArrayBuffer & { resize(bytes: number): void }} */ (
      /** @type {unknown} */ (ArrayBuffer)
    );
  const buffer = new Resizable(8 * length, { maxByteLength: 16 * length + 16 });
  const array = below(2) === 0 ? new Float64Array(buffer) : new Float64Array(buffer, 0, length);
  buffer.resize(8 * below(2 * length + 1));
  return array;
}

/** What does not belong there, most of the time. */
const strange = [
  () => undefined,
  () => null,
  () => pick([0, 1, 2, 3, -1, 0.5, NaN, Infinity, -Infinity, 2 ** 31, 2 ** 53, 2 ** 60, -0]),
  () => pick(['', '3', 'x', true, false, 3n, Symbol('s')]),
  () => pick([{}, [], [1, 2], () => 1, new Map(), new Proxy([], {}), new Proxy({}, {})]),
  () => new Float64Array(below(40)),
  () => new Float32Array(below(40)),
  () => Int32Array.from({ length: below(40) }, () => below(80) - 4),
  () =>
    pick([new Uint8Array(8), new BigInt64Array(2), new DataView(new ArrayBuffer(64)), new ArrayBuffer(64)]),
  () => new Float64Array(new SharedArrayBuffer(8 * below(40))),
  () => detached(below(40)),
  () => resized(below(40)),
  () => pick(handles),
];

/** @type {object[]} */
const handles = [addon.createCancellation()];

/** Replaces a property somewhere inside. @param {Record<string, unknown>} value */
function spoil(value) {
  const names = Object.keys(value);
  if (names.length === 0) return;
  const name = pick(names);
  const inner = value[name];
  const deeper =
    typeof inner === 'object' && inner !== null && !ArrayBuffer.isView(inner) && !handles.includes(inner);
  if (deeper && below(2) === 0) return spoil(/** @type {Record<string, unknown>} */ (inner));
  const how = below(10);
  if (how === 0) delete value[name];
  else if (how === 1) Object.defineProperty(value, name, { get: () => takeAway(value, inner) });
  else value[name] = pick(strange)();
}

/** A getter that takes the arrays of its object away, or throws. @param {Record<string, unknown>} owner @param {unknown} value */
function takeAway(owner, value) {
  if (below(4) === 0) throw new RangeError('a getter');
  for (const { value: held } of Object.values(Object.getOwnPropertyDescriptors(owner))) {
    const other = /** @type {unknown} */ (held);
    const isView = ArrayBuffer.isView(other) && other.buffer instanceof ArrayBuffer;
    if (isView && other.buffer.byteLength > 0 && below(2) === 0) {
      structuredClone(other.buffer, { transfer: [other.buffer] });
    }
  }
  return value;
}

const rows = 5;

/** @param {PlainCode} code */
function callOf(code) {
  const ports = code['inputs'] ?? [];
  const sets = addon.info().instructionSets.flatMap(({ supported }, i) => (supported ? [i] : []));
  return {
    instructionSet: pick(sets),
    float64: below(2) === 0,
    threads: 1 + below(3),
    cancellation: null,
    rows,
    trained: new Float64Array(300).fill(0.1),
    state: new Float64Array(100),
    inputs: Array.from({ length: ports.length / 4 }, (_, i) =>
      new Float64Array(rows * (ports[4 * i + 2] ?? 0) * (ports[4 * i + 3] ?? 0)).fill(0.5),
    ),
  };
}

const problem = () => ({
  t: 0,
  y: 1,
  t0: 0,
  t1: 1,
  rtol: 1e-3,
  atol: 1e-3,
  stepSize: 0,
  maxSteps: 5,
  tape: true,
  replay: null,
  control: { safety: 0.9, minFactor: 0.2, maxFactor: 10, beta: 0.04 },
  tableau: {
    stages: 2,
    fsal: false,
    errorOrder: 2,
    c: Float64Array.of(0, 1),
    a: Float64Array.of(0, 0, 1, 0),
    b: Float64Array.of(0.5, 0.5),
    bError: Float64Array.of(-0.5, 0.5),
  },
});

const adamRule = {
  learningRate: 0.1,
  beta1: 0.9,
  beta2: 0.99,
  epsilon: 1e-8,
  meanCorrection: 1,
  squareCorrection: 1,
};

function adamArrays() {
  const length = below(40);
  const array = () => new Float64Array(length).fill(0.5);
  return { parameters: array(), gradient: array(), mean: array(), square: array() };
}

/** Clouds of any sizes, some with points that are the same, or nearly, or far apart. @param {number} dim */
function cloudsOf(dim) {
  const sizes = Array.from({ length: 1 + below(3) }, () => pick([1, 2, 5, 5, 5, 16, 17, 40]));
  const offsets = [0];
  for (const size of sizes) offsets.push(Number(offsets.at(-1)) + size);
  const far = pick([1, 1, 1, 1e-300, 1e150, 0]);
  const data = Float64Array.from({ length: Number(offsets.at(-1)) * dim }, () => (far * (below(9) - 4)) / 4);
  return { data, dim, offsets: Int32Array.from(offsets) };
}

function cloudCall() {
  const dim = pick([1, 2, 3, 3, 3, 5]);
  const [left, right] = [cloudsOf(dim), cloudsOf(dim)];
  const numbers = Array.from({ length: 2 * below(4) }, () => below(3));
  const sets = addon.info().instructionSets.flatMap(({ supported }, i) => (supported ? [i] : []));
  return {
    instructionSet: pick(sets),
    threads: 1 + below(3),
    cancellation: null,
    kind: below(2),
    left,
    right,
    pairs: Int32Array.from(numbers),
    limits: Float64Array.from({ length: numbers.length / 2 }, () =>
      pick([Infinity, 0, 0.5, -1, NaN, 1e-310]),
    ),
  };
}

const programs = pairs.map(([field, transposed]) => ({
  field: addon.createProgram(/** @type {never} */ (codeOf(field))),
  transposed: addon.createProgram(/** @type {never} */ (codeOf(transposed))),
  code: field,
}));
handles.push(...programs.map(({ field }) => field));

const outcomes = { thrown: 0, rejected: 0, done: 0, clouds: 0 };

/** One call, spoilt in up to two places. */
async function once() {
  const { field, transposed, code } = pick(programs);
  /** @type {Record<string, unknown>} */
  const all = {
    program: field,
    transposed,
    code: codeOf(pick(pick(pairs))),
    call: callOf(code),
    tape: pick(handles),
  };
  const kind = below(9);
  if (kind === 6) all['call'] = { instructionSet: 0, draw: below(3), seed: 1, stream: 2, offset: below(100) };
  if (kind === 7) all['call'] = { instructionSet: 0, ...adamRule };
  if (kind === 6) all['tape'] = new Float64Array(below(40));
  if (kind === 7) all['tape'] = adamArrays();
  if (kind === 8) all['call'] = cloudCall();
  if (kind === 3) all['call'] = { ...callOf(code), ...problem() };
  if (kind === 4)
    all['call'] = { threads: 2, cancellation: null, times: true, cotangents: new Float64Array(rows * 2) };
  for (let i = below(3); i > 0; i--) spoil(all);
  const { call, tape } = /** @type {{ call: never, tape: never }} */ (/** @type {unknown} */ (all));
  switch (kind) {
    case 0:
      return addon.createProgram(/** @type {never} */ (all['code']));
    case 1:
    case 2:
      return addon.run(/** @type {never} */ (all['program']), call);
    case 4:
      return addon.solvePullback(/** @type {never} */ (all['transposed']), tape, call);
    case 6:
      return addon.fill(tape, call);
    case 7:
      return addon.adam(tape, call);
    case 8: {
      const found = await addon.cloudDistances(call);
      outcomes.clouds++;
      return found;
    }
    case 5:
      return below(50) === 0 ? addon.rest() : addon.cancel(tape);
    default: {
      const solution = await addon.solve(/** @type {never} */ (all['program']), call);
      if (solution.tape !== null) handles[1 + below(20)] = solution.tape;
      return solution;
    }
  }
}

/** Whether it threw at once, rejected or gave a result. */
async function tried() {
  try {
    await once();
    outcomes.done++;
  } catch (error) {
    if (!(error instanceof Error))
      throw new TypeError('something else than an error was thrown', { cause: error });
    outcomes.thrown++;
  }
}

for (let done = 0; done < Number(count); done += 10) {
  await Promise.all(Array.from({ length: 10 }, tried));
}
console.log(
  `${outcomes.done} gave a result, ${outcomes.thrown} were refused; ${outcomes.clouds} compared clouds`,
);
