import { LiouvilleError } from '../../errors.ts';
import { vjp, vjpWithOutputs } from '../../program/index.ts';
import type { Program } from '../../program/index.ts';
import { checkCotangents, checkField, checkInputs, outputsOf } from '../check.ts';
import { reference } from '../reference/index.ts';
import type {
  CallOptions,
  Columns,
  Engine,
  ParameterData,
  Precision,
  PullbackOptions,
  PullbackResult,
  Solution,
  SolveOptions,
  SolvePullbackOptions,
  SolvePullbackResult,
  Tape,
} from '../types.ts';
import { Device } from './device.ts';
import { openDevice } from './gpu.ts';
import type { AdapterDetails } from './gpu.ts';
import { Run } from './run.ts';
import { Solve } from './solve.ts';
import { SolvePullback } from './solve-pullback.ts';
import { ownTape } from './tape.ts';

/**
 * The engine on a WebGPU device, in single precision. A program becomes a compute shader with one invocation a row; a
 * solve stays on the device with a clock a row. Draws, the update of Adam and distances of clouds are those of the
 * reference engine, in double precision on the processor.
 */
export class WebGpuEngine implements Engine {
  readonly name = 'webgpu';
  #device: Promise<Device> | null = null;

  readonly fill = reference.fill;
  readonly adam = reference.adam;
  readonly cloudDistances = reference.cloudDistances;

  async run(
    program: Program,
    parameters: ParameterData,
    rows: number,
    inputs: Columns,
    options: CallOptions = {},
  ): Promise<Record<string, Float64Array>> {
    checkInputs(program, rows, inputs);
    checkPrecision(options.precision);
    const { outputs } = await this.#do(new Run(program, parameters, rows, inputs), options.signal);
    return outputs;
  }

  async pullback(
    program: Program,
    parameters: ParameterData,
    rows: number,
    inputs: Columns,
    cotangents: Columns,
    options: PullbackOptions = {},
  ): Promise<PullbackResult> {
    checkInputs(program, rows, inputs);
    checkCotangents(program, rows, cotangents);
    checkPrecision(options.precision);
    const transposed = options.outputs === true ? vjpWithOutputs(program) : vjp(program);
    const named = Object.entries(cotangents).map(([name, x]) => [`cotangent/${name}`, x] as const);
    const work = new Run(transposed, parameters, rows, { ...inputs, ...Object.fromEntries(named) });
    const { outputs, gradient } = await this.#do(work, options.signal);
    return {
      cotangents: Object.fromEntries(program.inputs.map(({ name }) => [name, outputs[`cotangent/${name}`]!])),
      gradient,
      ...(options.outputs === true && { outputs: outputsOf(program, outputs) }),
    };
  }

  async solve(
    field: Program,
    parameters: ParameterData,
    rows: number,
    inputs: Columns,
    options: SolveOptions,
  ): Promise<Solution> {
    checkField(field);
    checkInputs(field, rows, inputs, ['t']);
    checkPrecision(options.precision);
    return this.#do(new Solve(field, parameters, rows, inputs, options), options.signal);
  }

  async solvePullback(
    tape: Tape,
    cotangents: Float64Array,
    options: SolvePullbackOptions = {},
  ): Promise<SolvePullbackResult> {
    checkPrecision(options.precision);
    return this.#do(new SolvePullback(ownTape(tape), cotangents, options.times !== false), options.signal);
  }

  /** Gives the device back. The next call opens one again. */
  dispose(): void {
    const device = this.#device;
    this.#device = null;
    void device?.then(
      (open) => open.destroy(),
      () => undefined,
    );
  }

  /** What the engine runs on; opens the device. */
  async details(): Promise<AdapterDetails> {
    return (await this.#open()).details;
  }

  async #do<T>(work: { on(device: Device, signal: AbortSignal | undefined): Promise<T> }, signal: AbortSignal | undefined): Promise<T> {
    const device = await this.#open();
    try {
      return await work.on(device, signal);
    } catch (error) {
      throw device.failure(error);
    }
  }

  /** The device; a fresh one after a loss or `dispose`. */
  async #open(): Promise<Device> {
    for (;;) {
      const current = (this.#device ??= openDevice().then((open) => new Device(open)));
      try {
        const device = await current;
        if (!device.isLost) return device;
      } catch (error) {
        // Where there is no device now, there may be one later.
        if (this.#device === current) this.#device = null;
        throw error;
      }
      if (this.#device === current) this.#device = null;
    }
  }
}

function checkPrecision(precision: Precision | undefined): void {
  if (precision === undefined || precision === 'float32') return;
  throw new LiouvilleError(
    'invalid-argument',
    precision === 'float64'
      ? "precision: the engine 'webgpu' computes in 'float32' only; for 'float64' use the engine native, wasm or reference."
      : `precision: expected 'float32'; got '${String(precision)}'.`,
  );
}
