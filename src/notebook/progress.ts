import type { StepEvent } from '../train/index.ts';
import { colourOf, lossFigure, significant, svgOf } from '../plot/index.ts';
import { currentHost } from './host.ts';
import type { Host } from './host.ts';
import type { MimeBundle } from './mime.ts';

/** Options of `progress`. */
export interface ProgressOptions {
  /** Stands above the curve; default 'training'. */
  title?: string;
  /** Seconds from one picture to the next, default 0.5; the last step of a budget is always shown. */
  every?: number;
  /** Default: where this program runs. */
  host?: Host;
}

/** Points of the curve that are kept; beyond that every other one is dropped. */
const MOST_POINTS = 400;

/**
 * Shows a training while it goes on: `fit(flow, x, { onStep: progress() })`. The loss curve, the step, the seconds left
 * and the evaluations of the field stand in one place of the notebook, and stay there when it is done.
 */
export function progress(options: ProgressOptions = {}): (event: StepEvent) => void {
  const { title = 'training', every = 0.5, host = currentHost() } = options;
  const place = host.open();
  let points: StepEvent[] = [];
  let stride = 1;
  let shown = -Infinity;
  return (event) => {
    if (event.step % stride === 0 || event.validation !== undefined) points.push(event);
    if (points.length > MOST_POINTS) {
      stride *= 2;
      points = points.filter(({ step, validation }) => step % stride === 0 || validation !== undefined);
    }
    const now = performance.now();
    const isLast = event.secondsLeft <= 0;
    if (!isLast && now - shown < 1000 * every) return;
    shown = now;
    // Places keep the order of what is put there; nobody waits for the picture.
    void place.put(progressBundle(title, event, [...points]));
  };
}

function progressBundle(title: string, event: StepEvent, points: readonly StepEvent[]): MimeBundle {
  const line = progressLine(title, event);
  const figure = lossFigure([{ name: 'loss', colour: colourOf(0), points }], 'step');
  const { layout, data } = figure;
  const hasValidation = points.some(({ validation }) => validation !== undefined);
  return {
    'text/plain': line,
    'image/svg+xml': svgOf(
      {
        data: hasValidation ? data : data.slice(0, 1),
        layout: { ...layout, showlegend: hasValidation, title: { text: line } },
      },
      { height: 260, width: 720 },
    ),
  };
}

function progressLine(title: string, event: StepEvent): string {
  const { step, loss, validation, nfe, seconds, secondsLeft } = event;
  return [
    `${title}: step ${step}`,
    `loss ${significant(loss, 4)}`,
    ...(validation === undefined ? [] : [`validation ${significant(validation, 4)}`]),
    ...(nfe === undefined ? [] : [`${significant(nfe, 3)} evaluations a row`]),
    secondsLeft > 0 ? `${significant(secondsLeft, 2)} s left` : `done in ${significant(seconds, 2)} s`,
  ].join(' · ');
}
