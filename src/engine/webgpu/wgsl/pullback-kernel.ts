import type { Tableau } from '../../../ode/index.ts';
import type { CompiledProgram, Port } from '../../../program/index.ts';
import { size } from '../sizes.ts';
import { compileBody, rangeOf, read } from './body.ts';
import type { Body } from './body.ts';
import { functionsSource } from './functions.ts';
import { kernelSource } from './kernel.ts';
import type { KernelSource } from './kernel.ts';
import { RowMemory, plus, text, times } from './memory.ts';
import type { Index } from './memory.ts';
import { loads, placeOfRow } from './run-kernel.ts';
import { coefficientPlaces, stageLayout } from './tableau-settings.ts';
import { Writer } from './writer.ts';

/** A step back as a kernel. */
export interface PullbackPlan {
  readonly kernel: KernelSource;
  readonly memory: RowMemory;
  readonly body: Body;
}

/** Where the cotangents of a row lie: of its state, then of its constant inputs, then of the stages of a step. */
export interface AdjointLayout {
  readonly state: number;
  /** By the name of the input. */
  readonly constants: Readonly<Record<string, number>>;
  readonly stages: number;
  readonly size: number;
}

export function adjointLayout(constants: readonly Port[], n: number, tableau: Tableau): AdjointLayout {
  let end = n;
  const places: Record<string, number> = {};
  for (const { name, location } of constants) {
    places[name] = end;
    end += size(location);
  }
  return { state: 0, constants: places, stages: end, size: end + stageLayout(tableau, n).stored * n };
}

/**
 * One stage of one step, taken back by all rows that have this step: the discrete gradient of src/ode/pullback.ts. The
 * step is the same for all rows of a call, so that sums over rows come in an order that is always the same.
 */
export function pullbackPlan(program: CompiledProgram, tableau: Tableau, staged: boolean): PullbackPlan {
  return RowMemory.write(program.sizes.row, (memory) => writePullback(program, tableau, memory, staged));
}

function writePullback(
  program: CompiledProgram,
  tableau: Tableau,
  memory: RowMemory,
  staged: boolean,
): PullbackPlan {
  const body = compileBody(program, memory, { staged, keeping: 'moves' });
  const [t, y, cotangent] = ['t', 'y', 'cotangent/dy'].map((name) => portOf(program, name).location);
  const constants = program.inputs.filter(({ name }) => !['t', 'y', 'cotangent/dy'].includes(name));
  const n = y!.n;
  const { stages, stored, record } = stageLayout(tableau, n);
  const layout = adjointLayout(constants, n, tableau);
  const places = coefficientPlaces(stages, 0);
  const adjoint = (index: Index): string => `adjoint[(${text(index)}) * call.stride + lane]`;
  const stageCotangent = (stage: Index, i: Index): string =>
    adjoint(plus(plus(layout.stages, times(stage, n)), i));
  const onTape = (index: Index): string => `tape[(${text(plus('kept0', index))}) * call.stride + lane]`;
  const output = (name: string, i: Index): string =>
    read(program, memory, portOf(program, name, 'outputs').location, i);
  const each = (count: number, statement: (i: Index, writer: Writer) => void): string => {
    const writer = new Writer();
    writer.loop(count, (i) => statement(i, writer));
    return writer.toString();
  };
  const main = `
${placeOfRow}
let taken = isRow && call.step < steps[lane];
var moves = false;
let kept0 = (call.step - call.firstStep) * ${record}u;
if (taken) {
  let begin = ${onTape(0)};
  let end = ${onTape(1)};
  let size = ${onTape(2)};
  let c = settings[${text(plus(places.c, 'call.stage'))}];
  ${memory.at(rangeOf(t!), 0)} = select(begin + c * size, end, c == 1.0);
  ${each(n, (i, writer) => {
    const [sum, later] = [writer.name('sum'), writer.name('later')];
    writer.line(
      `var ${sum} = settings[${text(plus(places.b, 'call.stage'))}] * ${adjoint(plus(layout.state, i))};`,
    );
    writer.line(`for (var ${later} = call.stage + 1u; ${later} < ${stored}u; ${later}++) {`);
    writer.line(
      `${sum} += settings[${text(plus(places.a, `${later} * ${stages}u + call.stage`))}] * ${stageCotangent(later, i)};`,
    );
    writer.line('}');
    writer.line(`let bar${sum} = size * ${sum};`);
    writer.line(`moves = moves || bar${sum} != 0.0 || isNan(bar${sum});`);
    writer.line(`${memory.at(rangeOf(cotangent!), i)} = bar${sum};`);
    writer.line(`${memory.at(rangeOf(y!), i)} = ${onTape(plus(`3u + call.stage * ${n}u`, i))};`);
  })}
}
${body.shared === 0 ? 'if (moves) {' : ifAnyMoves}
${loads(constants, memory)}
${body.source}
} else {
  ${each(body.keptSize, (i, writer) => writer.line(`kept[(${text(i)}) * call.stride + lane] = 0.0;`))}
}
if (moves) {
${each(n, (i, writer) => writer.line(`${stageCotangent('call.stage', i)} = ${output('cotangent/y', i)};`))}
${constants
  .map(({ name, location }) =>
    each(size(location), (i, writer) =>
      writer.line(`${adjoint(plus(layout.constants[name]!, i))} += ${output(`cotangent/${name}`, i)};`),
    ),
  )
  .join('\n')}
} else if (isRow) {
  ${each(n, (i, writer) => writer.line(`${stageCotangent('call.stage', i)} = 0.0;`))}
}
if (taken && call.stage == 0u) {
  for (var stage = 0u; stage < ${stored}u; stage++) {
    ${each(n, (i, writer) => writer.line(`${adjoint(plus(layout.state, i))} += ${stageCotangent('stage', i)};`))}
  }
}`;
  const kernel = kernelSource({
    label: `${program.name}, back through ${tableau.name}`,
    storage: [
      { name: 'numbers', access: 'read' },
      { name: 'settings', access: 'read' },
      { name: 'given', access: 'read' },
      { name: 'steps', access: 'read', type: 'u32' },
      { name: 'tape', access: 'read' },
      { name: 'adjoint', access: 'read_write' },
      { name: 'kept', access: 'read_write' },
      { name: 'work', access: 'read_write' },
    ],
    call: ['rows', 'stride', 'stage', 'step', 'firstStep'],
    shared: body.shared === 0 ? 0 : body.shared + 8,
    declarations: [
      functionsSource(body.functions),
      memory.declaration(),
      body.declaration,
      ...(body.shared === 0 ? [] : ['var<workgroup> moving: atomic<u32>;', 'var<workgroup> anyMoves: u32;']),
    ],
    main,
  });
  return { kernel, memory, body };
}

/** Rows that share memory all go through the body, or none. */
const ifAnyMoves = `
if (moves) { atomicOr(&moving, 1u); }
workgroupBarrier();
if (local == 0u) { anyMoves = atomicLoad(&moving); }
if (workgroupUniformLoad(&anyMoves) == 1u) {`;

function portOf(program: CompiledProgram, name: string, of: 'inputs' | 'outputs' = 'inputs'): Port {
  return program[of].find((port) => port.name === name)!;
}
