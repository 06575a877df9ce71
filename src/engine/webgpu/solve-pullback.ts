/// <reference types="@webgpu/types" />
import { LiouvilleError } from '../../errors.ts';
import { vjpWithoutTime } from '../../program/index.ts';
import type { Port, Program } from '../../program/index.ts';
import { Machine } from '../reference/machine.ts';
import type { SolvePullbackResult } from '../types.ts';
import { HeldColumns } from './columns.ts';
import type { Device, Kernel } from './device.ts';
import type { Job } from './job.ts';
import { Run } from './run.ts';
import { size } from './sizes.ts';
import { constantsOf } from './solve.ts';
import { RowSums, addTo, sharedNumbers } from './sums.ts';
import { checkDevice } from './tape.ts';
import type { TapePart, WebGpuTape } from './tape.ts';
import { workgroupSize } from './wgsl/kernel.ts';
import { adjointLayout } from './wgsl/pullback-kernel.ts';
import type { AdjointLayout } from './wgsl/pullback-kernel.ts';
import type { RunPlan } from './wgsl/run-kernel.ts';
import { coefficients, stageLayout } from './wgsl/tableau-settings.ts';

/** Dispatches between two looks at the signal. */
const mostAtOnce = 256;

/** The gradient of a solve, its cotangents copied; `on` computes it. */
export class SolvePullback {
  readonly #tape: WebGpuTape;
  readonly #n: number;
  readonly #cotangents: Float64Array;
  readonly #times: boolean;
  readonly #transposed: Program;
  readonly #constants: readonly Port[];
  readonly #layout: AdjointLayout;

  constructor(tape: WebGpuTape, cotangents: Float64Array, times: boolean) {
    this.#tape = tape;
    this.#n = tape.end.length / tape.rows;
    if (cotangents.length !== tape.end.length) {
      throw new LiouvilleError(
        'shape-mismatch',
        `solvePullback: expected ${tape.rows} cotangents of ${this.#n} numbers; got ${cotangents.length} numbers.`,
      );
    }
    this.#cotangents = cotangents.slice();
    this.#times = times;
    this.#transposed = vjpWithoutTime(tape.field);
    this.#constants = constantsOf(tape.field);
    this.#layout = adjointLayout(this.#constants, this.#n, tape.tableau);
  }

