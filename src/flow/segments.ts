import { ops, Program, Scope, input, scalar, trace as traceProgram } from '../program/index.ts';
import type { InputShape, ModelTables, Shape, Value } from '../program/index.ts';
import type { Trace } from './options.ts';
import type { BatchRule, MapStep, SolveStep, Step } from './transform.ts';

/** Closed-form steps, composed: inputs x and context, outputs x and logDet. */
export interface MapSegment {
  readonly kind: 'map';
  readonly program: Program;
  /** The rule of the first step, where it depends on the batch: inputs mean and variance belong to it. */
  readonly batch: { readonly rule: BatchRule; readonly path: string } | null;
  /** The probes of the steps whose logDet is estimated: the inputs that they are, and where in the model. */
  readonly probes: readonly { readonly input: string; readonly path: string; readonly shape: Shape }[];
}

/** A field for the engine's solve: state y = (x, logDet), constants context and noise. */
export interface SolveSegment {
  readonly kind: 'solve';
  /** Where in the model it is. */
  readonly path: string;
  readonly field: Program;
  /** No row inputs; output `time`. */
  readonly endTime: Program;
  /** That time, where no parameter decides it. */
  readonly fixedEndTime: number | null;
  readonly reversed: boolean;
  readonly noise: Shape | null;
}

export type Segment = MapSegment | SolveSegment;

/**
 * Traces steps into programs. Neighbouring closed forms become one program; in training, a step with a rule for
 * batches begins a new one, since the rows have to be known there.
 */
export function segmentsOf(
  steps: readonly Step[],
  tables: ModelTables,
  dim: number,
  contextDim: number,
  trace: Trace,
  training = false,
): Segment[] {
  const segments: Segment[] = [];
  let maps: MapStep[] = [];
  const flush = (): void => {
    if (maps.length > 0) segments.push(mapSegment(maps, tables, contextDim, trace, training));
    maps = [];
  };
  for (const step of steps) {
    if (step.kind === 'map') {
      if (training && step.batch !== undefined) flush();
      maps.push(step);
    } else {
      flush();
      segments.push(solveSegment(step, tables, dim, contextDim, trace));
    }
  }
  flush();
  return segments;
}

function mapSegment(
  steps: readonly MapStep[],
  tables: ModelTables,
  contextDim: number,
  trace: Trace,
  training: boolean,
): MapSegment {
  const { inputDim: n, path, batch: ofFirst } = steps[0]!;
  const rule = training ? ofFirst : undefined;
  const names = steps.map((step) => step.path).filter((name) => name !== '');
  const probes = steps.flatMap((step, i) => {
    const shape = step.noiseShape?.(trace) ?? null;
    return shape === null ? [] : [{ input: `noise ${i}`, path: step.path, shape }];
  });
  const shapes: Record<string, InputShape> = {
    ...inputsOf(rule === undefined ? { x: n } : { x: n, mean: n, variance: n }, contextDim),
    ...Object.fromEntries(probes.map(({ input: name, shape }) => [name, shape])),
  };
  const program = traceProgram(names.join(', ') || 'map', shapes, (inputs) => {
    const context = inputs['context'] ?? null;
    let x = inputs['x']!;
    let logDet: Value = scalar(0);
    steps.forEach((step, i) => {
      const scope = new Scope(tables, step.path);
      const estimate = { trace, noise: inputs[`noise ${i}`] ?? null };
      const passage =
        i === 0 && rule !== undefined
          ? rule.apply(scope, x, context, { mean: inputs['mean']!, variance: inputs['variance']! }, estimate)
          : step.apply(scope, x, context, estimate);
      x = passage.x;
      logDet = ops.add(logDet, passage.logDet);
    });
    return { x, logDet };
  });
  return { kind: 'map', program, batch: rule === undefined ? null : { rule, path }, probes };
}

function solveSegment(
  step: SolveStep,
  tables: ModelTables,
  dim: number,
  contextDim: number,
  trace: Trace,
): SolveSegment {
  const scope = new Scope(tables, step.path);
  const noise = step.noiseShape(trace);
  const leaves = [input('t', 1), input('y', dim + 1)];
  const context = contextDim > 0 ? input('context', contextDim) : null;
  const probes = noise === null ? null : input('noise', noise.n, noise.k);
  if (context !== null) leaves.push(context);
  if (probes !== null) leaves.push(probes);
  const [t, state] = leaves as [Value, Value];
  const dy = step.field(scope, { t, state, context, noise: probes }, trace);
  const endTime = new Program(`end time of ${step.path}`, [], { time: step.endTime(scope) });
  const time = endTime.outputs['time']!;
  return {
    kind: 'solve',
    path: step.path,
    field: new Program(`field of ${step.path}`, leaves, { dy }),
    endTime,
    fixedEndTime: time.kind === 'constant' ? time.data[0]! : null,
    reversed: step.reversed,
    noise,
  };
}

function inputsOf(inputs: Record<string, number>, contextDim: number): Record<string, number> {
  return contextDim > 0 ? { ...inputs, context: contextDim } : inputs;
}
