/// <reference types="@webgpu/types" />
import { LiouvilleError } from '../../errors.ts';

/** What a WebGPU device is, for reports. */
export interface AdapterDetails {
  /** The adapter as it calls itself. */
  readonly adapter: string;
  /** Who brings WebGPU: the runtime itself, or the package `webgpu`. */
  readonly provider: 'navigator.gpu' | 'webgpu';
  /** It computes on the processor. */
  readonly software: boolean;
}

/** A device, and what it runs on. */
export interface OpenDevice {
  /** Held as long as the device is used: the package `webgpu` takes the device down with its instance. */
  readonly gpu: GPU;
  readonly device: GPUDevice;
  readonly details: AdapterDetails;
}

/** The package that brings WebGPU to Node. Its name is not a constant, so that no bundler follows the import. */
const packageName: string = ['web', 'gpu'].join('');

const remedies = {
  package: 'Install the package `webgpu` (`npm install webgpu`), or use the engine native or wasm.',
  adapter:
    'Install a driver for the graphics card (for Linux one of Vulkan, with the library libvulkan1), or use the engine ' +
    'native or wasm.',
  browser: 'Use a browser with WebGPU that is switched on, on a page of a secure origin, or the engine wasm.',
};

/** The WebGPU of the runtime, if it has one. */
function ofRuntime(): GPU | undefined {
  return (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu;
}

/** Whether this is a runtime that the package can be installed for. */
function isNode(): boolean {
  return (globalThis as { process?: { versions?: { node?: string } } }).process?.versions?.node !== undefined;
}

/** Why there can be no device, as far as that is known without asking for one. */
export function missing(): { reason: string; remedy: string } | null {
  if (ofRuntime() !== undefined) return null;
  if (!isNode()) return { reason: 'This browser or page has no WebGPU.', remedy: remedies.browser };
  try {
    import.meta.resolve(packageName);
    return null;
  } catch {
    return { reason: 'The package webgpu is not installed.', remedy: remedies.package };
  }
}

async function instance(): Promise<{ gpu: GPU; provider: AdapterDetails['provider'] }> {
  const own = ofRuntime();
  if (own !== undefined) return { gpu: own, provider: 'navigator.gpu' };
  const absent = missing();
  if (absent !== null) throw unavailable(absent.reason, absent.remedy);
  try {
    const { create } = (await import(/* @vite-ignore */ packageName)) as { create(options: string[]): GPU };
    return { gpu: create([]), provider: 'webgpu' };
  } catch (error) {
    throw unavailable(
      `The package webgpu could not be loaded: ${error instanceof Error ? error.message : String(error)}.`,
      remedies.package,
      error,
    );
  }
}

/**
 * Asks for a device with the largest buffers that the adapter allows.
 *
 * @throws LiouvilleError 'engine-unavailable' with the reason and what would help.
 */
export async function openDevice(): Promise<OpenDevice> {
  const { gpu, provider } = await instance();
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null) {
    throw unavailable(
      'WebGPU finds no adapter.',
      provider === 'webgpu' ? remedies.adapter : remedies.browser,
    );
  }
  const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
  try {
    const device = await adapter.requestDevice({
      requiredLimits: { maxStorageBufferBindingSize, maxBufferSize },
    });
    return { gpu, device, details: { adapter: nameOf(adapter.info), provider, software: isSoftware(adapter.info) } };
  } catch (error) {
    throw unavailable(
      `The adapter ${nameOf(adapter.info)} gives no device: ${error instanceof Error ? error.message : String(error)}.`,
      remedies.adapter,
      error,
    );
  }
}

function nameOf({ description, device, vendor, architecture }: GPUAdapterInfo): string {
  const parts = [vendor, architecture, description || device].filter((part) => part !== '');
  return parts.length === 0 ? 'unnamed' : parts.join(' ');
}

function isSoftware(info: GPUAdapterInfo): boolean {
  return info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|warp/i.test(nameOf(info));
}

export function unavailable(reason: string, remedy: string, cause?: unknown): LiouvilleError {
  return new LiouvilleError(
    'engine-unavailable',
    `The engine 'webgpu' is not available: ${reason} ${remedy}`,
    cause === undefined ? undefined : { cause },
  );
}
