import type { ModelProgress } from '../compare/index.ts';
import type { StepEvent } from '../train/index.ts';
import type { Output } from './io.ts';

/** Milliseconds between two changes of the line. */
const INTERVAL = 100;

/** One line that is written over and over while a command works. Where the output is no terminal it stays silent. */
export class ProgressLine {
  readonly #output: Output;
  #shownAt = -Infinity;
  #shown = false;

  constructor(output: Output) {
    this.#output = output;
  }

  /** Shows a text for now; `always` also when the last one has just been shown. */
  show(text: string, always = false): void {
    if (this.#output.isTTY !== true) return;
    const now = performance.now();
    if (!always && now - this.#shownAt < INTERVAL) return;
    this.#shownAt = now;
    this.#shown = true;
    this.#output.write(`\r\u001b[2K${text.slice(0, (this.#output.columns ?? 80) - 1)}`);
  }

  /** Takes the line away. */
  clear(): void {
    if (!this.#shown) return;
    this.#shown = false;
    this.#output.write('\r\u001b[2K');
  }
}

/** What a model is doing, in one line. */
export function progressText(model: string, progress: ModelProgress): string {
  if (!('step' in progress)) return `${model}  ${progress.phase}`;
  const { step, steps, loss, secondsLeft, validation, nfe } = progress;
  const parts = [`${model}  step ${step}${steps === null ? '' : `/${steps}`}`, `loss ${loss.toFixed(3)}`];
  if (validation !== undefined) parts.push(`validation ${validation.toFixed(3)}`);
  if (nfe !== undefined) parts.push(`${nfe.toFixed(0)} evaluations`);
  parts.push(`${duration(secondsLeft)} left`);
  return parts.join('  ');
}

/** How a training goes, in one line. */
export function trainingText(
  model: string,
  budget: { steps?: number; seconds?: number },
  event: StepEvent,
): string {
  const { step, loss, validation, learningRate, nfe, seconds, secondsLeft } = event;
  const parts = [model, `step ${step}${budget.steps === undefined ? '' : `/${budget.steps}`}`];
  if (budget.seconds !== undefined) parts.push(`${duration(seconds)}/${duration(budget.seconds)}`);
  parts.push(`loss ${loss.toFixed(3)}`);
  if (validation !== undefined) parts.push(`validation ${validation.toFixed(3)}`);
  parts.push(`rate ${learningRate.toExponential(1)}`);
  if (nfe !== undefined) parts.push(`${nfe.toFixed(0)} evaluations`);
  parts.push(`${duration(secondsLeft)} left`);
  return parts.join('  ');
}

/** Seconds as people say them: 0:05, 12:40, 3:07:00. */
export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
}
