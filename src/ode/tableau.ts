import { LiouvilleError } from '../errors.ts';
import { orderConditions } from './order-conditions.ts';

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
  /** Where the coefficients come from. */
  reference: string;
}

/**
 * An explicit Runge-Kutta method, checked:
 *
 *   Y_i = y_n + h sum_{j<i} a_ij k_j,   k_i = f(t_n + c_i h, Y_i),   y_{n+1} = y_n + h sum_i b_i k_i,
 *   error estimate = h sum_i (b_i - bEmbedded_i) k_i.
 */
export interface Tableau {
  readonly name: string;
  readonly order: number;
  /** null for a method without error estimate: it takes fixed steps. */
  readonly embeddedOrder: number | null;
  readonly stages: number;
  /** First same as last: the last stage is the field at y_{n+1}, hence the first stage of the next step. */
  readonly fsal: boolean;
  readonly c: Float64Array;
  /** stages x stages, row-major, strictly lower triangular. */
  readonly a: Float64Array;
  readonly b: Float64Array;
  /** b - bEmbedded; null without embedded solution. */
  readonly bError: Float64Array | null;
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
 * conditions of all rooted trees: up to `order` for b, up to `embeddedOrder` for bEmbedded.
 *
 * @throws LiouvilleError 'invalid-argument' that names the first condition that fails.
 */
export function tableau(data: TableauData): Tableau {
  const stages = data.c.length;
  checkShapes(data);
  const a = new Float64Array(stages * stages);
  data.a.forEach((row, i) => a.set(row, i * stages));
  const c = Float64Array.from(data.c);
  const b = Float64Array.from(data.b);
  checkRowSums(data.name, a, c);
  checkOrder(data.name, 'b', a, b, c, data.order);
  let bError: Float64Array | null = null;
  if (data.bEmbedded !== undefined && data.embeddedOrder !== undefined) {
    const bEmbedded = Float64Array.from(data.bEmbedded);
    checkOrder(data.name, 'bEmbedded', a, bEmbedded, c, data.embeddedOrder);
    bError = b.map((weight, i) => weight - bEmbedded[i]!);
    if (bError.every((weight) => weight === 0)) {
      throw invalid(data.name, 'b and bEmbedded are equal, so that every error estimate would be zero');
    }
  }
  return Object.freeze({
    name: data.name,
    order: data.order,
    embeddedOrder: data.embeddedOrder ?? null,
    stages,
    fsal: isFirstSameAsLast(a, b, c),
    c,
    a,
    b,
    bError,
    reference: data.reference,
  });
}

function checkShapes(data: TableauData): void {
  const { name, c, a, b, bEmbedded } = data;
  const stages = c.length;
  if (stages === 0) throw invalid(name, 'c is empty; expected one node for each stage');
  if (a.length !== stages)
    throw invalid(name, `a has ${a.length} rows; expected one for each of ${stages} nodes`);
  a.forEach((row, i) => {
    if (row.length > stages)
      throw invalid(name, `row ${i} of a has ${row.length} entries; expected at most ${stages}`);
    const upper = row.findIndex((entry, j) => j >= i && entry !== 0);
    if (upper >= 0)
      throw invalid(name, `a[${i}][${upper}] = ${row[upper]} is not below the diagonal: not explicit`);
  });
  for (const [weights, values] of Object.entries({ b, ...(bEmbedded && { bEmbedded }) })) {
    if (values.length !== stages) {
      throw invalid(
        name,
        `${weights} has ${values.length} entries; expected one for each of ${stages} stages`,
      );
    }
  }
  for (const [coefficients, values] of Object.entries({ c, a: a.flat(), b, bEmbedded: bEmbedded ?? [] })) {
    if (!values.every(Number.isFinite))
      throw invalid(name, `${coefficients} has an entry that is not a finite number`);
  }
  if ((bEmbedded === undefined) !== (data.embeddedOrder === undefined)) {
    throw invalid(name, 'bEmbedded and embeddedOrder must be given together');
  }
  for (const [key, order] of Object.entries({ order: data.order, embeddedOrder: data.embeddedOrder ?? 1 })) {
    if (!Number.isInteger(order) || order < 1)
      throw invalid(name, `${key} = ${order}; expected an integer >= 1`);
  }
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

function checkOrder(
  name: string,
  weights: 'b' | 'bEmbedded',
  a: Float64Array,
  b: Float64Array,
  c: Float64Array,
  order: number,
): void {
  for (const condition of orderConditions(a, b, c, order, weights)) {
    if (condition.residual > ROUNDING) {
      throw invalid(
        name,
        `the condition of order ${condition.order} '${condition.text}' fails ` +
          `with a relative residual of ${condition.residual.toExponential(2)}`,
      );
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
