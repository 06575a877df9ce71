import { LiouvilleError } from '../errors.ts';
import { interpolantOf } from './interpolant.ts';
import type { Interpolant, InterpolantData } from './interpolant.ts';
import { residualOf, stageProducts } from './order-conditions.ts';
import { conditionText } from './rooted-trees.ts';

/** An explicit Runge-Kutta method as it stands in the literature. */
export interface TableauData {
  /** The name by which solvers are chosen. */
  name: string;
  /** The order of the solution that is carried on. */
  order: number;
  /** The order of the embedded solution that the error estimate compares with. */
  embeddedOrder?: number;
  /** The nodes, one for each stage. */
  c: number[];
  /** Row i holds a_i0, a_i1, ...; entries that are left out at the end of a row are zero. */
  a: number[][];
  /** The weights of the solution. */
  b: number[];
  /** The weights of the embedded solution. */
  bEmbedded?: number[];
  /** A second embedded solution, of lower order, that mends the error estimate where the first agrees by accident. */
  correction?: { order: number; b: number[] };
  /** The continuous extension; cubic Hermite interpolation unless given. */
  interpolant?: InterpolantData;
  /** Where the coefficients come from. */
  reference: string;
}

/**
 * An explicit Runge-Kutta method, checked:
 *
 *   Y_i = y_n + h sum_{j<i} a_ij k_j,   k_i = f(t_n + c_i h, Y_i),   y_{n+1} = y_n + h sum_i b_i k_i,
 *   error estimate e = h sum_i (b_i - bEmbedded_i) k_i.
 */
export interface Tableau {
  readonly name: string;
  readonly order: number;
  /** null for a method without error estimate: it takes fixed steps. */
  readonly embeddedOrder: number | null;
  /**
   * The power of h with which the norm of the error estimate goes to zero, by which steps are controlled: one more
   * than the lower order of the pair; null without error estimate.
   */
  readonly errorOrder: number | null;
  readonly stages: number;
  /** First same as last: the last stage is the field at y_{n+1}, hence the first stage of the next step. */
  readonly fsal: boolean;
  readonly c: Float64Array;
  /** stages x stages, row-major, strictly lower triangular. */
  readonly a: Float64Array;
  readonly b: Float64Array;
  /** b - bEmbedded; null without embedded solution. */
  readonly bError: Float64Array | null;
  /**
   * b minus the weights of a second embedded solution, or null. With the norms n of the one error estimate and m of
   * the other, n^2 / sqrt(n^2 + 0.01 m^2) takes the place of n. Hairer, Norsett, Wanner I, (II.10.17), where m belongs to
   * order 3 and n to order 5.
   */
  readonly bCorrection: Float64Array | null;
  readonly interpolant: Interpolant;
  /** The interval of stability on the negative real axis is (-realStability, 0). */
  readonly realStability: number;
  readonly reference: string;
}

/**
 * The largest residual of a row sum or an order condition, relative to the sum of its absolute terms, that
 * counts as rounding. Coefficients published to 16 digits stay below a tenth of it, and one digit that is
 * wrong at 1e-9 exceeds it ten thousandfold.
 */
const ROUNDING = 1e-14;

/**
 * Checks the coefficients of an explicit Runge-Kutta method and derives what follows from them.
 *
 * Checked are the shapes, that the method is explicit, the row sums c_i = sum_j a_ij, and the order
 * conditions of all rooted trees: up to `order` for b, up to `embeddedOrder` for bEmbedded, and for each power of theta
 * up to the order of the interpolant, which ends in y_{n+1}.
 *
 * @throws LiouvilleError 'invalid-argument' that names the first condition that fails.
 */
