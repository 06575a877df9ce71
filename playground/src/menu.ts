/** The flows of the menus: what a link calls them, and what the reader sees. */
export const labels = {
  ffjord: 'FFJORD (continuous)',
  'cnf-fm': 'Flow matching (continuous)',
  realnvp: 'RealNVP (couplings)',
  nsf: 'Neural spline flow (couplings)',
  maf: 'MAF (autoregressive)',
  planar: 'Planar flow',
} as const;

export type FlowName = keyof typeof labels;

export function isFlowName(name: string | undefined): name is FlowName {
  return name !== undefined && Object.hasOwn(labels, name);
}
