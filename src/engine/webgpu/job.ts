/// <reference types="@webgpu/types" />
import { throwIfAborted } from '../../errors.ts';
import { outOfMemory, usage } from './buffers.ts';
import type { Buffers } from './buffers.ts';
import type { Device, Kernel } from './device.ts';

const mapForReading = 1;

/** Bytes from one call's whole numbers to the next one's: the alignment of every device. */
const callStride = 256;
/** Calls that are recorded before they are sent. */
const mostRecorded = 64;

/** One call of the engine: buffers that are given back at its end, and commands that are sent in packets. */
export class Job {
  readonly device: Device;
  readonly #gpu: GPUDevice;
  readonly #pool: Buffers;
  readonly #signal: AbortSignal | undefined;
  readonly #buffers = new Set<GPUBuffer>();
  readonly #residents: (() => void)[] = [];
  readonly #checks: Promise<void>[] = [];
  readonly #calls = new Uint32Array((mostRecorded * callStride) / 4);
  /** By the kernel and the places of the buffers among those that were bound. */
  readonly #groups = new Map<string, GPUBindGroup>();
  readonly #bound = new Map<object, number>();
  #uniforms: GPUBuffer | null = null;
  #encoder: GPUCommandEncoder | null = null;
  /** Calls follow each other in one pass, which orders them, until something else has to be done. */
  #pass: GPUComputePassEncoder | null = null;
  #recorded = 0;

  constructor(device: Device, gpu: GPUDevice, pool: Buffers, signal: AbortSignal | undefined) {
    this.device = device;
    this.#gpu = gpu;
    this.#pool = pool;
    this.#signal = signal;
  }

  /** A buffer of `count` numbers, whatever they are at first. `what` names it where memory runs out. */
  buffer(count: number, what: string): GPUBuffer {
    const size = 4 * Math.max(count, 1);
    if (size > this.device.largestBuffer) throw outOfMemory(what, size, this.device.largestBuffer);
    return this.#take(size, usage.storage | usage.copySource | usage.copyTarget, what);
  }

  /** A buffer that holds these numbers in single precision. */
  upload(data: Float32Array | Uint32Array, what: string): GPUBuffer {
    const buffer = this.buffer(data.length, what);
    this.#pool.write(buffer, data);
    return buffer;
  }

  /** The same for numbers that are often those of the call before, such as parameters; they stay with `owner`. */
  resident(owner: object, data: Float32Array | Uint32Array, what: string): GPUBuffer {
    if (this.device.isLost) throw this.device.failure(null);
    const { buffer, failed, done } = this.#pool.resident(owner, data, what);
    this.#residents.push(done);
    this.#check(failed);
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
    this.#encoder ??= this.#gpu.createCommandEncoder();
    const offset = callStride * this.#recorded++;
    kernel.source.call.forEach((name, i) => (this.#calls[offset / 4 + i] = numbers[name]!));
    this.#pass ??= this.#encoder.beginComputePass();
    this.#pass.setPipeline(kernel.pipeline);
    this.#pass.setBindGroup(0, this.#group(kernel, buffers), [offset]);
    this.#pass.dispatchWorkgroups(x, y);
    this.#pool.traffic.dispatches++;
  }

  /** Sends what was recorded. */
  flush(): void {
    if (this.#encoder === null) return;
    const commands = this.#commands();
    if (this.#uniforms !== null)
      this.#pool.write(this.#uniforms, this.#calls, (this.#recorded * callStride) / 4);
    this.#gpu.pushErrorScope('validation');
    this.#gpu.queue.submit([commands.finish()]);
    this.#pool.traffic.submits++;
    this.#check(
      this.#gpu
        .popErrorScope()
        .then((error) => error && new Error(`WebGPU refuses a command: ${error.message}`)),
    );
    this.#encoder = null;
    this.#recorded = 0;
  }

  /** The numbers of buffers, when everything recorded so far has run. Notices an AbortSignal. */
  async read(
    ...parts: readonly { readonly buffer: GPUBuffer; readonly count: number }[]
  ): Promise<ArrayBuffer[]> {
    const bytes = parts.reduce((sum, { count }) => sum + 4 * count, 0);
    const target = this.#take(Math.max(bytes, 4), usage.mapRead | usage.copyTarget, 'results');
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
      // Whether it is being mapped is not known.
      this.#buffers.delete(target);
      this.#pool.destroy(target);
      throw this.device.failure(error);
    }
    const all = target.getMappedRange();
    let from = 0;
    const results = parts.map(({ count }) => all.slice(from, (from += 4 * count)));
    target.unmap();
    this.#pool.traffic.bytesDown += bytes;
    this.release(target);
    throwIfAborted(this.#signal);
    return results;
  }

  /** Leaves buffers to the caller, beyond the end of the job. */
  keep(buffers: readonly GPUBuffer[]): void {
    for (const buffer of buffers) this.#buffers.delete(buffer);
  }

  /** Leaves a buffer to whoever needs one next. */
  release(buffer: GPUBuffer): void {
    this.#buffers.delete(buffer);
    this.#pool.give(buffer);
  }

  /** Gives back all that it has. */
  end(): void {
    for (const buffer of this.#buffers) this.#pool.give(buffer);
    for (const done of this.#residents) done();
  }

  /** For commands other than calls. */
  #commands(): GPUCommandEncoder {
    this.#pass?.end();
    this.#pass = null;
    this.#encoder ??= this.#gpu.createCommandEncoder();
    return this.#encoder;
  }

  #group(kernel: Kernel, buffers: readonly GPUBuffer[]): GPUBindGroup {
    const key = [kernel, ...buffers].map((bound) => this.#placeOf(bound)).join(' ');
    let group = this.#groups.get(key);
    if (group === undefined) {
      this.#uniforms ??= this.#take(4 * this.#calls.length, usage.uniform | usage.copyTarget, 'calls');
      group = this.#gpu.createBindGroup({
        layout: kernel.layout,
        entries: [
          { binding: 0, resource: { buffer: this.#uniforms, size: callStride } },
          ...buffers.map((buffer, i) => ({ binding: i + 1, resource: { buffer } })),
        ],
      });
      this.#groups.set(key, group);
    }
    return group;
  }

  #placeOf(bound: object): number {
    const place = this.#bound.get(bound) ?? this.#bound.size;
    this.#bound.set(bound, place);
    return place;
  }

  #take(size: number, use: number, what: string): GPUBuffer {
    if (this.device.isLost) throw this.device.failure(null);
    const { buffer, failed } = this.#pool.take(size, use, what);
    this.#buffers.add(buffer);
    this.#check(failed);
    return buffer;
  }

  #check(found: Promise<Error | null>): void {
    const checked = found.then((error) => {
      if (error !== null) throw error;
    });
    // Whoever reads hears of it; a job that ends early does not.
    checked.catch(() => undefined);
    this.#checks.push(checked);
  }
}
