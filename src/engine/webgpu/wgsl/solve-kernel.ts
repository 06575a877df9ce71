import type { Tableau } from '../../../ode/index.ts';
import type { CompiledProgram, Location } from '../../../program/index.ts';
import { compileBody, rangeOf, read } from './body.ts';
import type { Body } from './body.ts';
import { functionsSource } from './functions.ts';
import { kernelSource, workgroupSize } from './kernel.ts';
import type { KernelSource } from './kernel.ts';
import { RowMemory, plus, text } from './memory.ts';
import type { Index } from './memory.ts';
import { loads, placeOfRow } from './run-kernel.ts';
import { SolvePlaces, solveSize, stateHeader, stateWords, tolerance, ways } from './solve-places.ts';
import { initialStepSource, judgeSource } from './step-control.ts';
import { stageLayout } from './tableau-settings.ts';

/** A solve as a kernel. */
export interface SolvePlan {
  readonly program: CompiledProgram;
  readonly kernel: KernelSource;
  readonly memory: RowMemory;
  readonly tables: readonly number[];
  readonly cost: number;
}

/**
 * Whole steps of an explicit Runge-Kutta method, each row with its own time, step, error test and counts
 * (src/ode/adaptive-walk.ts and fixed-walk.ts say what happens to one row). The field stands in the kernel once: a round
 * of the loop is one evaluation, whatever a row needs it for.
 */
export function solvePlan(program: CompiledProgram, tableau: Tableau, staged: boolean): SolvePlan {
  const { n } = program.inputs.find(({ name }) => name === 'y')!.location;
  return RowMemory.write(solveSize(program, tableau, n), (memory) =>
    solveKernel(program, new SolvePlaces(program, tableau, n, memory), staged),
  );
}

function solveKernel(program: CompiledProgram, places: SolvePlaces, staged: boolean): SolvePlan {
  const { tableau } = places;
  const [t, y] = ['t', 'y'].map((name) => program.inputs.find((port) => port.name === name)!.location);
  const dy = program.outputs[0]!.location;
  const body = compileBody(program, places.memory, { staged });
  const functions = new Set(body.functions).add('exp').add('log').add('sqrt');
  const constants = program.inputs.filter(({ name }) => name !== 't' && name !== 'y');
  const main = [
    placeOfRow,
    loads(constants, places.memory),
    loadState(places),
    'loop {',
    controlSource(places),
    leaveTogether(body),
    'if (!done) {',
    prepareSource(places, t!, y!),
    '}',
    body.source,
    'if (!done) {',
    consumeSource(places, program, dy),
    '}',
    '}',
    'if (works) {',
    storeState(places),
    '}',
  ].join('\n');
  const kernel = kernelSource({
    label: `${program.name}, solved by ${tableau.name}`,
    storage: [
      { name: 'numbers', access: 'read' },
      { name: 'settings', access: 'read' },
      { name: 'given', access: 'read' },
      { name: 'states', access: 'read_write', type: 'u32' },
      { name: 'tape', access: 'read_write' },
      { name: 'replayed', access: 'read' },
      { name: 'counters', access: 'read_write', type: 'atomic<u32>' },
      { name: 'work', access: 'read_write' },
    ],
    call: [
      'rows',
      'stride',
      'begins',
      'way',
      'taping',
      'maxSteps',
      'fixedSteps',
      'firstStep',
      'tapeSteps',
      'budget',
    ],
    shared: body.shared === 0 ? 0 : body.shared + 8,
    declarations: [
      functionsSource(functions),
      places.memory.declaration(),
      body.declaration,
      ...(body.shared === 0 ? [] : ['var<workgroup> ended: atomic<u32>;', 'var<workgroup> allEnded: u32;']),
      'fn power(x: f32, p: f32) -> f32 { return rowExp(p * rowLog(x)); }',
      'fn leastStep(t: f32) -> f32 { return max(16.0 * 0x1p-23f * abs(t), 1e-37); }',
    ],
    main,
  });
  return { program, kernel, memory: places.memory, tables: body.tables, cost: body.cost };
}

