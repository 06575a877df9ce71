import { LiouvilleError } from '../errors.ts';
import { partsOf } from '../flow/call.ts';
import { createFlow, wholeNumber } from '../flow/index.ts';
import type { Base, Flow, Transform } from '../flow/index.ts';
import { constant, ops, pushforward, scalar } from '../program/index.ts';
import type { Shape, Value } from '../program/index.ts';
import { continuous, isContinuous } from './continuous.ts';
import type { ContinuousStep } from './continuous.ts';
import type { Dynamics } from './field.ts';
import { rowsOf } from './orthonormal.ts';

/** Can rows of this flow that share their context be taken side by side? */
export function isPackable(flow: Flow): boolean {
  const steps = flow.parts?.transform.steps('forward', '') ?? [];
  return steps.length > 0 && steps.every((step) => isContinuous(step) && step.sideBySide);
}

/**
 * The same flow with packs of `count` rows as its rows: [count dim] numbers, row after row, with one context for all
 * of them. The log-density of a pack is the sum of those of its rows, and its parameters are those of `flow`. What
 * depends on time and context only, such as the gates of PointFlow's layers, is computed once for a pack and not for
 * each row, and there are fewer context rows. A pack is one initial value problem, so its rows take their steps
 * together: results agree with those of single rows within the tolerance, not to the bit.
 *
 * @throws LiouvilleError 'invalid-argument' for a flow that is not made of continuous transforms by networks alone.
 */
export function packed(flow: Flow, count: number): Flow {
  wholeNumber('count', count, 1, 1024);
  const { transform, base, tables } = partsOf(flow);
  if (!isPackable(flow)) {
    throw new LiouvilleError(
      'invalid-argument',
      `packed: expected a flow of continuous transforms by networks; '${flow.name}' has other parts.`,
    );
  }
  return createFlow({
    name: `${flow.name}, ${count} rows at once`,
    transform: packedTransform(transform, count),
    base: packedBase(base, count),
    configuration: flow.configuration,
    tables,
  });
}

function packedTransform(transform: Transform, count: number): Transform {
  const { dim, contextDim } = transform;
  return {
    dim: count * dim,
    contextDim,
    steps: (direction, path) =>
      (transform.steps(direction, path) as readonly ContinuousStep[]).flatMap((step) => {
        const part = continuous({
          dim: count * dim,
          contextDim,
          field: packedField(step, count),
          fieldPath: '',
          rows: count,
          endTime: (scope) => step.endTime(scope),
        });
        return part.steps(step.reversed ? 'inverse' : 'forward', step.path);
      }),
  };
}

function packedField(step: ContinuousStep, count: number): Dynamics {
  const apart: Shape = { k: count, n: step.dim };
  const together: Shape = { k: 1, n: count * step.dim };
  return {
    velocity: (scope, t, x, context) =>
      ops.reshape(step.velocity(scope, { t, x: ops.reshape(x, apart), context }), together),
    operator(scope, { t, x, context }) {
      const rows = ops.reshape(x, apart);
      const f = step.velocity(scope, { t, x: rows, context });
      const image = (vectors: Value): Value => pushforward([f], [rows], [vectors])[0]!;
      return {
        dim: together.n,
        apply(vectors) {
          const each = Array.from({ length: vectors.k }, (_, i) =>
            ops.reshape(image(ops.reshape(rowsOf(vectors, i, 1), apart)), together),
          );
          return ops.reshape(ops.concat(each), vectors);
        },
        // The Jacobian has a block for each row, so dim vectors are enough for all of them.
        trace() {
          let sum: Value = scalar(0);
          for (let j = 0; j < step.dim; j++) {
            const ones = constant(
              Array.from({ length: count * step.dim }, (_, i) => (i % step.dim === j ? 1 : 0)),
              apart,
            );
            sum = ops.add(sum, ops.sum(ops.sum(ops.mul(image(ones), ones), 'n'), 'k'));
          }
          return sum;
        },
      };
    },
  };
}

/** `count` draws from a base, side by side. */
function packedBase(base: Base, count: number): Base {
  const { dim, noiseDim } = base;
  const places = Array.from({ length: count }, (_, i) => i);
  return {
    dim: count * dim,
    noise: base.noise,
    noiseDim: count * noiseDim,
    sample: (scope, noise, context) =>
      ops.concat(places.map((i) => base.sample(scope, ops.slice(noise, i * noiseDim, noiseDim), context))),
    logDensity: (scope, z, context) =>
      places
        .map((i) => base.logDensity(scope, ops.slice(z, i * dim, dim), context))
        .reduce((sum, part) => ops.add(sum, part)),
  };
}
