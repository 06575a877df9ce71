import { compile } from '../../program/index.ts';
import type { Program } from '../../program/index.ts';
import { checkInputs } from '../check.ts';
import { Pauses } from '../pause.ts';
import type { CallOptions, Columns, ParameterData, PullbackOptions, PullbackResult } from '../types.ts';
import { transposedCall } from '../transposed.ts';
import { Machine } from './machine.ts';

export async function run(
  program: Program,
  parameters: ParameterData,
  rows: number,
  inputs: Columns,
  options: CallOptions = {},
): Promise<Record<string, Float64Array>> {
  checkInputs(program, rows, inputs);
  return everyRow(new Machine(program, parameters), program, rows, inputs, options);
}

export async function pullback(
  program: Program,
  parameters: ParameterData,
  rows: number,
  inputs: Columns,
  cotangents: Columns,
  options: PullbackOptions = {},
): Promise<PullbackResult> {
  const transposed = transposedCall(program, rows, inputs, cotangents, options);
  const columns: Record<string, Float32Array | Float64Array> = { ...transposed.columns };
  for (const { name, location } of compile(program).outputs) {
    columns[`cotangent/${name}`] ??= new Float64Array(rows * location.k * location.n);
  }
  const machine = new Machine(transposed.program, parameters);
  const outputs = await everyRow(machine, transposed.program, rows, columns, options);
  return transposed.resultOf(outputs, machine.gradient());
}

async function everyRow(
  machine: Machine,
  program: Program,
  rows: number,
  inputs: Columns,
  options: CallOptions,
): Promise<Record<string, Float64Array>> {
  const pauses = new Pauses(options.signal);
  const copies = Object.entries(inputs).map(([name, data]) => ({
    name,
    data: data.slice(),
    width: machine.width(name),
  }));
  const outputs = compile(program).outputs.map(({ name, location }) => {
    const width = location.k * location.n;
    return { name, width, data: new Float64Array(rows * width) };
  });
  for (let row = 0; row < rows; row++) {
    for (const { name, data, width } of copies) machine.load(name, data, row * width);
    machine.body();
    for (const { name, data, width } of outputs) machine.store(name, data, row * width);
    await pauses.maybe();
  }
  return Object.fromEntries(outputs.map(({ name, data }) => [name, data]));
}
