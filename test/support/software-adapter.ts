import { existsSync } from 'node:fs';
import { constants } from 'node:os';

/** Where Debian's Chromium has its Vulkan loader and SwiftShader, the adapter that computes on the processor. */
const folder = process.env['SWIFTSHADER'] ?? '/usr/lib/chromium';

/** Keeps a library in the process after the handle of it is closed: RTLD_NODELETE. */
const keep = 0x1000;

/**
 * Lets the package `webgpu` find SwiftShader, unless the machine has a Vulkan driver of its own choice
 * (VK_ICD_FILENAMES). Dawn looks the loader up by name, and a library that the process holds already is found whatever
 * the search path is. Call it before anything asks for an adapter.
 */
export function offerSoftwareAdapter(): void {
  const [loader, driver] = [`${folder}/libvulkan.so.1`, `${folder}/vk_swiftshader_icd.json`];
  const wanted = process.env['VK_ICD_FILENAMES'] ?? driver;
  if (wanted !== driver || !existsSync(loader)) return;
  process.env['VK_ICD_FILENAMES'] = driver;
  try {
    process.dlopen({ exports: {} }, loader, constants.dlopen.RTLD_NOW | constants.dlopen.RTLD_GLOBAL | keep);
  } catch {
    // It is no addon, which is noticed after it was loaded.
  }
}
