/** What the engine runs on. */
export interface WebGpuDetails {
  /** The adapter as it calls itself. */
  readonly adapter: string;
  /** Who brings WebGPU: the runtime itself, or the package `webgpu`. */
  readonly provider: 'navigator.gpu' | 'webgpu';
  /** Whether it computes on the processor. */
  readonly software: boolean;
}
