import { compile, vjp, vjpWithOutputs } from '../../program/index.ts';
import type { Program } from '../../program/index.ts';
import { checkCotangents, checkInputs, outputsOf } from '../check.ts';
import { Pauses } from '../pause.ts';
import type { CallOptions, Columns, ParameterData, PullbackOptions, PullbackResult } from '../types.ts';
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
  checkInputs(program, rows, inputs);
  checkCotangents(program, rows, cotangents);
  const transposed = options.outputs === true ? vjpWithOutputs(program) : vjp(program);
  const columns: Record<string, Float32Array | Float64Array> = { ...inputs };
  for (const { name, location } of compile(program).outputs) {
    columns[`cotangent/${name}`] = cotangents[name] ?? new Float64Array(rows * location.k * location.n);
  }
  const machine = new Machine(transposed, parameters);
  const outputs = await everyRow(machine, transposed, rows, columns, options);
  return {
    cotangents: Object.fromEntries(program.inputs.map(({ name }) => [name, outputs[`cotangent/${name}`]!])),
    gradient: machine.gradient(),
    ...(options.outputs === true && { outputs: outputsOf(program, outputs) }),
  };
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
