import { constant, ops } from '../../src/program/index.ts';
import type { Op, Shape, Value } from '../../src/program/index.ts';
import { awayFromZero, between, inTurn } from './numbers.ts';
import type { Draw } from './numbers.ts';

/** One way to use an op. */
export interface Sample {
  readonly name: string;
  readonly op: Op;
  /** The shapes of the operands, and where their numbers come from. */
  readonly operands: readonly { readonly shape: Shape; readonly draw: Draw }[];
  readonly make: (operands: readonly Value[]) => Value;
  /** Does the derivative exist near all numbers that may be drawn, so that finite differences apply? */
  readonly smooth: boolean;
}

type Unary = keyof typeof unaryDraws;

const real = between(-2, 2);
const positive = between(0.3, 3);
const kinked = awayFromZero(0.1, 2);

const unaryDraws = {
  neg: real,
  exp: real,
  expm1: real,
  log: positive,
  log1p: between(-0.5, 3),
  tanh: real,
  sigmoid: between(-4, 4),
  softplus: between(-4, 4),
  relu: kinked,
  step: kinked,
  sqrt: positive,
  square: real,
  reciprocal: awayFromZero(0.4, 2),
  sin: between(-4, 4),
  cos: between(-4, 4),
  abs: kinked,
  sign: kinked,
  erf: real,
};

const row = { k: 1, n: 5 };
const matrix = { k: 3, n: 5 };
const one = { k: 1, n: 1 };
const column = { k: 3, n: 1 };

/** Shapes that an op of two operands broadcasts. */
const pairs: readonly (readonly [Shape, Shape])[] = [
  [row, row],
  [matrix, matrix],
  [row, one],
  [one, row],
  [matrix, row],
  [row, matrix],
  [matrix, column],
  [column, matrix],
  [column, row],
  [row, column],
  [matrix, one],
  [one, one],
];

/** Every op, each in all the ways in which shapes and attributes make a difference. */
export const vocabulary: { readonly [P in Op]: readonly Sample[] } = {
  ...(Object.fromEntries(
    (Object.keys(unaryDraws) as Unary[]).map((op) => [
      op,
      [row, { k: 2, n: 3 }, one].map((shape) => sample(op, [[shape, unaryDraws[op]]], ([x]) => ops[op](x!))),
    ]),
  ) as Record<Unary, Sample[]>),

  add: binary('add', real),
  sub: binary('sub', real),
  mul: binary('mul', real),
  div: binary('div', awayFromZero(0.4, 2)),
  max: binary('max', real),
  min: binary('min', real),
  less: binary('less', real),
  where: [
    ...whereSamples((c) => ops.less(c, 0), kinked, true),
    ...whereSamples((c) => c, inTurn([0, 1, -0, -2.5, 0.125, 0, NaN]), false),
  ],

  slice: [
    sample('slice', [[row, real]], ([x]) => ops.slice(x!, 1, 3)),
    sample('slice', [[row, real]], ([x]) => ops.slice(x!, 4, 1)),
    sample('slice', [[matrix, real]], ([x]) => ops.slice(x!, 2, 2)),
  ],
  concat: [
    sample('concat', [[row, real]], ([x]) => ops.concat([x!, ops.neg(x!), x!])),
    sample(
      'concat',
      [
        [row, real],
        [one, real],
        [{ k: 1, n: 2 }, real],
      ],
      (parts) => ops.concat(parts),
    ),
    sample(
      'concat',
      [
        [matrix, real],
        [column, real],
      ],
      (parts) => ops.concat(parts),
    ),
  ],
  take: [
    sample('take', [[row, real]], ([x]) => ops.take(x!, [4, 0, 0, 2])),
    sample('take', [[matrix, real]], ([x]) => ops.take(x!, [3, 3])),
    sample('take', [[row, real]], ([x]) => ops.take(x!, [4, 3, 2, 1, 0, 0, 1, 2, 3, 4, 4])),
  ],
  scatter: [
    sample('scatter', [[row, real]], ([x]) => ops.scatter(x!, [6, 0, 6, 2, 1], 7)),
    sample('scatter', [[matrix, real]], ([x]) => ops.scatter(x!, [0, 0, 1, 1, 0], 2)),
  ],
  pad: [
    sample('pad', [[row, real]], ([x]) => ops.pad(x!, 2, 1)),
    sample('pad', [[matrix, real]], ([x]) => ops.pad(x!, 0, 2)),
  ],
  broadcast: [
    sample('broadcast', [[row, real]], ([x]) => ops.broadcast(x!, matrix)),
    sample('broadcast', [[column, real]], ([x]) => ops.broadcast(x!, matrix)),
    sample('broadcast', [[one, real]], ([x]) => ops.broadcast(x!, matrix)),
    sample('broadcast', [[one, real]], ([x]) => ops.broadcast(x!, row)),
  ],
  reshape: [
    sample('reshape', [[{ k: 1, n: 6 }, real]], ([x]) => ops.reshape(x!, { k: 2, n: 3 })),
    sample('reshape', [[{ k: 2, n: 3 }, real]], ([x]) => ops.reshape(x!, { k: 3, n: 2 })),
    sample('reshape', [[{ k: 2, n: 3 }, real]], ([x]) => ops.reshape(x!, { k: 1, n: 6 })),
  ],
  transpose: [
    sample('transpose', [[matrix, real]], ([x]) => ops.transpose(x!)),
    sample('transpose', [[row, real]], ([x]) => ops.transpose(x!)),
  ],
  // Its derivative is not that of its value: see derivatives.test.ts.
  stopGradient: [
    sample('stopGradient', [[row, real]], ([x]) => ops.mul(x!, ops.stopGradient(ops.exp(x!))), false),
    sample('stopGradient', [[matrix, real]], ([x]) => ops.stopGradient(x!), false),
  ],

  sum: (['k', 'n'] as const).flatMap((axis) =>
    [matrix, row, column].map((shape) => sample('sum', [[shape, real]], ([x]) => ops.sum(x!, axis))),
  ),
  cumsum: [false, true].flatMap((reverse) =>
    [row, matrix].map((shape) => sample('cumsum', [[shape, real]], ([x]) => ops.cumsum(x!, reverse))),
  ),
  largest: (['k', 'n'] as const).flatMap((axis) =>
    [matrix, row, column].map((shape) => sample('largest', [[shape, real]], ([x]) => ops.largest(x!, axis))),
  ),
  matmul: [
    ...products('nt', { k: 1, n: 4 }, { k: 5, n: 4 }),
    ...products('nt', { k: 3, n: 4 }, { k: 2, n: 4 }),
    ...products('nn', { k: 1, n: 4 }, { k: 4, n: 5 }),
    ...products('nn', { k: 3, n: 4 }, { k: 4, n: 2 }),
    ...products('tn', { k: 1, n: 4 }, { k: 1, n: 3 }),
    ...products('tn', { k: 3, n: 4 }, { k: 3, n: 2 }),
    ...products('nt', one, { k: 6, n: 1 }),
  ],
  triangularSolve: [false, true].flatMap((upper) =>
    [false, true].flatMap((transposed) =>
      [false, true].map((unit) =>
        sample(
          'triangularSolve',
          [
            [{ k: 4, n: 4 }, between(-0.5, 0.5)],
            [unit ? { k: 3, n: 4 } : { k: 1, n: 4 }, real],
          ],
          ([T, x]) => ops.triangularSolve(ops.add(T!, dominantDiagonal), x!, { upper, transposed, unit }),
        ),
      ),
    ),
  ),

  inverseLogDet: [
    sample('inverseLogDet', [[{ k: 4, n: 4 }, between(-0.5, 0.5)]], ([A]) =>
      ops.inverseLogDet(ops.add(A!, dominantDiagonal)),
    ),
    // The largest entries stand off the diagonal: every step has to look for its pivot.
    sample('inverseLogDet', [[{ k: 4, n: 4 }, between(-0.3, 0.3)]], ([A]) =>
      ops.inverseLogDet(ops.add(A!, movedDiagonal)),
    ),
    sample('inverseLogDet', [[one, awayFromZero(0.4, 2)]], ([A]) => ops.inverseLogDet(A!)),
  ],

  total: [sample('total', [[row, real]], ([x]) => ops.total(x!))],
  outerTotal: [
    sample(
      'outerTotal',
      [
        [row, real],
        [{ k: 1, n: 3 }, real],
      ],
      (pair) => ops.outerTotal(pair),
    ),
    sample(
      'outerTotal',
      [
        [{ k: 2, n: 3 }, real],
        [{ k: 2, n: 4 }, real],
      ],
      ([a, b]) => ops.outerTotal([a!, b!, ops.neg(a!), ops.sin(b!)]),
    ),
  ],
};

