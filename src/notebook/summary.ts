import type { Flow, Step } from '../flow/index.ts';
import type { ParameterTable } from '../program/index.ts';
import { grouped } from '../plot/index.ts';
import { tableBundle } from './table.ts';
import type { Cell } from './table.ts';
import type { MimeBundle } from './mime.ts';

/**
 * The parts of a flow from data to latent space, one row each: where it is (`part`, the beginning of the names of its
 * parameters), what it is, how many parameters it has. A flow of other making, whose parts are not known, is one row.
 */
export function summary(flow: Flow): Record<string, Cell>[] {
  const steps = flow.parts?.transform.steps('forward', '') ?? [];
  if (steps.length === 0) return [{ part: flow.name, what: 'flow', parameters: flow.parameters.count }];
  const groups = groupsOf(steps);
  const rows = groups.map(({ path, kind }) => ({
    part: path === '' ? flow.name : path,
    what: kind === 'solve' ? 'ODE' : 'closed form',
    parameters: countWithin(flow.parameters, path),
  }));
  const shared = flow.parameters.count - rows.reduce((sum, row) => sum + row.parameters, 0);
  return shared === 0 ? rows : [...rows, { part: 'base and shared', what: 'parameters', parameters: shared }];
}

/** Each path once, in the order in which a row meets it. */
function groupsOf(steps: readonly Step[]): { path: string; kind: Step['kind'] }[] {
  const kinds = new Map<string, Step['kind']>();
  for (const { path, kind } of steps) if (!kinds.has(path) || kind === 'solve') kinds.set(path, kind);
  return [...kinds].map(([path, kind]) => ({ path, kind }));
}

function countWithin(parameters: ParameterTable, path: string): number {
  return parameters
    .names()
    .filter((name) => path === '' || name === path || name.startsWith(`${path}.`))
    .reduce((sum, name) => sum + parameters.shape(name).k * parameters.shape(name).n, 0);
}

/** The summary with a line on the whole. */
export function flowBundle(flow: Flow): MimeBundle {
  const context = flow.contextDim > 0 ? `, ${flow.contextDim} of context` : '';
  const features = flow.dim === 1 ? '1 feature' : `${flow.dim} features`;
  return tableBundle(
    summary(flow),
    `${flow.name}: ${features}${context}, ${grouped(flow.parameters.count)} parameters`,
  );
}
