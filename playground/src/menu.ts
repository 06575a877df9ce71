/** The flows of the menus: what a link calls them, and what the reader sees. */
export const labels = {
  ffjord: 'FFJORD (continuous)',
  'cnf-fm': 'Flow matching (continuous)',
  realnvp: 'RealNVP (couplings)',
  nsf: 'Neural spline flow (couplings)',
  maf: 'MAF (autoregressive)',
  planar: 'Planar flow',
} as const;

/** What computes: the choice of the library, WebAssembly in a browser, or the graphics card. */
export const engineLabels = { auto: 'WebAssembly', webgpu: 'WebGPU' } as const;

export type PageEngine = keyof typeof engineLabels;

export type FlowName = keyof typeof labels;

export function isFlowName(name: string | undefined): name is FlowName {
  return name !== undefined && Object.hasOwn(labels, name);
}
