/// <reference types="@webgpu/types" />
import { LiouvilleError, throwIfAborted } from '../../errors.ts';
import type { Missing } from '../found.ts';
import { Buffers } from './buffers.ts';
import type { WebGpuDetails } from './details.ts';
import type { OpenDevice } from './gpu.ts';
import { Job } from './job.ts';
import { Plans } from './plans.ts';
import type { KernelSource } from './wgsl/kernel.ts';

/** Of the specification: what sees a binding. */
const compute = 4;

/** A compiled kernel. */
export interface Kernel {
  readonly source: KernelSource;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** A device that may be lost, and everything that is written and compiled for it. */
export class Device {
  readonly plans: Plans;
  readonly buffers: Buffers;
  readonly #open: OpenDevice;
  readonly #kernels = new Map<string, Promise<Kernel>>();
  #lost: string | null = null;

  /**
   * @param open held whole, since the package `webgpu` takes the device down with its instance.
   * @param staged whether parameters go through the memory of a workgroup.
   */
  constructor(open: OpenDevice, staged: boolean) {
    this.#open = open;
    this.plans = new Plans(staged);
    this.buffers = new Buffers(open.device);
    void open.device.lost.then(({ reason, message }) => {
      this.#lost = reason === 'destroyed' ? 'It was disposed of.' : `It was lost: ${message}`;
    });
  }

  get details(): WebGpuDetails {
    return this.#open.details;
  }

  get isLost(): boolean {
    return this.#lost !== null;
  }

  /** Bytes of the largest buffer that a kernel can work on. */
  get largestBuffer(): number {
    const { maxStorageBufferBindingSize, maxBufferSize } = this.#open.device.limits;
    return Math.min(maxStorageBufferBindingSize, maxBufferSize);
  }

  /** Compiles a kernel, once. */
  kernel(source: KernelSource): Promise<Kernel> {
    let kernel = this.#kernels.get(source.code);
    if (kernel === undefined) {
      kernel = this.#compile(source);
      this.#kernels.set(source.code, kernel);
    }
    return kernel;
  }

  /** Buffers and commands of one call of the engine. */
  job(signal: AbortSignal | undefined): Job {
    throwIfAborted(signal);
    return new Job(this, this.#open.device, this.buffers, signal);
  }

  /** A failure as an error of this library. */
  failure(error: unknown): unknown {
    if (this.#lost !== null && !(error instanceof LiouvilleError)) {
      return unavailable({
        reason: `The device is gone. ${this.#lost}`,
        remedy:
          'Call again for a fresh device; if that is lost too, use fewer rows at a time, or the engine native or wasm.',
      });
    }
    return error;
  }

  destroy(): void {
    this.#open.device.destroy();
  }

  async #compile(source: KernelSource): Promise<Kernel> {
    const device = this.#open.device;
    const { label, code, storage, call } = source;
    const layout = device.createBindGroupLayout({
      entries: [
        {
          binding: 0,
          visibility: compute,
          buffer: { type: 'uniform', hasDynamicOffset: true, minBindingSize: 4 * call.length },
        },
        ...storage.map(({ access }, i) => ({
          binding: i + 1,
          visibility: compute,
          buffer: { type: access === 'read' ? 'read-only-storage' : 'storage' } as const,
        })),
      ],
    });
    try {
      const pipeline = await device.createComputePipelineAsync({
        label,
        layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module: device.createShaderModule({ label, code }), entryPoint: 'main' },
      });
      return { source, pipeline, layout };
    } catch (error) {
      throw this.failure(error);
    }
  }
}

/** What asking for the engine throws where it cannot work. */
export function unavailable({ reason, remedy }: Missing): LiouvilleError {
  return new LiouvilleError(
    'engine-unavailable',
    `The engine 'webgpu' is not available: ${reason} ${remedy}`,
  );
}
