import { scalar } from '../program/index.ts';
import type { ModelTables } from '../program/index.ts';
import type { Base } from './base.ts';
import type { Trace } from './options.ts';
import { segmentsOf } from './segments.ts';
import type { Segment } from './segments.ts';
import type { MapStep, Step, Transform } from './transform.ts';

/** The ways of a row: to the latent space, to it with the base density added, back, and from base noise. */
export type Way = 'transform' | 'density' | 'inverse' | 'sample';

/** Segments by way and trace, traced when first asked for. */
export function segmentCache(
  transform: Transform,
  base: Base,
  tables: ModelTables,
): (way: Way, trace: Trace, training?: boolean) => Segment[] {
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
    apply: (scope, noise, context) => ({ x: base.sample(scope, noise, context), logDet: scalar(0) }),
  };
  switch (way) {
    case 'transform':
      return [...transform.steps('forward', '')];
    case 'density':
      return [...transform.steps('forward', ''), density];
    case 'inverse':
      return [...transform.steps('inverse', '')];
    case 'sample':
      return [draw, ...transform.steps('inverse', '')];
  }
}
