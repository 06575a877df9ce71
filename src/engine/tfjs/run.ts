import type { Program } from '../../program/index.ts';
import type { Pauses } from '../pause.ts';
import type { Columns } from '../types.ts';
import type { Runtime } from './load.ts';
import { withMachine } from './machine.ts';
import type { Snapshot } from './machine.ts';
import { tidied } from './tensors.ts';
import type { Tensor, Tf } from './tensors.ts';

/** Rows in single precision, a copy. */
export type Copies = Readonly<Record<string, Float32Array>>;

export function copyOf(columns: Columns): Copies {
  return Object.fromEntries(Object.entries(columns).map(([name, x]) => [name, new Float32Array(x)]));
}

/** Rows `from` to `to` of the inputs of a program, zeros where there are none. */
export function tensorsOf(
  tf: Tf,
  program: Program,
  columns: Copies,
  from: number,
  to: number,
): Record<string, Tensor> {
  const inputs = program.inputs.map(({ name, k, n }): [string, Tensor] => {
    const shape = k === 1 ? [to - from, n] : [to - from, k, n];
    const data = columns[name];
    if (data === undefined) return [name, tf.zeros(shape)];
    return [name, tf.tensor(data.subarray(from * k * n, to * k * n), shape)];
  });
  return Object.fromEntries(inputs);
}

/** The outputs of a program for all rows; its sums are added to those of the snapshot. */
export async function runRows(
  runtime: Runtime,
  snapshot: Snapshot,
  rows: number,
  columns: Copies,
  pauses: Pauses,
): Promise<Record<string, Float64Array>> {
  const { tf } = runtime;
  const { program, rowsAtOnce } = snapshot;
  const widths = Object.entries(program.outputs).map(([name, { k, n }]) => [name, k * n] as const);
  const outputs = Object.fromEntries(widths.map(([name, width]) => [name, new Float64Array(rows * width)]));
  await withMachine(runtime, snapshot, async (machine) => {
    for (let from = 0; from < rows; from += rowsAtOnce) {
      const to = Math.min(rows, from + rowsAtOnce);
      const made = tidied(tf, () => {
        const result = machine.body(to - from, tensorsOf(tf, program, columns, from, to));
        for (const tensor of [...Object.values(result.outputs), ...result.totals]) tf.keep(tensor);
        return result;
      });
      try {
        await Promise.all(
          widths.map(async ([name, width]) =>
            outputs[name]!.set(await made.outputs[name]!.data(), from * width),
          ),
        );
        await machine.addTotals(made.totals);
      } finally {
        tf.dispose([...Object.values(made.outputs), ...made.totals]);
      }
      await pauses.maybe();
    }
  });
  return outputs;
}
