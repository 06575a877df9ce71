import { LiouvilleError, unknownName } from '../errors.ts';
import type { Matrix } from '../matrix.ts';
import { normal, namedStream, uniform } from '../random/index.ts';
import { currentPlace, parameterLeaf, shapeText, size } from './value.ts';
import type { ParameterValue, Shape, Value } from './value.ts';

/** Random numbers for the first values of one parameter: they depend on the seed and its name only. */
export interface Draws {
  /** Uniform on (0, 1). */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
}

/** Gives the first values of a parameter, row-major. */
export type Initialiser = (draws: Draws, shape: Shape) => ArrayLike<number>;

interface Entry {
  readonly leaf: ParameterValue;
  readonly initialise: Initialiser;
}

/** What a table and its parts share. */
interface Store {
  readonly kind: 'trained' | 'state';
  readonly seed: number;
  readonly entries: Map<string, Entry>;
  flat: Float64Array | null;
  count: number;
}

/**
 * Named arrays that lie in one flat float64 array, in the order in which they were declared. The flat array
 * is the master copy: optimisers, averages and files work on it.
 */
export class ParameterTable {
  #store: Store;
  #prefix = '';

  /** `seed` is that of the first values. */
  constructor(kind: 'trained' | 'state', seed = 0) {
    this.#store = { kind, seed, entries: new Map(), flat: null, count: 0 };
  }

  /**
   * The arrays whose names begin with `name.`, under what follows it: the table of one part of a model. It lies in the
   * flat array of the whole, which is its `flat` too, and `count` is that of the whole.
   */
  part(name: string): ParameterTable {
    const part = new ParameterTable(this.#store.kind);
    part.#store = this.#store;
    part.#prefix = `${this.#prefix}${name}.`;
    return part;
  }

  get count(): number {
    return this.#store.count;
  }

  /** Allocated, with first values, when it is first asked for. */
  get flat(): Float64Array {
    this.#store.flat ??= this.initial(this.#store.seed);
    return this.#store.flat;
  }

  names(): string[] {
    const names = [...this.#store.entries.keys()].filter((name) => name.startsWith(this.#prefix));
    return names.map((name) => name.slice(this.#prefix.length));
  }

  /** [k, n] = [out, in] of one array; allocates nothing. */
  shape(name: string): Shape {
    const { k, n } = this.#entry(name);
    return { k, n };
  }

  /** A view of one array, [out, in] for a weight and one row for a bias. Writing to it changes the model. */
  get(name: string): Matrix {
    const { offset, k, n } = this.#entry(name);
    return { data: this.flat.subarray(offset, offset + k * n), rows: k, cols: n };
  }

  /** A view of one array in another flat array of the same layout, such as a gradient or an average. */
  viewIn(flat: Float64Array, name: string): Float64Array {
    const { offset, k, n } = this.#entry(name);
    return flat.subarray(offset, offset + k * n);
  }

  set(name: string, value: ArrayLike<number>): void {
    const leaf = this.#entry(name);
    checkCount(leaf, value.length);
    this.flat.set(value, leaf.offset);
  }

  /** The named array, made on first use. Tracing a model once is what fills its table. */
  declare(ownName: string, shape: Shape, initialise: Initialiser): ParameterValue {
    const name = this.#prefix + ownName;
    const store = this.#store;
    const known = store.entries.get(name)?.leaf;
    if (known !== undefined) {
      if (known.k === shape.k && known.n === shape.n) return known;
      throw new LiouvilleError(
        'shape-mismatch',
        `Parameter '${name}' in ${currentPlace()} is ${shapeText(known)}; it was asked for as ${shapeText(shape)}.`,
      );
    }
    if (store.flat !== null) {
      throw new LiouvilleError('unknown-name', `Parameter '${name}' was not there when the model was made.`);
    }
    const leaf = parameterLeaf(store.kind, name, store.count, shape);
    store.entries.set(name, { leaf, initialise });
    store.count += size(shape);
    return leaf;
  }

  /** First values of the whole for a seed. */
  initial(seed: number): Float64Array {
    const flat = new Float64Array(this.#store.count);
    for (const { leaf, initialise } of this.#store.entries.values()) {
      const stream = namedStream(leaf.name);
      let index = 0;
      const draws: Draws = {
        uniform: () => uniform(seed, stream, index++),
        normal: () => normal(seed, stream, index++),
      };
      const values = initialise(draws, leaf);
      checkCount(leaf, values.length);
      flat.set(values, leaf.offset);
    }
    return flat;
  }

  #entry(name: string): ParameterValue {
    const entry = this.#store.entries.get(this.#prefix + name);
    if (entry === undefined) throw unknownName('parameter', name, this.names());
    return entry.leaf;
  }
}

function checkCount(leaf: ParameterValue, count: number): void {
  if (count === size(leaf)) return;
  throw new LiouvilleError(
    'shape-mismatch',
    `Parameter '${leaf.name}' holds ${shapeText(leaf)} = ${size(leaf)} numbers; got ${count}.`,
  );
}

/** The two tables of a model: what is trained, and what is not (running statistics). */
export interface ModelTables {
  readonly trained: ParameterTable;
  readonly state: ParameterTable;
}

/** Empty tables of a model, whose first values will come from the seed. */
export function modelTables(seed = 0): ModelTables {
  return { trained: new ParameterTable('trained', seed), state: new ParameterTable('state', seed) };
}

/** The tables of one part of a model; see `ParameterTable.part`. */
export function partOf({ trained, state }: ModelTables, name: string): ModelTables {
  return { trained: trained.part(name), state: state.part(name) };
}

/** Where in a model the tracing is: it puts the path before the names of parameters. */
export class Scope {
  readonly path: string;
  readonly #tables: ModelTables;

  constructor(tables: ModelTables, path = '') {
    this.#tables = tables;
    this.path = path;
  }

  at(name: string): Scope {
    return new Scope(this.#tables, this.#join(name));
  }

  /** The scope of a path of the whole model, for parameters that several of its parts share. */
  shared(path: string): Scope {
    return new Scope(this.#tables, path);
  }

  /** A trained parameter of shape [k, n] = [out, in]. */
  parameter(name: string, shape: Shape, initialise: Initialiser): Value {
    return this.#tables.trained.declare(this.#join(name), shape, initialise);
  }

  /** A number that the model keeps but does not train. */
  state(name: string, shape: Shape, initialise: Initialiser): Value {
    return this.#tables.state.declare(this.#join(name), shape, initialise);
  }

  #join(name: string): string {
    if (this.path === '' || name === '') return this.path + name;
    return `${this.path}.${name}`;
  }
}