export function tableau(data: TableauData): Tableau {
  const { name, order, embeddedOrder, correction } = data;
  checkShapes(data);
  const stages = data.c.length;
  const a = squareOf(data.a, stages);
  const c = Float64Array.from(data.c);
  const b = Float64Array.from(data.b);
  const fsal = isFirstSameAsLast(a, b, c);
  const interpolant = interpolantOf(data, fsal);
  const proof = proofOf(data, interpolant);
  proof.demand('b', b, order);
  const differenceOf = (weights: number[], called: string, of: number): Float64Array => {
    proof.demand(called, weights, of);
    const difference = b.map((weight, i) => weight - weights[i]!);
    if (difference.some((weight) => weight !== 0)) return difference;
    throw invalid(name, `b and ${called} are equal, so that every error estimate would be zero`);
  };
  const bError =
    data.bEmbedded === undefined ? null : differenceOf(data.bEmbedded, 'bEmbedded', embeddedOrder!);
  const bCorrection =
    correction === undefined ? null : differenceOf(correction.b, 'correction.b', correction.order);
  interpolant.weights.forEach((weights, power) =>
    proof.demand(`[theta^${power + 1}] b`, weights, interpolant.order, power + 1),
  );
  checkEnd(data, interpolant);
  return Object.freeze({
    name,
    order,
    embeddedOrder: embeddedOrder ?? null,
    errorOrder: embeddedOrder === undefined ? null : errorOrderOf(order, embeddedOrder, correction?.order),
    stages,
    fsal,
    c,
    a,
    b,
    bError,
    bCorrection,
    interpolant,
    realStability: realStability(a, b),
    reference: data.reference,
  });
}

/** The least x > 0 at which |R(-x)| passes 1, where R(z) is what a step makes of y' = lambda y, z = h lambda. */
function realStability(a: Float64Array, b: Float64Array): number {
  const stages = b.length;
  const k = new Float64Array(stages);
  const grows = (x: number): boolean => {
    let y = 1;
    for (let i = 0; i < stages; i++) {
      let sum = 0;
      for (let j = 0; j < i; j++) sum += a[i * stages + j]! * k[j]!;
      k[i] = -x * (1 + sum);
      y += b[i]! * k[i]!;
    }
    return Math.abs(y) > 1;
  };
  let x = 0.5;
  while (!grows(x)) x += 0.01;
  return x;
}

/** n ~ h^k and m ~ h^l make n^2 / m ~ h^(2k - l). */
function errorOrderOf(order: number, embedded: number, corrected: number | undefined): number {
  const k = 1 + Math.min(order, embedded);
  return corrected === undefined ? k : 2 * k - (1 + corrected);
}

function squareOf(rows: readonly (readonly number[])[], stages: number): Float64Array {
  const a = new Float64Array(stages * stages);
  rows.forEach((row, i) => a.set(row, i * stages));
  return a;
}

function checkShapes(data: TableauData): void {
  const { name, c, a, b, bEmbedded, correction } = data;
  const stages = c.length;
  if (stages === 0) throw invalid(name, 'c is empty; expected one node for each stage');
  if (a.length !== stages)
    throw invalid(name, `a has ${a.length} rows; expected one for each of ${stages} nodes`);
  checkExplicit(name, a, stages);
  const weights = {
    b,
    ...(bEmbedded && { bEmbedded }),
    ...(correction && { 'correction.b': correction.b }),
  };
  for (const [called, values] of Object.entries(weights)) {
    if (values.length !== stages) {
      throw invalid(
        name,
        `${called} has ${values.length} entries; expected one for each of ${stages} stages`,
      );
    }
  }
  for (const [coefficients, values] of Object.entries({ c, a: a.flat(), ...weights })) {
    if (!values.every(Number.isFinite))
      throw invalid(name, `${coefficients} has an entry that is not a finite number`);
  }
  if ((bEmbedded === undefined) !== (data.embeddedOrder === undefined)) {
    throw invalid(name, 'bEmbedded and embeddedOrder must be given together');
  }
  if (correction !== undefined && !(correction.order < (data.embeddedOrder ?? 0))) {
    throw invalid(name, `correction.order = ${correction.order}; expected less than embeddedOrder`);
  }
  const orders = {
    order: data.order,
    embeddedOrder: data.embeddedOrder ?? 1,
    'correction.order': correction?.order ?? 1,
    'interpolant.order': data.interpolant?.order ?? 1,
  };
  for (const [key, order] of Object.entries(orders)) {
    if (!Number.isInteger(order) || order < 1)
      throw invalid(name, `${key} = ${order}; expected an integer >= 1`);
  }
}

