/// <reference types="@webgpu/types" />
import { LiouvilleError, throwIfAborted } from '../../errors.ts';
import type { Missing } from '../found.ts';
import type { WebGpuDetails } from './details.ts';
import type { OpenDevice } from './gpu.ts';
import type { KernelSource } from './wgsl/kernel.ts';

// The constants of the specification, which Node has no global objects for.
const usage = { mapRead: 0x1, copySource: 0x4, copyTarget: 0x8, uniform: 0x40, storage: 0x80 };
const [mapForReading, compute] = [1, 4];

/** Bytes from one call's whole numbers to the next one's: the alignment of every device. */
const callStride = 256;
/** Calls that are recorded before they are sent. */
const mostRecorded = 64;

/** A compiled kernel. */
export interface Kernel {
  readonly source: KernelSource;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** A device that may be lost, and everything that is compiled for it. */
export class Device {
  readonly #open: OpenDevice;
  readonly #kernels = new Map<string, Promise<Kernel>>();
  #lost: string | null = null;

  /** @param open held whole, since the package `webgpu` takes the device down with its instance. */
  constructor(open: OpenDevice) {
    this.#open = open;
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
    return new Job(this, this.#open.device, signal);
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

/** One call of the engine: buffers that are given back at its end, and commands that are sent in packets. */
export class Job {
  readonly device: Device;
  readonly #gpu: GPUDevice;
  readonly #signal: AbortSignal | undefined;
  readonly #buffers = new Set<GPUBuffer>();
  readonly #checks: Promise<void>[] = [];
  readonly #calls = new Uint32Array((mostRecorded * callStride) / 4);
  #uniforms: GPUBuffer | null = null;
  #encoder: GPUCommandEncoder | null = null;
  #recorded = 0;

  constructor(device: Device, gpu: GPUDevice, signal: AbortSignal | undefined) {
    this.device = device;
    this.#gpu = gpu;
    this.#signal = signal;
  }

  /** A buffer of `count` numbers, zero at first. `what` names it where memory runs out. */
  buffer(count: number, what: string): GPUBuffer {
    const size = 4 * Math.max(count, 1);
    if (size > this.device.largestBuffer) throw outOfMemory(what, size, this.device.largestBuffer);
    return this.#create(size, usage.storage | usage.copySource | usage.copyTarget, what);
  }

  /** A buffer that holds these numbers in single precision. */
  upload(data: Float32Array | Uint32Array, what: string): GPUBuffer {
    const buffer = this.buffer(data.length, what);
    if (data.length > 0) this.#gpu.queue.writeBuffer(buffer, 0, data);
    return buffer;
  }

  clear(buffer: GPUBuffer): void {
    this.#commands().clearBuffer(buffer);
  }

  /** Records a call of a kernel on buffers in the order of its bindings. */
  run(
    kernel: Kernel,
    buffers: readonly GPUBuffer[],
    numbers: Readonly<Record<string, number>>,
    [x, y = 1]: readonly [number, number?],
  ): void {
    if (x === 0 || y === 0) return;
    if (this.#recorded === mostRecorded) this.flush();
    const encoder = this.#commands();
    this.#uniforms ??= this.#create(4 * this.#calls.length, usage.uniform | usage.copyTarget, 'calls');
    const offset = callStride * this.#recorded++;
    kernel.source.call.forEach((name, i) => (this.#calls[offset / 4 + i] = numbers[name]!));
    const entries = [
      { binding: 0, resource: { buffer: this.#uniforms, size: callStride } },
      ...buffers.map((buffer, i) => ({ binding: i + 1, resource: { buffer } })),
    ];
    const pass = encoder.beginComputePass();
    pass.setPipeline(kernel.pipeline);
    pass.setBindGroup(0, this.#gpu.createBindGroup({ layout: kernel.layout, entries }), [offset]);
    pass.dispatchWorkgroups(x, y);
    pass.end();
  }

  /** Sends what was recorded. */
  flush(): void {
    if (this.#encoder === null) return;
    if (this.#uniforms !== null) this.#gpu.queue.writeBuffer(this.#uniforms, 0, this.#calls);
    this.#gpu.pushErrorScope('validation');
    this.#gpu.queue.submit([this.#encoder.finish()]);
    this.#check(this.#gpu.popErrorScope(), (message) => new Error(`WebGPU refuses a command: ${message}`));
    this.#encoder = null;
    this.#recorded = 0;
  }

  /** The numbers of buffers, when everything recorded so far has run. Notices an AbortSignal. */
  async read(
    ...parts: readonly { readonly buffer: GPUBuffer; readonly count: number }[]
  ): Promise<ArrayBuffer[]> {
    const bytes = parts.reduce((sum, { count }) => sum + 4 * count, 0);
    const target = this.#create(Math.max(bytes, 4), usage.mapRead | usage.copyTarget, 'results');
    let start = 0;
    for (const { buffer, count } of parts) {
      if (count > 0) this.#commands().copyBufferToBuffer(buffer, 0, target, start, 4 * count);
      start += 4 * count;
    }
    this.flush();
    try {
      await Promise.all(this.#checks.splice(0));
      await target.mapAsync(mapForReading);
    } catch (error) {
      throw this.device.failure(error);
    }
    const all = target.getMappedRange();
    let from = 0;
    const results = parts.map(({ count }) => all.slice(from, (from += 4 * count)));
    this.release(target);
    throwIfAborted(this.#signal);
    return results;
  }

  /** Leaves buffers to the caller, beyond the end of the job. */
  keep(buffers: readonly GPUBuffer[]): void {
    for (const buffer of buffers) this.#buffers.delete(buffer);
  }

  /** Gives the memory back at once. */
  release(buffer: GPUBuffer): void {
    this.#buffers.delete(buffer);
    buffer.destroy();
  }

  /** Gives all memory back. */
  end(): void {
    for (const buffer of this.#buffers) buffer.destroy();
  }

  #commands(): GPUCommandEncoder {
    this.#encoder ??= this.#gpu.createCommandEncoder();
    return this.#encoder;
  }

  #create(size: number, use: number, what: string): GPUBuffer {
    if (this.device.isLost) throw this.device.failure(null);
    this.#gpu.pushErrorScope('out-of-memory');
    const buffer = this.#gpu.createBuffer({ size, usage: use, label: what });
    this.#buffers.add(buffer);
    this.#check(this.#gpu.popErrorScope(), () => outOfMemory(what, size, null));
    return buffer;
  }

  #check(scope: Promise<GPUError | null>, errorOf: (message: string) => Error): void {
    const checked = scope.then((error) => {
      if (error !== null) throw errorOf(error.message);
    });
    // Whoever reads hears of it; a job that ends early does not.
    checked.catch(() => undefined);
    this.#checks.push(checked);
  }
}

/** What asking for the engine throws where it cannot work. */
export function unavailable({ reason, remedy }: Missing): LiouvilleError {
  return new LiouvilleError(
    'engine-unavailable',
    `The engine 'webgpu' is not available: ${reason} ${remedy}`,
  );
}

function outOfMemory(what: string, bytes: number, most: number | null): LiouvilleError {
  const limit = most === null ? '' : `, more than the ${megabytes(most)} of its largest buffer`;
  return new LiouvilleError(
    'out-of-memory',
    `The WebGPU device has no memory for ${megabytes(bytes)} (${what})${limit}. Use fewer rows at a time, a smaller ` +
      'model, or the engine native.',
  );
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MB`;
}
