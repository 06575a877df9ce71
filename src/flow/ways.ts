import { ops, scalar } from '../program/index.ts';
import type { ModelTables } from '../program/index.ts';
import type { Base } from './base.ts';
import type { Trace } from './options.ts';
import { segmentsOf } from './segments.ts';
import type { Segment } from './segments.ts';
import type { MapStep, Step, Transform } from './transform.ts';
import type { FlowParts } from './types.ts';

/**
 * The ways of a row: to the latent space, to it with the base density added, back, and from base noise, without a
 * density or with -log p(x) as the logDet: known on this way without an inverse.
 */
export type Way = 'transform' | 'density' | 'inverse' | 'sample' | 'sample with density';

export type Ways = (way: Way, trace: Trace, training?: boolean) => Segment[];

const known = new WeakMap<FlowParts, Ways>();

/** The ways of a flow, for those who trace programs of their own. */
export function waysOf(parts: FlowParts): Ways {
  const ways = known.get(parts) ?? segmentCache(parts.transform, parts.base, parts.tables);
  known.set(parts, ways);
  return ways;
}

/** Segments by way and trace, traced when first asked for. */
export function segmentCache(transform: Transform, base: Base, tables: ModelTables): Ways {
  const cache = new Map<string, Segment[]>();
  const { dim, contextDim } = transform;
  return (way, trace, training = false) => {
    const steps = stepsOf(way, transform, base);
    // Most flows are the same in training.
    const differs = training && steps.some((step) => step.kind === 'map' && step.batch !== undefined);
    // A series that ends at random is another program for each length.
    const series = steps.some((step) => step.kind === 'map' && step.noiseShape?.(trace) != null);
    const key = `${way} ${trace.method} ${trace.probes} ${differs} ${series ? trace.terms : ''}`;
    let segments = cache.get(key);
    if (segments === undefined) {
      segments = segmentsOf(steps, tables, dim, contextDim, trace, differs);
      cache.set(key, segments);
    }
    return segments;
  };
}

export function stepsOf(way: Way, transform: Transform, base: Base): Step[] {
  const density: MapStep = {
    kind: 'map',
    path: 'base',
    inputDim: base.dim,
    apply: (scope, x, context) => ({ x, logDet: base.logDensity(scope, x, context) }),
  };
  const draw: MapStep = {
    kind: 'map',
    path: 'base',
    inputDim: base.noiseDim,
    apply(scope, noise, context) {
      const x = base.sample(scope, noise, context);
      if (way === 'sample') return { x, logDet: scalar(0) };
      return { x, logDet: ops.neg(base.logDensity(scope, x, context)) };
    },
  };
  switch (way) {
    case 'transform':
      return [...transform.steps('forward', '')];
    case 'density':
      return [...transform.steps('forward', ''), density];
    case 'inverse':
      return [...transform.steps('inverse', '')];
    case 'sample':
    case 'sample with density':
      return [draw, ...transform.steps('inverse', '')];
  }
}