  async on(device: Device, signal: AbortSignal | undefined): Promise<SolvePullbackResult> {
    const { parameters, inputs, tableau, parts, rows } = this.#tape;
    checkDevice(this.#tape, device);
    const plan = device.plans.run(this.#transposed);
    const step = device.plans.pullback(this.#transposed, tableau);
    const { body, memory } = step;
    const machine = new Machine(this.#transposed, parameters);
    const kernel = await device.kernel(step.kernel);
    const columns = new HeldColumns(this.#constants, inputs, rows);
    const cotangents = Object.fromEntries(
      this.#tape.field.inputs
        .filter(({ name }) => name !== 't')
        .map((input) => [input.name, new Float64Array(rows * size(input))]),
    );
    const totals = new Float64Array(plan.program.sizes.total);
    const job = device.job(signal);
    try {
      const numbers = job.resident(step, sharedNumbers(machine, body.tables), 'parameters');
      const settings = job.resident(step, Float32Array.from(coefficients(tableau)), 'coefficients');
      for (const part of parts) {
        const { first, rows: count, stride } = part;
        const buffers = {
          numbers,
          settings,
          given: job.upload(columns.part(first, count), 'inputs'),
          steps: job.upload(part.steps, 'numbers of steps'),
          adjoint: job.upload(this.#startAdjoint(part), 'cotangents'),
          kept: job.buffer(body.keptSize * stride, 'values for gradients'),
          work: job.buffer(memory.bufferSize * stride, 'values of rows'),
        };
        const sums = await this.#stepsBack(job, kernel, plan, buffers, part);
        const gathered = sums === null ? [] : [sums.gather(count)];
        const held = { buffer: buffers.adjoint, count: this.#layout.stages * stride };
        const [adjoint, sum] = await job.read(held, ...gathered);
        this.#collect(new Float32Array(adjoint!), part, cotangents);
        if (sum !== undefined) addTo(totals, new Float32Array(sum));
        for (const buffer of [buffers.given, buffers.steps, buffers.adjoint, buffers.kept, buffers.work])
          job.release(buffer);
      }
    } finally {
      job.end();
    }
    machine.setTotals(totals);
    const gradient = machine.gradient();
    return { cotangents, gradient, ...(await this.#timeCotangents(device, signal, cotangents['y']!)) };
  }

  /** Takes all steps back, the last one first. Returns the sums over rows, if there was anything to sum. */
  async #stepsBack(
    job: Job,
    kernel: Kernel,
    plan: RunPlan,
    buffers: Readonly<
      Record<'numbers' | 'settings' | 'given' | 'steps' | 'adjoint' | 'kept' | 'work', GPUBuffer>
    >,
    part: TapePart,
  ): Promise<RowSums | null> {
    const { rows, stride, tapeSteps, chunks } = part;
    const { numbers, settings, given, steps, adjoint, kept, work } = buffers;
    const { stored } = stageLayout(this.#tape.tableau, this.#n);
    const last = part.steps.reduce((most, count) => Math.max(most, count), 0);
    if (last === 0) return null;
    const sums = await RowSums.of(job, plan, stride, kept);
    let recorded = 0;
    for (let step = last - 1; step >= 0; step--) {
      const chunk = Math.floor(step / tapeSteps);
      const bound = [numbers, settings, given, steps, chunks[chunk]!, adjoint, kept, work];
      for (let stage = stored - 1; stage >= 0; stage--) {
        const call = { rows, stride, stage, step, firstStep: chunk * tapeSteps };
        job.run(kernel, bound, call, [Math.ceil(rows / workgroupSize)]);
        sums?.add(rows, recorded > 0);
        recorded++;
      }
      if (recorded % mostAtOnce < stored) await job.read({ buffer: steps, count: 1 });
    }
    return sums;
  }

  /** Zero but for the cotangents of the end states of the rows that are well. */
  #startAdjoint({ first, rows, stride, steps }: TapePart): Float32Array {
    const adjoint = new Float32Array(this.#layout.size * stride);
    const { end } = this.#tape;
    for (let row = 0; row < rows; row++) {
      const at = (first + row) * this.#n;
      if (steps[row] === 0 && Number.isNaN(end[at])) continue;
      for (let i = 0; i < this.#n; i++) adjoint[i * stride + row] = this.#cotangents[at + i]!;
    }
    return adjoint;
  }

  #collect(
    adjoint: Float32Array,
    { first, rows, stride }: TapePart,
    into: Readonly<Record<string, Float64Array>>,
  ): void {
    const { state, constants } = this.#layout;
    for (const [name, place] of Object.entries({ ...constants, y: state })) {
      const target = into[name]!;
      const width = target.length / this.#tape.rows;
      for (let row = 0; row < rows; row++) {
        for (let i = 0; i < width; i++)
          target[(first + row) * width + i] = adjoint[(place + i) * stride + row]!;
      }
    }
  }

  /** By one evaluation of the field at each end (`endTimeCotangent` of src/ode/pullback.ts). */
  async #timeCotangents(
    device: Device,
    signal: AbortSignal | undefined,
    start: Float64Array,
  ): Promise<{ t0: number; t1: number }> {
    if (!this.#times) return { t0: 0, t1: 0 };
    const { interval, inputs, end } = this.#tape;
    const [t0, t1] = interval;
    const atStart = await this.#alongField(device, signal, t0, inputs['y']!, start);
    return { t0: 0 - atStart, t1: await this.#alongField(device, signal, t1, end, this.#cotangents) };
  }

  /** The sum over the rows that are well of f(t, y) . cotangent. */
  async #alongField(
    device: Device,
    signal: AbortSignal | undefined,
    t: number,
    y: ArrayLike<number>,
    cotangents: Float64Array,
  ): Promise<number> {
    const { field, parameters, rows, inputs, end } = this.#tape;
    const columns = { ...inputs, y: Float64Array.from(y), t: new Float64Array(rows).fill(t) };
    const { outputs } = await new Run(field, parameters, rows, columns).on(device, signal);
    return outputs['dy']!.reduce((sum, slope, i) => {
      const failed = Number.isNaN(end[i - (i % this.#n)]);
      return failed ? sum : sum + slope * cotangents[i]!;
    }, 0);
  }
}
