import type { Answer, Request } from './messages.ts';
import { isFlowName, labels } from './menu.ts';
import type { FlowName, PageEngine } from './menu.ts';
import type { Progress } from './trainer.ts';
import { View, drawCurve } from './view.ts';
import type { Shown } from './view.ts';

type Points = readonly (readonly [number, number])[];

/** The most losses of a curve; beyond that every other one is dropped. */
const MOST_LOSSES = 600;

/** One of the two flows: its menu, its worker, its pictures and numbers. */
export class FlowCard {
  readonly #root: HTMLElement;
  readonly #menu: HTMLSelectElement;
  readonly #view: View;
  readonly #curve: HTMLCanvasElement;
  readonly #message: (text: string) => void;
  readonly #changed: () => void;
  #worker: Worker | null = null;
  #losses: number[] = [];

  constructor(root: HTMLElement, flow: FlowName, changed: () => void, message: (text: string) => void) {
    this.#root = root;
    this.#changed = changed;
    this.#message = message;
    root.innerHTML = `
      <h2><label>Flow <select class="menu"></select></label></h2>
      <canvas class="view" width="360" height="360" role="img"></canvas>
      <canvas class="curve" width="360" height="72" role="img" aria-label="Loss of the training so far"></canvas>
      <dl>
        <div><dt>step</dt><dd class="step">0</dd></div>
        <div><dt>loss</dt><dd class="loss">–</dd></div>
        <div><dt>evaluations a row</dt><dd class="nfe">–</dd></div>
        <div><dt>evaluations per second</dt><dd class="speed">–</dd></div>
      </dl>
      <p class="row"><button type="button" class="save">Save model</button></p>`;
    this.#menu = part(root, 'select.menu', HTMLSelectElement);
    for (const [name, label] of Object.entries(labels)) this.#menu.append(new Option(label, name));
    this.#menu.value = flow;
    const canvas = part(root, 'canvas.view', HTMLCanvasElement);
    canvas.setAttribute('aria-label', 'What the flow has learned');
    this.#view = new View(canvas);
    this.#curve = part(root, 'canvas.curve', HTMLCanvasElement);
    this.#menu.addEventListener('change', () => this.#changed());
    part(root, 'button.save', HTMLButtonElement).addEventListener('click', () =>
      this.#send({ kind: 'save' }),
    );
  }

  get flow(): FlowName {
    const { value } = this.#menu;
    return isFlowName(value) ? value : 'ffjord';
  }

  /** A new flow, untrained; the worker before it ends, and with it all of its memory. */
  start(points: Points, engine: PageEngine): void {
    this.#worker?.terminate();
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    this.#worker.addEventListener('message', (event: MessageEvent<Answer>) => this.#hear(event.data));
    this.#worker.addEventListener('error', (event) => this.#message(`${this.flow}: ${event.message}`));
    this.#losses = [];
    this.#view.picture = null;
    this.#tell(null);
    drawCurve(this.#curve, [], '');
    this.#send({ kind: 'start', flow: this.flow, engine });
    this.give(points);
  }

  give(points: Points): void {
    this.#send({ kind: 'points', points });
  }

  train(): void {
    this.#send({ kind: 'train' });
  }

  pause(): void {
    this.#send({ kind: 'pause' });
  }

  draw(points: Points, shown: Shown, now: number): void {
    this.#view.draw(points, shown, now);
  }

  #send(request: Request): void {
    this.#worker?.postMessage(request);
  }

  #hear(answer: Answer): void {
    switch (answer.kind) {
      case 'progress':
        this.#tell(answer.progress);
        break;
      case 'picture':
        this.#view.show(answer.picture);
        break;
      case 'saved':
        download(answer.bytes, `${this.flow}.safetensors`);
        break;
      case 'failed':
        this.#message(`${this.flow}: ${answer.message}`);
        break;
      default:
        answer satisfies never;
    }
  }

  #tell(progress: Progress | null): void {
    const set = (name: string, text: string): void =>
      void (part(this.#root, `.${name}`, HTMLElement).textContent = text);
    set('step', String(progress?.step ?? 0));
    set('loss', progress === null ? '–' : progress.loss.toFixed(3));
    set('nfe', progress?.nfe == null ? '–' : progress.nfe.toFixed(1));
    set('speed', progress === null ? '–' : Math.round(progress.evaluationsPerSecond).toLocaleString('en-US'));
    if (progress === null) return;
    this.#losses.push(progress.loss);
    if (this.#losses.length > MOST_LOSSES) this.#losses = this.#losses.filter((_, i) => i % 2 === 1);
    drawCurve(this.#curve, this.#losses, '#0072b2');
  }
}

/** The element of a kind that a selector finds; a page without it is broken. */
export function part<T extends HTMLElement>(root: ParentNode, selector: string, kind: new () => T): T {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`The page has no ${selector}.`);
  return found;
}

function download(bytes: Uint8Array<ArrayBuffer>, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([bytes]));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}
