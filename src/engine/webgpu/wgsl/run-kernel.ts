import { compile } from '../../../program/index.ts';
import type { CompiledProgram, Port, Program } from '../../../program/index.ts';
import { size } from '../sizes.ts';
import { compileBody, read } from './body.ts';
import type { Body } from './body.ts';
import { functionsSource } from './functions.ts';
import { kernelSource } from './kernel.ts';
import type { KernelSource } from './kernel.ts';
import { RowMemory, plus } from './memory.ts';
import { sumSize, sumTable } from './sums-kernel.ts';
import type { SumTable } from './sums-kernel.ts';
import { Writer } from './writer.ts';

/** Everything that is needed to run a program over rows. */
export interface RunPlan {
  readonly program: CompiledProgram;
  readonly body: Body;
  readonly memory: RowMemory;
  readonly kernel: KernelSource;
  readonly sums: SumTable;
  readonly sumSize: number;
}

const plans = new WeakMap<Program, RunPlan>();

/** The plan of a program, made once. */
export function runPlan(program: Program): RunPlan {
  let plan = plans.get(program);
  if (plan === undefined) {
    plan = makePlan(compile(program));
    plans.set(program, plan);
  }
  return plan;
}

function makePlan(program: CompiledProgram): RunPlan {
  const memory = new RowMemory(program.sizes.row);
  const body = compileBody(program, memory);
  const kernel = kernelSource({
    label: program.name,
    storage: [
      { name: 'numbers', access: 'read' },
      { name: 'given', access: 'read' },
      { name: 'results', access: 'read_write' },
      { name: 'kept', access: 'read_write' },
      { name: 'work', access: 'read_write' },
    ],
    call: ['rows', 'stride'],
    declarations: [functionsSource(body.functions), memory.declaration()],
    main: [
      'let lane = id.x;',
      'if (lane >= call.rows) { return; }',
      loads(program.inputs, memory),
      body.source,
      stores(program, memory),
    ].join('\n'),
  });
  return { program, body, memory, kernel, sums: sumTable(body.sums), sumSize: sumSize(body.sums) };
}

/** Copies inputs, which lie one after the other in `given`, each row-major, into the memory of the row. */
export function loads(ports: readonly Port[], memory: RowMemory): string {
  const writer = new Writer();
  let before = 0;
  for (const { location } of ports) {
    const width = size(location);
    const base = `call.rows * ${before}u + lane * ${width}u`;
    writer.loop(width, (i) =>
      writer.line(`${memory.at(plus(location.offset, i))} = given[${plus(base, i)}];`),
    );
    before += width;
  }
  return writer.toString();
}

function stores(program: CompiledProgram, memory: RowMemory): string {
  const writer = new Writer();
  let before = 0;
  for (const { location } of program.outputs) {
    const width = size(location);
    const base = `call.rows * ${before}u + lane * ${width}u`;
    writer.loop(width, (i) =>
      writer.line(`results[${plus(base, i)}] = ${read(program, memory, location, i)};`),
    );
    before += width;
  }
  return writer.toString();
}
