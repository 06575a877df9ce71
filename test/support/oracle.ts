import type { Columns, ParameterData } from '../../src/engine/index.ts';
import type { Attributes, Op, OperationValue, Program, Value } from '../../src/program/index.ts';
import { each, grid, meanings } from './oracle-ops.ts';
import type { Grid } from './oracle-ops.ts';

/** What a program is evaluated on. */
export interface Data {
  readonly parameters: ParameterData;
  readonly rows: number;
  readonly inputs: Columns;
}

/** The value of every node of a program graph, by recursion: what a program means, said in the simplest way. */
export class Oracle {
  readonly #data: Data;
  readonly #rows: Map<Value, Grid>[];
  readonly #sums = new Map<Value, Grid>();

  constructor(data: Data) {
    this.#data = data;
    this.#rows = Array.from({ length: data.rows }, () => new Map<Value, Grid>());
  }

  /** A value for one row; what does not depend on the row is the same for all. */
  at(value: Value, row: number): Grid {
    const known = this.#rows[row]!.get(value) ?? this.#sums.get(value);
    if (known !== undefined) return known;
    if (value.kind === 'operation' && (value.op === 'total' || value.op === 'outerTotal')) {
      const result = this.#sum(value);
      this.#sums.set(value, result);
      return result;
    }
    const result = this.#evaluate(value, row);
    this.#rows[row]!.set(value, result);
    return result;
  }

  /** A value for all rows, one after the other. */
  rows(value: Value): Float64Array {
    return Float64Array.from(this.#rows.flatMap((_, row) => this.at(value, row).flat()));
  }

  #sum(value: OperationValue): Grid {
    const terms = this.#rows.map((_, row) => this.#apply(value, row));
    return terms.reduce((a, b) => each((x, y) => x + y, a, b));
  }

  #apply(value: OperationValue, row: number): Grid {
    const meaning = meanings[value.op] as (inputs: readonly Grid[], attributes: Attributes[Op]) => Grid;
    return meaning(
      value.inputs.map((x) => this.at(x, row)),
      value.attributes,
    );
  }

  #evaluate(value: Value, row: number): Grid {
    const { k, n } = value;
    switch (value.kind) {
      case 'operation':
        return this.#apply(value, row);
      case 'constant':
        return grid(k, n, (j, i) => value.data[j * n + i]!);
      case 'parameter':
        return grid(k, n, (j, i) => this.#data.parameters[value.store][value.offset + j * n + i]!);
      case 'input':
        return grid(k, n, (j, i) => this.#data.inputs[value.name]![row * k * n + j * n + i]!);
    }
  }
}

/** The outputs of a program for all rows. */
export function oracleRun(program: Program, data: Data): Record<string, Float64Array> {
  return oracleRows(program.outputs, data);
}

/** Named values for all rows. */
export function oracleRows(
  values: Readonly<Record<string, Value>>,
  data: Data,
): Record<string, Float64Array> {
  const oracle = new Oracle(data);
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, oracle.rows(value)]));
}

/** The gradients of a program, in one array as long as the trained parameters. */
export function oracleGradient(program: Program, data: Data): Float64Array {
  const oracle = new Oracle(data);
  const gradient = new Float64Array(data.parameters.trained.length);
  for (const { parameter, value } of program.gradients) {
    gradient.set(oracle.at(value, 0).flat(), parameter.offset);
  }
  return gradient;
}
