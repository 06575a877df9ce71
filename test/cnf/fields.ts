import { continuous } from '../../src/cnf/index.ts';
import type { Field } from '../../src/cnf/index.ts';
import { chain } from '../../src/flow/index.ts';
import type { Flow, Transform } from '../../src/flow/index.ts';
import { constant, ops } from '../../src/program/index.ts';
import { flowOf } from '../flow/transforms.ts';

/** A continuous transform of a field without parameters. */
export function block(dim: number, field: Field, endTime = 0.5): Transform {
  return continuous({ dim, field, fieldPath: 'field', endTime: () => constant([endTime], { k: 1, n: 1 }) });
}

export function flowOfBlocks(...blocks: readonly Transform[]): Flow {
  return flowOf(chain(blocks));
}

/** dx/dt = A x. */
export function linearField(A: readonly (readonly number[])[]): Field {
  const matrix = constant(A.flat(), { k: A.length, n: A.length });
  return (_scope, _t, x) => ops.matmul(x, matrix, 'nt');
}
