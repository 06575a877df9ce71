import { throwIfAborted } from '../../errors.ts';
import type { Program } from '../../program/index.ts';
import { checkField, checkInputs, refuseFloat64 } from '../check.ts';
import { transposedCall } from '../transposed.ts';
import { reference } from '../reference/index.ts';
import type {
  CallOptions,
  Columns,
  Engine,
  ParameterData,
  PullbackOptions,
  PullbackResult,
  Solution,
  SolveOptions,
  SolvePullbackOptions,
  SolvePullbackResult,
  Tape,
} from '../types.ts';
import type { Missing } from '../found.ts';
import type { Traffic } from './buffers.ts';
import type { WebGpuDetails } from './details.ts';
import { Device, unavailable } from './device.ts';
import { openDevice } from './gpu.ts';
import type { OpenDevice } from './gpu.ts';
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
  readonly precisions = ['float32'] as const;
  /** These are not about rows of programs: they are those of the reference engine, in double precision. */
  readonly fill: Engine['fill'] = (...given) => reference.fill(...given);
  readonly adam: Engine['adam'] = (...given) => reference.adam(...given);
  readonly cloudDistances: Engine['cloudDistances'] = (...given) => reference.cloudDistances(...given);
  readonly #openDevice: () => Promise<OpenDevice | Missing>;
  #device: Promise<Device | Missing> | null = null;

  readonly #staged: boolean | undefined;

  /**
   * @param open where devices come from: the one that the machine prefers.
   * @param staged whether parameters go through the memory that the rows of a workgroup share. Default: on graphics
   *   cards, where it is near the processor; in software adapters it is as far away as all memory, and its barriers
   *   cost a multiple of the work.
   */
  constructor(open: () => Promise<OpenDevice | Missing> = openDevice, staged?: boolean) {
    this.#openDevice = open;
    this.#staged = staged;
  }

  async run(
    program: Program,
    parameters: ParameterData,
    rows: number,
    inputs: Columns,
    options: CallOptions = {},
  ): Promise<Record<string, Float64Array>> {
    checkInputs(program, rows, inputs);
    refuseFloat64(this.name, options.precision);
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
    const transposed = transposedCall(program, rows, inputs, cotangents, options);
    refuseFloat64(this.name, options.precision);
    const work = new Run(transposed.program, parameters, rows, transposed.columns);
    const { outputs, gradient } = await this.#do(work, options.signal);
    return transposed.resultOf(outputs, gradient);
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
    refuseFloat64(this.name, options.precision);
    const work = new Solve(field, parameters, rows, inputs, options);
    const solution = (): Promise<Solution> => this.#do(work, options.signal);
    return work.replay === null ? solution() : work.replay.while(solution);
  }

  async solvePullback(
    tape: Tape,
    cotangents: Float64Array,
    options: SolvePullbackOptions = {},
  ): Promise<SolvePullbackResult> {
    refuseFloat64(this.name, options.precision);
    const own = ownTape(tape);
    const work = new SolvePullback(own, cotangents, options.times !== false);
    return own.while(() => this.#do(work, options.signal));
  }

  /** Gives the device back. The next call opens one again. */
  dispose(): void {
    const device = this.#device;
    this.#device = null;
    void device?.then((open) => {
      if (open instanceof Device) open.destroy();
    });
  }

  /** What the device has been asked for since it was opened, and what it holds. */
  async traffic(): Promise<Traffic> {
    const device = await this.#open();
    if (!(device instanceof Device)) throw unavailable(device);
    return { ...device.buffers.traffic };
  }

  /** What the engine runs on, or why it does not; opens the device. */
  async inspect(): Promise<{ readonly details: WebGpuDetails } | Missing> {
    const device = await this.#open();
    return device instanceof Device ? { details: device.details } : device;
  }

  async #do<T>(
    work: { on(device: Device, signal: AbortSignal | undefined): Promise<T> },
    signal: AbortSignal | undefined,
  ): Promise<T> {
    throwIfAborted(signal);
    const device = await this.#open();
    if (!(device instanceof Device)) throw unavailable(device);
    const { stopped, forget } = whenAborted(signal);
    try {
      const running = work.on(device, signal);
      // Whoever stops does not wait for the device, which ends what it has begun.
      running.catch(() => undefined);
      await Promise.race([running, stopped]);
      return await running;
    } catch (error) {
      throw device.failure(error);
    } finally {
      forget();
    }
  }

  /** The device; a fresh one after a loss or `dispose`, and where there was none before. */
  async #open(): Promise<Device | Missing> {
    for (;;) {
      const current = (this.#device ??= this.#openDevice().then((open) =>
        'device' in open ? new Device(open, this.#staged ?? !open.details.software) : open,
      ));
      const device = await current;
      if (device instanceof Device && !device.isLost) return device;
      if (this.#device === current) this.#device = null;
      if (!(device instanceof Device)) return device;
    }
  }
}

/** A promise that fails when the signal fires, and what ends the listening. */
function whenAborted(signal: AbortSignal | undefined): { stopped: Promise<void>; forget: () => void } {
  let fire = (): void => undefined;
  const fired = new Promise<void>((resolve) => {
    fire = resolve;
  });
  signal?.addEventListener('abort', fire, { once: true });
  return {
    stopped: fired.then(() => throwIfAborted(signal)),
    forget: () => signal?.removeEventListener('abort', fire),
  };
}
