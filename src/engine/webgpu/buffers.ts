/// <reference types="@webgpu/types" />
import { LiouvilleError } from '../../errors.ts';

// The constants of the specification, which Node has no global objects for.
export const usage = { mapRead: 0x1, copySource: 0x4, copyTarget: 0x8, uniform: 0x40, storage: 0x80 };

/** Sizes are multiples of this, so that calls with about as many rows share buffers. */
const grain = 256;
/** Bytes of buffers that wait for the next call. */
const mostWaiting = 2 ** 28;
/** Of uploads that stay: programs, and bytes. */
const [mostKept, mostKeptBytes] = [32, 2 ** 26];

/** What a device has been asked for since it was opened, and what it holds now. */
export interface Traffic {
  /** Calls of kernels, and the packets that they were sent in. */
  dispatches: number;
  submits: number;
  bytesUp: number;
  bytesDown: number;
  /** Buffers that were ever made. */
  created: number;
  /** Buffers that exist, and their bytes. */
  buffers: number;
  bytes: number;
}

/** Numbers that stay on the device for as long as calls bring the same bits. */
interface Resident {
  readonly data: Uint32Array;
  readonly buffer: GPUBuffer;
  users: number;
  /** Whether others have taken its place, so that it goes with its last user. */
  replaced: boolean;
}

/** All buffers of a device: those that calls use, those that wait for the next call, and parameters that stay. */
export class Buffers {
  readonly traffic: Traffic = {
    dispatches: 0,
    submits: 0,
    bytesUp: 0,
    bytesDown: 0,
    created: 0,
    buffers: 0,
    bytes: 0,
  };
  readonly #gpu: GPUDevice;
  /** In the order in which they became free. */
  readonly #waiting = new Set<GPUBuffer>();
  #waitingBytes = 0;
  /** For which there was no memory. */
  readonly #refused = new WeakSet<GPUBuffer>();
  /** By what they belong to, then by what they are; what was used last comes last. */
  readonly #residents = new Map<object, Map<string, Resident>>();

  constructor(gpu: GPUDevice) {
    this.#gpu = gpu;
  }

  /**
   * A buffer of at least `size` bytes, with whatever is in it. `failed` tells of memory that ran out.
   */
  take(
    size: number,
    use: number,
    what: string,
  ): { buffer: GPUBuffer; failed: Promise<LiouvilleError | null> } {
    const bytes = grain * Math.ceil(Math.max(size, 1) / grain);
    for (const buffer of this.#waiting) {
      if (buffer.size !== bytes || buffer.usage !== use) continue;
      this.#waiting.delete(buffer);
      this.#waitingBytes -= bytes;
      return { buffer, failed: Promise.resolve(null) };
    }
    this.#gpu.pushErrorScope('out-of-memory');
    const buffer = this.#gpu.createBuffer({ size: bytes, usage: use, label: what });
    const failed = this.#gpu.popErrorScope().then((error) => {
      if (error === null) return null;
      this.#refused.add(buffer);
      if (this.#waiting.delete(buffer)) {
        this.#waitingBytes -= bytes;
        this.destroy(buffer);
      }
      return outOfMemory(what, size, null);
    });
    this.traffic.created++;
    this.traffic.buffers++;
    this.traffic.bytes += bytes;
    return { buffer, failed };
  }

  /** Leaves a buffer to whoever asks next; commands that were sent before are done before. */
  give(buffer: GPUBuffer): void {
    if (this.#refused.has(buffer)) {
      this.destroy(buffer);
      return;
    }
    this.#waiting.add(buffer);
    this.#waitingBytes += buffer.size;
    for (const oldest of this.#waiting) {
      if (this.#waitingBytes <= mostWaiting) return;
      this.#waiting.delete(oldest);
      this.#waitingBytes -= oldest.size;
      this.destroy(oldest);
    }
  }

  /** Gives the memory back at once. */
  destroy(buffer: GPUBuffer): void {
    this.traffic.buffers--;
    this.traffic.bytes -= buffer.size;
    buffer.destroy();
  }

  write(buffer: GPUBuffer, data: Float32Array | Uint32Array, count = data.length): void {
    if (count === 0) return;
    this.#gpu.queue.writeBuffer(buffer, 0, data, 0, count);
    this.traffic.bytesUp += 4 * count;
  }

  /**
   * A buffer with these numbers, uploaded unless the last call that asked for `what` of `owner` brought the same bits. It is
   * never written again: calls that are under way keep what they began with. `done` says that a call has ended.
   */
  resident(
    owner: object,
    data: Float32Array | Uint32Array,
    what: string,
  ): { buffer: GPUBuffer; failed: Promise<LiouvilleError | null>; done: () => void } {
    const words = new Uint32Array(data.buffer, data.byteOffset, data.length);
    const known = this.#residents.get(owner) ?? new Map<string, Resident>();
    this.#residents.delete(owner);
    this.#residents.set(owner, known);
    let resident = known.get(what);
    let failed: Promise<LiouvilleError | null> = Promise.resolve(null);
    if (resident === undefined || !sameWords(resident.data, words)) {
      if (resident !== undefined) this.#drop(resident);
      const made = this.take(words.byteLength, usage.storage | usage.copyTarget, what);
      this.write(made.buffer, words);
      resident = { data: words.slice(), buffer: made.buffer, users: 0, replaced: false };
      known.set(what, resident);
      failed = made.failed;
    }
    const used = resident;
    used.users++;
    this.#dropOldest();
    return {
      buffer: used.buffer,
      failed,
      done: () => {
        used.users--;
        if (used.replaced && used.users === 0) this.give(used.buffer);
      },
    };
  }

  #drop(resident: Resident): void {
    resident.replaced = true;
    if (resident.users === 0) this.give(resident.buffer);
  }

  #dropOldest(): void {
    const bytesOf = (known: Map<string, Resident>): number =>
      [...known.values()].reduce((sum, { buffer }) => sum + buffer.size, 0);
    let bytes = [...this.#residents.values()].reduce((sum, known) => sum + bytesOf(known), 0);
    for (const [owner, known] of this.#residents) {
      if (this.#residents.size <= mostKept && bytes <= mostKeptBytes) return;
      if (this.#residents.size === 1) return;
      bytes -= bytesOf(known);
      this.#residents.delete(owner);
      for (const resident of known.values()) this.#drop(resident);
    }
  }
}

function sameWords(a: Uint32Array, b: Uint32Array): boolean {
  return a.length === b.length && a.every((word, i) => word === b[i]);
}

/** @param most bytes of the largest buffer, where that is the reason. */
export function outOfMemory(what: string, bytes: number, most: number | null): LiouvilleError {
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