function loadState(places: SolvePlaces): string {
  const { word } = places;
  const float = (name: keyof typeof stateWords): string => `bitcast<f32>(${word(stateWords[name])})`;
  const begin = `select(${float('t')}, ${places.setting('t0')}, call.begins != 0u)`;
  return `
var t = ${begin};
var h = ${float('h')};
var previousError = ${float('previousError')};
var earlierError = ${float('earlierError')};
var lastError = ${float('lastError')};
var slopeKnown = (${word(stateWords.flags)} & 1u) != 0u;
var afterRejection = (${word(stateWords.flags)} & 2u) != 0u;
var accepted = ${word(stateWords.accepted)};
var rejected = ${word(stateWords.rejected)};
var nfe = ${word(stateWords.nfe)};
var status = ${word(stateWords.status)};
let works = isRow && status == 0u;
if (call.begins != 0u) { previousError = 1e-4; earlierError = 1e-4; }
${places.components((i, writer) => {
  writer.line(`${places.state(0, i)} = bitcast<f32>(${word(plus(stateHeader, i))});`);
  writer.line(`${places.slope(0, i)} = bitcast<f32>(${word(plus(stateHeader + places.n, i))});`);
})}
// 0: before a step, 1: the derivative at its begin, 2: its stages, 3: the trial for the first step size.
var phase = 0u;
var stage = 0u;
var evaluations = 0u;
var paused = false;
var landing = false;
var tNext = t;
var step = 0.0;
var time = t;
var d1 = 0.0;
var h0 = 0.0;
let t1 = ${places.setting('t1')};
let direction = select(-1.0, 1.0, t1 > ${places.setting('t0')});
let limit = abs(t1 - ${places.setting('t0')});
var done = false;
// Whether the row has said so to its workgroup.
var counted = false;`;
}

/** Judges the step whose stages are known, and finds out what a row evaluates next, or that there is nothing more. */
function controlSource(places: SolvePlaces): string {
  return `
done = !works || status != 0u;
if (!done) {
  loop {
    if (phase == 0u) {
${nextSource(places)}
    }
    if (phase == 2u && stage == ${places.tableau.stages}u) {
${judgeSource(places)}
    } else if (phase != 0u) {
      break;
    }
  }
  done = status != 0u || phase == 0u;
}`;
}

/** The rows of a workgroup that share memory go round together until none has anything left; others leave by themselves. */
function leaveTogether({ shared }: Body): string {
  if (shared === 0) return 'if (done) { break; }';
  return `
if (done && !counted) {
  atomicAdd(&ended, 1u);
  counted = true;
}
workgroupBarrier();
if (local == 0u) { allEnded = select(0u, 1u, atomicLoad(&ended) == ${workgroupSize}u); }
if (workgroupUniformLoad(&allEnded) == 1u) { break; }`;
}

/** What a row does when a step has ended: another one, unless it has arrived or may not go on. */
function nextSource(places: SolvePlaces): string {
  const record = stageLayout(places.tableau, places.n).record;
  const replayed = (word: number): string =>
    `replayed[((accepted - call.firstStep) * ${record}u + ${word}u) * call.stride + lane]`;
  return `
  if (t == t1) { status = 1u; break; }
  if (call.way != ${ways.replay}u && accepted + rejected >= call.maxSteps) { status = 2u; break; }
  if ((call.taping != 0u || call.way == ${ways.replay}u) && accepted >= call.firstStep + call.tapeSteps) {
    paused = true;
    break;
  }
  if (evaluations >= call.budget) { break; }
  if (!slopeKnown) {
    phase = 1u;
  } else if (call.way == ${ways.adaptive}u && h == 0.0) {
${initialStepSource(places)}
  } else {
    if (call.way == ${ways.adaptive}u) {
      landing = 1.01 * h >= abs(t1 - t);
      if (!landing && h < leastStep(t)) { status = select(3u, 4u, isFinite(lastError)); break; }
      tNext = select(t + direction * h, t1, landing);
      step = tNext - t;
    } else if (call.way == ${ways.fixed}u) {
      let size = (t1 - ${places.setting('t0')}) / f32(call.fixedSteps);
      tNext = select(${places.setting('t0')} + f32(accepted + 1u) * size, t1, accepted + 1u == call.fixedSteps);
      step = tNext - t;
      h = abs(step);
    } else {
      tNext = ${replayed(1)};
      step = ${replayed(2)};
      h = abs(step);
    }
    phase = 2u;
    stage = 1u;
  }`;
}

/** The time and the state of the evaluation that comes next, into the inputs of the field. */
function prepareSource(places: SolvePlaces, t: Location, y: Location): string {
  const { memory, tableau } = places;
  const stageTime = `let c = ${places.coefficient('c', 'stage')}; time = select(t + c * step, tNext, c == 1.0);`;
  const combine = places.components((i, writer) => {
    const [sum, j] = [writer.name('sum'), writer.name('j')];
    const coefficient = places.coefficient('a', `stage * ${tableau.stages}u + ${j}`);
    writer.line(`var ${sum} = 0.0;`);
    writer.line(
      `for (var ${j} = 0u; ${j} < stage; ${j}++) { ${sum} += ${coefficient} * ${places.slope(j, i)}; }`,
    );
    writer.line(`${places.state('stage', i)} = ${places.state(0, i)} + step * ${sum};`);
    writer.line(`${memory.at(rangeOf(y), i)} = ${places.state('stage', i)};`);
  });
  return `
if (phase == 2u) {
  ${stageTime}
  ${combine}
} else {
  time = t;
  var moved = 0.0;
  if (phase == 3u) {
    moved = select(direction * h0, t1 - t, h0 == limit);
    time = select(t + moved, t1, h0 == limit);
  }
  ${places.components((i, writer) =>
    writer.line(
      `${memory.at(rangeOf(y), i)} = ${places.state(0, i)} + select(0.0, moved * ${places.slope(0, i)}, phase == 3u);`,
    ),
  )}
}
${memory.at(rangeOf(t), 0)} = time;`;
}

