import type { Jacobian, OdeField } from '../../ode/index.ts';
import { jvp, vjp } from '../../program/index.ts';
import type { Program } from '../../program/index.ts';
import type { Columns, ParameterData } from '../types.ts';
import { Machine } from './machine.ts';

const tangents = new WeakMap<Program, Program>();

/** The field with its derivative in one direction of y. */
function tangentOf(field: Program): Program {
  const known = tangents.get(field);
  if (known !== undefined) return known;
  const program = jvp(field, ['y']);
  tangents.set(field, program);
  return program;
}

/**
 * A field as the plain functions that src/ode takes, for one row at a time: by the machine that defines the meaning, in
 * float64. The rows are those of the columns that stay the same during a solve.
 */
export class RowField {
  /** How many numbers the state of a row has. */
  readonly n: number;
  readonly #field: Program;
  readonly #parameters: ParameterData;
  readonly #constants: readonly (readonly [string, Float32Array | Float64Array])[];
  readonly #machines = new Map<Program, Machine>();
  #row = 0;

  /** @param columns of the inputs other than t and y; y may be among them. */
  constructor(field: Program, parameters: ParameterData, columns: Columns) {
    this.n = field.inputs.find((x) => x.name === 'y')!.n;
    this.#field = field;
    this.#parameters = parameters;
    this.#constants = Object.entries(columns).filter(([name]) => name !== 'y');
  }

  /** What is computed from now on is this row's. */
  select(row: number): void {
    this.#row = row;
    for (const machine of this.#machines.values()) this.#loadConstants(machine);
  }

  get f(): OdeField {
    const machine = this.#machineOf(this.#field);
    return (t, y, dydt) => {
      at(machine, t, y);
      machine.store('dy', dydt, 0);
    };
  }

  /** The exact Jacobian, column by column: fields have values that only one tangent at a time can pass through. */
  get jacobian(): Jacobian {
    const { n } = this;
    const machine = this.#machineOf(tangentOf(this.#field));
    const direction = new Float64Array(n);
    const column = new Float64Array(n);
    return (t, y, dfdy) => {
      for (let j = 0; j < n; j++) {
        direction.fill(0);
        direction[j] = 1;
        machine.load('tangent/y', direction, 0);
        at(machine, t, y);
        machine.store('tangent/dy', column, 0);
        for (let i = 0; i < n; i++) dfdy[i * n + j] = column[i]!;
      }
    };
  }

  /**
   * The vector-Jacobian product at (t, y): ADDS the cotangents of y into `cotangentY` and those of the constants to the row's place in
   * `cotangents`, and returns that of t. Those of the parameters go on growing, see `gradient`.
   */
  pullback(
    t: number,
    y: Float64Array,
    cotangent: Float64Array,
    cotangentY: Float64Array,
    cotangents: Readonly<Record<string, Float64Array>>,
  ): number {
    const machine = this.#machineOf(vjp(this.#field));
    machine.load('cotangent/dy', cotangent, 0);
    at(machine, t, y);
    machine.add('cotangent/y', cotangentY, 0);
    for (const [name] of this.#constants) {
      machine.add(`cotangent/${name}`, cotangents[name]!, this.#row * machine.width(name));
    }
    return machine.scalar('cotangent/t');
  }

  /** The gradient of the flat trained parameters, summed over all pullbacks so far. */
  gradient(): Float64Array {
    return this.#machineOf(vjp(this.#field)).gradient();
  }

  #machineOf(program: Program): Machine {
    let machine = this.#machines.get(program);
    if (machine === undefined) {
      machine = new Machine(program, this.#parameters);
      this.#machines.set(program, machine);
      this.#loadConstants(machine);
    }
    return machine;
  }

  #loadConstants(machine: Machine): void {
    for (const [name, data] of this.#constants) machine.load(name, data, this.#row * machine.width(name));
  }
}

function at(machine: Machine, t: number, y: Float64Array): void {
  machine.setScalar('t', t);
  machine.load('y', y, 0);
  machine.body();
}
