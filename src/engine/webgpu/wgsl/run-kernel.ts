import { compile } from '../../../program/index.ts';
import type { CompiledProgram, Port, Program } from '../../../program/index.ts';
import { size } from '../sizes.ts';
import { compileBody, rangeOf, read } from './body.ts';
import type { Body } from './body.ts';
import { functionsSource } from './functions.ts';
import { kernelSource } from './kernel.ts';
import type { KernelSource } from './kernel.ts';
import { RowMemory, plus } from './memory.ts';
import { sumKernel, sumSize, sumTable } from './sums-kernel.ts';
import type { SumTable } from './sums-kernel.ts';
import { tiledSumKernel, tiledSumTable } from './tiled-sums.ts';
import { Writer } from './writer.ts';

/** Everything that is needed to run a program over rows. */
export interface RunPlan {
  readonly program: CompiledProgram;
  readonly body: Body;
  readonly memory: RowMemory;
  readonly kernel: KernelSource;
  readonly sums: SumTable;
  readonly sumKernel: KernelSource;
  readonly sumSize: number;
}

/** The plan of a program; `staged` as for its body. */
export function runPlan(of: Program, staged: boolean): RunPlan {
  const program = compile(of);
  const { memory, body, kernel } = RowMemory.write(program.sizes.row, (place) =>
    runKernel(program, place, staged),
  );
  const [table, adder] = staged ? [tiledSumTable, tiledSumKernel] : [sumTable, sumKernel];
  const sums = table(body.sums);
  return { program, body, memory, kernel, sums, sumKernel: adder, sumSize: sumSize(body.sums) };
}

function runKernel(
  program: CompiledProgram,
  memory: RowMemory,
  staged: boolean,
): Pick<RunPlan, 'memory' | 'body' | 'kernel'> {
  const body = compileBody(program, memory, { staged });
  const main = [placeOfRow, loads(program.inputs, memory), body.source, stores(program, memory)].join('\n');
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
    shared: body.shared,
    declarations: [functionsSource(body.functions), memory.declaration(), body.declaration],
    main,
  });
  return { memory, body, kernel };
}

/**
 * All rows of a workgroup go through a kernel together, since they share memory. Behind the last row there are some
 * that compute the last one once more, and keep it to themselves.
 */
export const placeOfRow = `
let lane = id.x;
let isRow = lane < call.rows;
let given0 = min(lane, call.rows - 1u);`;

/** Copies inputs, which lie one after the other in `given`, each row-major, into the memory of the row. */
export function loads(ports: readonly Port[], memory: RowMemory): string {
  const writer = new Writer();
  let before = 0;
  for (const { location } of ports) {
    const width = size(location);
    const base = `call.rows * ${before}u + given0 * ${width}u`;
    writer.loop(width, (i) => writer.line(`${memory.at(rangeOf(location), i)} = given[${plus(base, i)}];`));
    before += width;
  }
  return writer.toString();
}

function stores(program: CompiledProgram, memory: RowMemory): string {
  const writer = new Writer();
  let before = 0;
  writer.line('if (isRow) {');
  for (const { location } of program.outputs) {
    const width = size(location);
    const base = `call.rows * ${before}u + lane * ${width}u`;
    writer.loop(width, (i) =>
      writer.line(`results[${plus(base, i)}] = ${read(program, memory, location, i)};`),
    );
    before += width;
  }
  writer.line('}');
  return writer.toString();
}