const dominantDiagonal = constant(
  Float64Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1.5 : 0)),
  { k: 4, n: 4 },
);

const movedDiagonal = constant([0, 0, 2, 0, 1.5, 0, 0, 0, 0, 0, 0, -1, 0, 3, 0, 0], { k: 4, n: 4 });

export const samples: readonly Sample[] = Object.values(vocabulary).flat();

type Operand = readonly [Shape, Draw];

function sample(
  op: Op,
  operands: readonly Operand[],
  make: (operands: readonly Value[]) => Value,
  smooth = true,
): Sample {
  const shapes = operands.map(([{ k, n }]) => `[${k}, ${n}]`).join(' ');
  return {
    name: `${op} ${shapes}`,
    op,
    operands: operands.map(([shape, draw]) => ({ shape, draw })),
    make,
    smooth,
  };
}

function binary(op: 'add' | 'sub' | 'mul' | 'div' | 'max' | 'min' | 'less', draw: Draw): Sample[] {
  return pairs.map(([left, right]) =>
    sample(
      op,
      [
        [left, real],
        [right, draw],
      ],
      ([a, b]) => ops[op](a!, b!),
    ),
  );
}

function whereSamples(condition: (c: Value) => Value, draw: Draw, smooth: boolean): Sample[] {
  const shapes: readonly (readonly [Shape, Shape, Shape])[] = [
    [row, row, row],
    [matrix, row, matrix],
    [one, row, row],
    [row, one, matrix],
    [matrix, matrix, column],
    [matrix, one, one],
  ];
  return shapes.map(([c, a, b]) =>
    sample(
      'where',
      [
        [c, draw],
        [a, real],
        [b, real],
      ],
      ([c, a, b]) => ops.where(condition(c!), a!, b!),
      smooth,
    ),
  );
}

function products(form: 'nt' | 'nn' | 'tn', left: Shape, right: Shape): Sample[] {
  const { name, ...rest } = sample(
    'matmul',
    [
      [left, real],
      [right, real],
    ],
    ([a, b]) => ops.matmul(a!, b!, form),
  );
  return [{ name: `${name} ${form}`, ...rest }];
}