/** What becomes of the derivative that was computed. */
function consumeSource(places: SolvePlaces, program: CompiledProgram, dy: Location): string {
  const value = (i: Index): string => read(program, places.memory, dy, i);
  return `
nfe++;
evaluations++;
if (phase == 3u) {
  var squares = 0.0;
  ${places.components((i, writer) => {
    const ratio = writer.name('ratio');
    writer.line(
      `let ${ratio} = (${value(i)} - ${places.slope(0, i)}) / (${tolerance(places, `abs(${places.state(0, i)})`)});`,
    );
    writer.line(`squares += ${ratio} * ${ratio};`);
  })}
  let d2 = rowSqrt(squares / ${places.n}.0) / h0;
  let rate = larger(d1, d2);
  if (!isFinite(rate)) {
    h = h0 / 100.0;
  } else {
    var h1 = max(1e-6, h0 * 1e-3);
    if (rate > 1e-15) { h1 = power(0.01 / rate, 1.0 / ${places.setting('order')}); }
    h = min(min(100.0 * h0, h1), limit);
  }
  h = max(h, leastStep(t));
  phase = 0u;
} else {
  let at = select(0u, stage, phase == 2u);
  ${places.components((i, writer) => writer.line(`${places.slope('at', i)} = ${value(i)};`))}
  if (phase == 2u) {
    stage++;
  } else {
    slopeKnown = true;
    phase = 0u;
    var finite = true;
    ${places.components((i, writer) =>
      writer.line(`finite = finite && isFinite(${places.slope(0, i)}) && isFinite(${places.state(0, i)});`),
    )}
    if (!finite) { status = 3u; }
  }
}`;
}

function storeState(places: SolvePlaces): string {
  const { n, tableau, word } = places;
  const put = (name: keyof typeof stateWords, value: string): string =>
    `${word(stateWords[name])} = ${value};`;
  const float = (name: keyof typeof stateWords, value: string): string => put(name, `bitcast<u32>(${value})`);
  const suspicious = (value: (i: Index) => string): string =>
    places.components((i, writer) =>
      writer.line(`if (component == ${n}u && !isFinite(${value(i)})) { component = ${text(i)}; }`),
    );
  const error = (i: Index): string =>
    Array.from(
      { length: tableau.stages },
      (_, j) => `${places.coefficient('bError', j)} * ${places.slope(j, i)}`,
    ).join(' + ');
  return `
if (status > 1u) {
  // The component to name: one that is not finite, else the largest share of the error.
  var component = ${n}u;
  ${suspicious((i) => places.state(0, i))}
  for (var j = 0u; j < ${tableau.stages}u; j++) {
    ${suspicious((i) => places.slope('j', i))}
  }
  ${suspicious((i) => places.next(i))}
  if (component == ${n}u) {
    var most = -1.0;
    ${places.components((i, writer) => {
      const share = writer.name('share');
      const size = `max(abs(${places.state(0, i)}), abs(${places.next(i)}))`;
      const value =
        tableau.bError === null ? places.state(0, i) : `(${error(i)}) / (${tolerance(places, size)})`;
      writer.line(`let ${share} = abs(${value});`);
      writer.line(`if (${share} > most) { most = ${share}; component = ${text(i)}; }`);
    })}
    if (component == ${n}u) { component = 0u; }
  }
  ${put('component', 'component')}
}
${float('t', 't')}
${float('h', 'h')}
${float('previousError', 'previousError')}
${float('earlierError', 'earlierError')}
${float('lastError', 'lastError')}
${put('flags', 'select(0u, 1u, slopeKnown) | select(0u, 2u, afterRejection)')}
${put('accepted', 'accepted')}
${put('rejected', 'rejected')}
${put('nfe', 'nfe')}
${put('status', 'status')}
${places.components((i, writer) => {
  writer.line(`${word(plus(stateHeader, i))} = bitcast<u32>(${places.state(0, i)});`);
  writer.line(`${word(plus(stateHeader + n, i))} = bitcast<u32>(${places.slope(0, i)});`);
})}
if (status == 0u) { atomicAdd(&counters[select(0u, 1u, paused)], 1u); }`;
}
