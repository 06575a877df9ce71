import { MOST_POINTS, RANGE } from './link.ts';
import { contextOf, drawPoints } from './view.ts';

type Point = readonly [number, number];

/** Points that one stroke of the brush leaves, and how far they scatter. */
const DROPS = 6;
const SCATTER = 0.14;
const STEP = 0.25;

/** The pad on which points are drawn: with a mouse, a finger, or the keyboard. */
export class Pad {
  readonly #canvas: HTMLCanvasElement;
  readonly #changed: () => void;
  #points: Point[] = [];
  #brush: Point = [0, 0];
  #isDrawing = false;

  constructor(canvas: HTMLCanvasElement, changed: () => void) {
    this.#canvas = canvas;
    this.#changed = changed;
    canvas.addEventListener('pointerdown', (event) => {
      this.#isDrawing = true;
      canvas.setPointerCapture(event.pointerId);
      this.#drop(this.#at(event));
    });
    canvas.addEventListener('pointermove', (event) => {
      if (this.#isDrawing)
        for (const each of [event, ...event.getCoalescedEvents()]) this.#drop(this.#at(each));
    });
    for (const name of ['pointerup', 'pointercancel'] as const) {
      canvas.addEventListener(name, () => (this.#isDrawing = false));
    }
    canvas.addEventListener('keydown', (event) => this.#key(event));
    canvas.addEventListener('focus', () => this.draw());
    canvas.addEventListener('blur', () => this.draw());
    this.draw();
  }

  get points(): readonly Point[] {
    return this.#points;
  }

  set points(points: readonly Point[]) {
    this.#points = points.slice(0, MOST_POINTS);
    this.draw();
    this.#changed();
  }

  draw(): void {
    const context = contextOf(this.#canvas);
    const { width } = this.#canvas;
    context.fillStyle = '#ffffff';
    context.fillRect(0, 0, width, width);
    drawPoints(context, this.#points, '#0072b2');
    if (this.#points.length === 0) {
      context.fillStyle = '#767676';
      context.font = '18px system-ui, sans-serif';
      context.textAlign = 'center';
      context.fillText('Draw here', width / 2, width / 2 - 20);
    }
    if (document.activeElement === this.#canvas) {
      const [x, y] = this.#brush;
      context.strokeStyle = '#d55e00';
      context.lineWidth = 2;
      context.beginPath();
      context.arc(
        ((x + RANGE) / (2 * RANGE)) * width,
        ((RANGE - y) / (2 * RANGE)) * width,
        7,
        0,
        2 * Math.PI,
      );
      context.stroke();
    }
  }

  #at(event: PointerEvent): Point {
    const box = this.#canvas.getBoundingClientRect();
    return [
      ((event.clientX - box.left) / box.width) * 2 * RANGE - RANGE,
      RANGE - ((event.clientY - box.top) / box.height) * 2 * RANGE,
    ];
  }

  #drop(at: Point): void {
    this.#brush = inside(at);
    const drops = Array.from({ length: DROPS }, (): Point => {
      const [radius, angle] = [
        SCATTER * Math.sqrt(-Math.log(1 - Math.random())),
        2 * Math.PI * Math.random(),
      ];
      return inside([at[0] + radius * Math.cos(angle), at[1] + radius * Math.sin(angle)]);
    });
    // A full pad forgets its oldest points.
    this.points = [...this.#points, ...drops].slice(-MOST_POINTS);
  }

  #key(event: KeyboardEvent): void {
    const moves: Readonly<Record<string, Point>> = {
      ArrowLeft: [-STEP, 0],
      ArrowRight: [STEP, 0],
      ArrowUp: [0, STEP],
      ArrowDown: [0, -STEP],
    };
    const move = moves[event.key];
    if (move !== undefined) this.#brush = inside([this.#brush[0] + move[0], this.#brush[1] + move[1]]);
    else if (event.key === ' ') this.#drop(this.#brush);
    else if (event.key === 'Delete' || event.key === 'Backspace') this.points = [];
    else return;
    event.preventDefault();
    this.draw();
  }
}

function inside([x, y]: Point): Point {
  const limit = RANGE - 0.05;
  return [Math.min(limit, Math.max(-limit, x)), Math.min(limit, Math.max(-limit, y))];
}
