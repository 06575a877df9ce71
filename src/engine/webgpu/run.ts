import { compile } from '../../program/index.ts';
import type { Program } from '../../program/index.ts';
import { Machine } from '../reference/machine.ts';
import type { Columns, ParameterData } from '../types.ts';
import { HeldColumns, unpack } from './columns.ts';
import type { Device } from './device.ts';
import { partRows } from './parts.ts';
import { size } from './sizes.ts';
import { RowSums, addTo, sharedNumbers } from './sums.ts';
import { workgroupSize } from './wgsl/kernel.ts';

export interface RunResult {
  readonly outputs: Record<string, Float64Array>;
  readonly gradient: Float64Array;
}

/** A run whose arguments have been copied; `on` does it. */
export class Run {
  readonly #of: Program;
  readonly #rows: number;
  readonly #machine: Machine;
  readonly #columns: HeldColumns;

  constructor(program: Program, parameters: ParameterData, rows: number, columns: Columns) {
    this.#of = program;
    this.#rows = rows;
    this.#machine = new Machine(program, parameters);
    this.#columns = new HeldColumns(compile(program).inputs, columns, rows);
  }

  async on(device: Device, signal: AbortSignal | undefined): Promise<RunResult> {
    const plan = device.plans.run(this.#of);
    const { program, kernel: source, body, memory } = plan;
    const kernel = await device.kernel(source);
    const outputs = Object.fromEntries(
      program.outputs.map(({ name, location }) => [name, new Float64Array(this.#rows * size(location))]),
    );
    const outputWidth = program.outputs.reduce((sum, { location }) => sum + size(location), 0);
    const widest = Math.max(this.#columns.width, outputWidth, body.keptSize, memory.bufferSize);
    const most = partRows(device, this.#rows, widest, body.cost);
    const totals = new Float64Array(program.sizes.total);
    const job = device.job(signal);
    try {
      const numbers = job.resident(plan, sharedNumbers(this.#machine, body.tables), 'parameters');
      const work = job.buffer(memory.bufferSize * most, 'values of rows');
      const kept = job.buffer(body.keptSize * most, 'values for gradients');
      const sums = await RowSums.of(job, plan, most, kept);
      const results = job.buffer(outputWidth * most, 'outputs');
      for (let first = 0; first < this.#rows; first += most) {
        const rows = Math.min(most, this.#rows - first);
        const given = job.upload(this.#columns.part(first, rows), 'inputs');
        job.run(kernel, [numbers, given, results, kept, work], { rows, stride: most }, [
          Math.ceil(rows / workgroupSize),
        ]);
        sums?.add(rows, false);
        const gathered = sums === null ? [] : [sums.gather(rows)];
        const [packed, sum] = await job.read({ buffer: results, count: outputWidth * rows }, ...gathered);
        unpack(program.outputs, new Float32Array(packed!), first, rows, outputs);
        if (sum !== undefined) addTo(totals, new Float32Array(sum));
        job.release(given);
      }
    } finally {
      job.end();
    }
    this.#machine.setTotals(totals);
    return { outputs, gradient: this.#machine.gradient() };
  }
}
