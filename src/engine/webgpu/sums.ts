import type { Machine } from '../reference/machine.ts';
import type { Kernel } from './device.ts';
import type { Job } from './job.ts';
import { workgroupSize } from './wgsl/kernel.ts';
import type { RunPlan } from './wgsl/run-kernel.ts';
import { gatherKernel, groupRows, sumKernel } from './wgsl/sums-kernel.ts';

/** What all rows read: what the prologue made, in single precision, and tables of indices. */
export function sharedNumbers(machine: Machine, tables: readonly number[]): Float32Array {
  const shared = machine.shared();
  const numbers = new Float32Array(shared.length + tables.length);
  numbers.set(shared);
  numbers.set(tables, shared.length);
  return numbers;
}

/** The sums over rows of one part of a call. */
export class RowSums {
  readonly #job: Job;
  readonly #plan: RunPlan;
  readonly #stride: number;
  readonly #kernels: { readonly sum: Kernel; readonly gather: Kernel };
  readonly #table: GPUBuffer;
  readonly #kept: GPUBuffer;
  readonly #partial: GPUBuffer;
  readonly #total: GPUBuffer;

  /** @param kept what rows leave for the sums, `stride` rows side by side. Null for a program without sums. */
  static async of(job: Job, plan: RunPlan, stride: number, kept: GPUBuffer): Promise<RowSums | null> {
    if (plan.sums.blocks === 0) return null;
    const [sum, gather] = await Promise.all([
      job.device.kernel(plan.sumKernel),
      job.device.kernel(gatherKernel),
    ]);
    return new RowSums(job, plan, stride, kept, { sum, gather });
  }

  private constructor(
    job: Job,
    plan: RunPlan,
    stride: number,
    kept: GPUBuffer,
    kernels: { readonly sum: Kernel; readonly gather: Kernel },
  ) {
    this.#job = job;
    this.#plan = plan;
    this.#stride = stride;
    this.#kernels = kernels;
    this.#table = job.resident(plan, plan.sums.words, 'the table of sums');
    this.#kept = kept;
    this.#partial = job.buffer(Math.ceil(stride / groupRows) * plan.sumSize, 'sums over groups of rows');
    this.#total = job.buffer(plan.sumSize, 'sums over rows');
  }

  /** Sums over each group of the rows that were run last; with `adding` they are added to what is there. */
  add(rows: number, adding: boolean): void {
    const { blocks } = this.#plan.sums;
    const numbers = { rows, stride: this.#stride, blocks, size: this.#plan.sumSize, adding: Number(adding) };
    this.#job.run(this.#kernels.sum, [this.#table, this.#kept, this.#partial], numbers, [
      this.#plan.sumKernel === sumKernel ? Math.ceil(blocks / workgroupSize) : blocks,
      Math.ceil(rows / groupRows),
    ]);
  }

  /** Adds up the groups, and says where the sums are. */
  gather(rows: number): { buffer: GPUBuffer; count: number } {
    const { sumSize } = this.#plan;
    const numbers = { groups: Math.ceil(rows / groupRows), size: sumSize };
    this.#job.run(this.#kernels.gather, [this.#partial, this.#total], numbers, [
      Math.ceil(sumSize / workgroupSize),
    ]);
    return { buffer: this.#total, count: sumSize };
  }
}

/** sum += terms */
export function addTo(sum: Float64Array, terms: Float32Array): void {
  for (let i = 0; i < terms.length; i++) sum[i] = sum[i]! + terms[i]!;
}
