/** What stands in for the package `webgpu` where Node's modules are missing (`#webgpu` in package.json). */
export function create(): never {
  throw new Error('this platform has no WebGPU');
}
