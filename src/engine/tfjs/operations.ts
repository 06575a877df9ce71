import type { Attributes, Op, OperationValue } from '../../program/index.ts';
import { binaryOps, unaryOps } from '../../program/ops/table.ts';
import type { BinaryOp, UnaryOp } from '../../program/ops/table.ts';
import { inverseLogDet } from './inverse.ts';
import type { Layout, Operand } from './layout.ts';
import { matmul, outerTotal, triangularSolve } from './matrix.ts';
import type { Numerics } from './numerics.ts';
import type { Tensor } from './tensors.ts';

/** Makes the tensor of a value from those of its inputs; at least one of them is one of rows. */
type Rule<A> = (layout: Layout, inputs: readonly Operand[], attributes: A, node: OperationValue) => Tensor;

type Rules = { readonly [P in Op]: Rule<Attributes[P]> };

/** Every op on tensors. Leaving one out does not compile. */
export function rulesOf({ unary, binary }: Numerics): Rules {
  return {
    ...(Object.fromEntries(
      unaryOps.map((op) => [op, ({ tf }: Layout, [x]: readonly Operand[]) => unary[op](tf, x!.tensor)]),
    ) as unknown as { [P in UnaryOp]: Rules[P] }),
    ...(Object.fromEntries(
      binaryOps.map((op) => [
        op,
        (layout: Layout, inputs: readonly Operand[]) => {
          const [a, b] = layout.aligned(inputs);
          return binary[op](layout.tf, a!, b!);
        },
      ]),
    ) as unknown as { [P in BinaryOp]: Rules[P] }),

    where(layout, inputs, _attributes, node) {
      const [condition, a, b] = inputs.map((x) => layout.widened(x, node));
      return layout.tf.where(layout.tf.notEqual(condition!, 0), a!, b!);
    },

    slice({ tf }, [x], { start, count }) {
      const { shape } = x!.tensor;
      const before = shape.slice(0, -1);
      return tf.slice(x!.tensor, [...before.map(() => 0), start], [...before, count]);
    },
    concat(layout, inputs, _attributes, node) {
      const parts = inputs.filter(({ value }) => value.n > 0);
      return layout.tf.concat(
        parts.map((x) => layout.widened(x, { k: node.k, n: x.value.n })),
        -1,
      );
    },
    take: (layout, [x], { indices }) => take(layout, x!, indices),
    scatter: (layout, [x], { indices, n }) => scatter(layout, x!, indices, n),
    pad({ tf }, [x], { before, after }) {
      const unpadded = x!.tensor.shape.slice(1).map((): [number, number] => [0, 0]);
      return tf.pad(x!.tensor, [...unpadded, [before, after]]);
    },
    broadcast: (layout, [x], shape) => layout.tf.clone(layout.widened(x!, shape)),
    reshape: (layout, [x], shape) => layout.shaped(layout.tf.clone(x!.tensor), shape),
    transpose(layout, [x], _attributes, node) {
      const flipped = x!.value.k === 1 || x!.value.n === 1;
      const moved = flipped ? layout.tf.clone(x!.tensor) : layout.tf.transpose(x!.tensor, [0, 2, 1]);
      return layout.shaped(moved, node);
    },
    stopGradient: ({ tf }, [x]) => tf.clone(x!.tensor),

    sum(layout, [x], { axis }) {
      if (axis === 'n') return layout.tf.sum(x!.tensor, -1, true);
      return x!.value.k === 1 ? layout.tf.clone(x!.tensor) : layout.tf.sum(x!.tensor, 1);
    },
    largest(layout, [x], { axis }) {
      if (axis === 'n') return layout.tf.max(x!.tensor, -1, true);
      return x!.value.k === 1 ? layout.tf.clone(x!.tensor) : layout.tf.max(x!.tensor, 1);
    },
    cumsum: ({ tf }, [x], { reverse }) => tf.cumsum(x!.tensor, x!.tensor.rank - 1, false, reverse),

    matmul: (layout, [a, b], { form }, node) => matmul(layout, a!, b!, form, node),
    triangularSolve: (layout, [T, x], options) => triangularSolve(layout, T!, x!, options),
    inverseLogDet: (layout, [A], _attributes, node) => layout.shaped(inverseLogDet(layout, A!), node),
    total: (layout, [x]) => layout.tf.sum(layout.widened(x!, x!.value), 0),
    outerTotal,
  };
}

/** Features that follow each other are a slice. */
function take(layout: Layout, x: Operand, indices: readonly number[]): Tensor {
  const { tf } = layout;
  const [first = 0] = indices;
  if (indices.every((index, i) => index === first + i)) {
    const before = x.tensor.shape.slice(0, -1);
    return tf.slice(x.tensor, [...before.map(() => 0), first], [...before, indices.length]);
  }
  return tf.gather(x.tensor, tf.tensor1d([...indices], 'int32'), x.tensor.rank - 1);
}

/** By taking from x with a feature of zeros behind it: once, or as often as a feature gets several numbers. */
function scatter(layout: Layout, x: Operand, indices: readonly number[], n: number): Tensor {
  const { tf } = layout;
  const rounds: number[][] = [];
  const count = new Int32Array(n);
  indices.forEach((target, from) => {
    const round = count[target]!++;
    rounds[round] ??= Array<number>(n).fill(indices.length);
    rounds[round][target] = from;
  });
  const unpadded = x.tensor.shape.slice(1).map((): [number, number] => [0, 0]);
  const padded = tf.pad(x.tensor, [...unpadded, [0, 1]]);
  const parts = rounds.map((sources) => tf.gather(padded, tf.tensor1d(sources, 'int32'), padded.rank - 1));
  return parts.reduce((sum, part) => tf.add(sum, part));
}
