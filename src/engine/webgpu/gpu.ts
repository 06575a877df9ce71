/// <reference types="@webgpu/types" />
import type { Missing } from '../found.ts';
import { isInstalled } from '../optional.ts';
import type { WebGpuDetails } from './details.ts';

/** A device, and what it runs on. */
export interface OpenDevice {
  /** Held as long as the device is used: the package `webgpu` takes the device down with its instance. */
  readonly gpu: GPU;
  readonly device: GPUDevice;
  readonly details: WebGpuDetails;
}

const otherwise = 'Use the engine native or wasm otherwise.';
const remedies = {
  package: `Install it: \`npm install webgpu\`. ${otherwise}`,
  adapter:
    'Install the driver of the graphics card, on Linux that of Vulkan, with its loader (the Debian package libvulkan1). ' +
    otherwise,
  browser: 'Open the page in a browser with WebGPU, from a secure origin. Use the engine wasm otherwise.',
};

interface Process {
  readonly platform: string;
  readonly versions?: { readonly node?: string };
  dlopen(module: object, path: string): void;
}

/** Node's process, if this is Node. */
function node(): Process | undefined {
  const { process } = globalThis as { process?: Process };
  return process?.versions?.node === undefined ? undefined : process;
}

/** The WebGPU of the runtime, if it has one. */
function ofRuntime(): GPU | undefined {
  return (globalThis as { navigator?: { gpu?: GPU } }).navigator?.gpu;
}

/** Why there can be no device, as far as that is known without asking for one. */
export function missing(): Missing | null {
  if (ofRuntime() !== undefined) return null;
  if (node() === undefined)
    return { reason: 'This browser or page has no WebGPU.', remedy: remedies.browser };
  if (isInstalled('webgpu') === false) {
    return { reason: 'The package webgpu is not installed.', remedy: remedies.package };
  }
  if (hasVulkan(node()!)) return null;
  return { reason: 'There is no Vulkan: libvulkan.so.1 is not found.', remedy: remedies.adapter };
}

/** Without Vulkan's loader the package has nothing to ask on Linux, and complains on the console. */
function hasVulkan(process: Process): boolean {
  if (process.platform !== 'linux') return true;
  try {
    process.dlopen({ exports: {} }, 'libvulkan.so.1');
  } catch (error) {
    // It is no addon of Node, which is noticed once it has been found.
    return !textOf(error).includes('cannot open shared object file');
  }
  return true;
}

/** The WebGPU of the runtime, or that of the package. */
async function instance(): Promise<{ gpu: GPU; provider: WebGpuDetails['provider'] } | Missing> {
  const own = ofRuntime();
  if (own !== undefined) return { gpu: own, provider: 'navigator.gpu' };
  const absent = missing();
  if (absent !== null) return absent;
  try {
    // Bundles for browsers, which have a WebGPU of their own, get a module without the package.
    const { create } = await import('#webgpu');
    return { gpu: create([]), provider: 'webgpu' };
  } catch (error) {
    return { reason: `The package webgpu could not be loaded: ${textOf(error)}.`, remedy: remedies.package };
  }
}

/** Asks for a device with the largest buffers that its adapter allows. Never throws. */
export async function openDevice(): Promise<OpenDevice | Missing> {
  const found = await instance();
  if (!('gpu' in found)) return found;
  const { gpu, provider } = found;
  const remedy = provider === 'webgpu' ? remedies.adapter : remedies.browser;
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
    if (adapter === null) return { reason: 'WebGPU finds no adapter.', remedy };
    const { maxStorageBufferBindingSize, maxBufferSize } = adapter.limits;
    const device = await adapter.requestDevice({
      requiredLimits: { maxStorageBufferBindingSize, maxBufferSize },
    });
    const details = { adapter: nameOf(adapter.info), provider, software: isSoftware(adapter.info) };
    return { gpu, device, details };
  } catch (error) {
    return { reason: `WebGPU gives no device: ${textOf(error)}.`, remedy };
  }
}

function nameOf({ description, device, vendor, architecture }: GPUAdapterInfo): string {
  const parts = [vendor, architecture, description || device].filter((part) => part !== '');
  return parts.length === 0 ? 'unnamed' : parts.join(' ');
}

function isSoftware(info: GPUAdapterInfo): boolean {
  return info.isFallbackAdapter || /swiftshader|llvmpipe|lavapipe|basic render/i.test(nameOf(info));
}

function textOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
}