function checkExplicit(name: string, a: readonly (readonly number[])[], stages: number): void {
  a.forEach((row, i) => {
    if (row.length > stages)
      throw invalid(name, `row ${i} of a has ${row.length} entries; expected at most ${stages}`);
    const upper = row.findIndex((entry, j) => j >= i && entry !== 0);
    if (upper >= 0)
      throw invalid(name, `a[${i}][${upper}] = ${row[upper]} is not below the diagonal: not explicit`);
  });
}

function checkRowSums(name: string, a: Float64Array, c: Float64Array): void {
  const stages = c.length;
  for (let i = 0; i < stages; i++) {
    let sum = 0;
    let absolute = Math.abs(c[i]!);
    for (let j = 0; j < i; j++) {
      sum += a[i * stages + j]!;
      absolute += Math.abs(a[i * stages + j]!);
    }
    if (Math.abs(sum - c[i]!) > ROUNDING * absolute) {
      throw invalid(name, `row sum ${i} of a is ${sum}; expected c[${i}] = ${c[i]}`);
    }
  }
}

interface Proof {
  /** Throws for the first tree up to `order` whose condition fails; with a power, that of this power of theta. */
  demand(called: string, weights: ArrayLike<number>, order: number, power?: number): void;
}

/** Checks the row sums of all stages, those of the interpolant too, and stands ready to check weights. */
function proofOf(data: TableauData, interpolant: Interpolant): Proof {
  const { name } = data;
  const rows = [...data.a, ...interpolant.a.map((row) => Array.from(row))];
  const stages = rows.length;
  if (interpolant.c.length !== interpolant.a.length) {
    throw invalid(
      name,
      `interpolant.c has ${interpolant.c.length} entries; expected one for each of ${interpolant.a.length} rows`,
    );
  }
  checkExplicit(name, rows, stages);
  const a = squareOf(rows, stages);
  const c = Float64Array.of(...data.c, ...interpolant.c);
  checkRowSums(name, a, c);
  const products = stageProducts(a, c, Math.max(data.order, data.embeddedOrder ?? 1, interpolant.order));
  return {
    demand(called, weights, order, power) {
      for (const tree of products.trees) {
        if (tree.order > order) return;
        const expected = power === undefined || power === tree.order ? 1 / tree.density : 0;
        const residual = residualOf(products, tree, weights, expected);
        if (residual <= ROUNDING) continue;
        const text = conditionText(tree, called, expected);
        throw invalid(
          name,
          `the condition of order ${tree.order} '${text}' fails ` +
            `with a relative residual of ${residual.toExponential(2)}`,
        );
      }
    },
  };
}

/** The interpolant has to end in y_{n+1}. */
function checkEnd({ name, b }: TableauData, { weights }: Interpolant): void {
  for (let i = 0; i < weights[0]!.length; i++) {
    let sum = -(b[i] ?? 0);
    let absolute = Math.abs(sum);
    for (const ofPower of weights) {
      sum += ofPower[i]!;
      absolute += Math.abs(ofPower[i]!);
    }
    if (!(Math.abs(sum) <= ROUNDING * absolute)) {
      throw invalid(name, `the interpolant does not end in y_{n+1}: its weights of stage ${i} miss b[${i}]`);
    }
  }
}

/** Whether the last stage is evaluated at (t_n + h, y_{n+1}), in exact equality of the coefficients. */
function isFirstSameAsLast(a: Float64Array, b: Float64Array, c: Float64Array): boolean {
  const last = c.length - 1;
  return c[last] === 1 && b[last] === 0 && b.every((weight, j) => weight === a[last * c.length + j]);
}

function invalid(name: string, what: string): LiouvilleError {
  return new LiouvilleError('invalid-argument', `Tableau '${name}': ${what}.`);
}
