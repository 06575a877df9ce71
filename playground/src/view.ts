import { RANGE } from './link.ts';
import { CELLS, GRID_LINES, POINTS_OF_A_LINE } from './picture.ts';
import type { Picture } from './picture.ts';

/** What of a flow is shown. */
export interface Shown {
  density: boolean;
  grid: boolean;
  particles: boolean;
}

/** Milliseconds that particles take from latent space to the data, and rest there. */
const WAY = 2200;
const REST = 700;

/** Draws a flow on its canvas. */
export class View {
  readonly #context: CanvasRenderingContext2D;
  readonly #map = document.createElement('canvas');
  picture: Picture | null = null;

  constructor(canvas: HTMLCanvasElement) {
    this.#context = contextOf(canvas);
    this.#map.width = CELLS;
    this.#map.height = CELLS;
  }

  /** Takes a new picture; its density is painted once, small, and stretched each time. */
  show(picture: Picture): void {
    this.picture = picture;
    const image = new ImageData(CELLS, CELLS);
    const most = nearlyMost(picture.density);
    picture.density.forEach((value, i) => {
      const [column, row] = [i % CELLS, CELLS - 1 - Math.floor(i / CELLS)];
      image.data.set(colour(value / most), 4 * (row * CELLS + column));
    });
    contextOf(this.#map).putImageData(image, 0, 0);
  }

  draw(points: readonly (readonly [number, number])[], shown: Shown, now: number): void {
    const context = this.#context;
    const { width } = context.canvas;
    context.fillStyle = '#ffffff';
    context.fillRect(0, 0, width, width);
    const { picture } = this;
    if (picture !== null && shown.density) context.drawImage(this.#map, 0, 0, width, width);
    if (picture !== null && shown.grid) this.#drawGrid(picture.grid, shown.density);
    if (picture === null || !shown.particles) {
      drawPoints(context, points, picture !== null && shown.density ? '#ffffff' : '#0072b2');
    } else {
      this.#drawParticles(picture.stops, now);
    }
  }

  #drawGrid(grid: Float32Array, isDark: boolean): void {
    const context = this.#context;
    const { width } = context.canvas;
    context.lineWidth = 1;
    for (let line = 0; line < 2 * GRID_LINES; line++) {
      context.strokeStyle = isDark ? '#ffffff99' : line < GRID_LINES ? '#0072b2' : '#d55e00';
      context.beginPath();
      for (let i = 0; i < POINTS_OF_A_LINE; i++) {
        const at = 2 * (line * POINTS_OF_A_LINE + i);
        const [x, y] = place(grid[at]!, grid[at + 1]!, width);
        if (i === 0) context.moveTo(x, y);
        else context.lineTo(x, y);
      }
      context.stroke();
    }
  }

  #drawParticles(stops: readonly Float32Array[], now: number): void {
    const context = this.#context;
    const time = Math.min(1, (now % (WAY + REST)) / WAY) * (stops.length - 1);
    const [before, after] = [stops[Math.floor(time)]!, stops[Math.ceil(time)]!];
    const share = time - Math.floor(time);
    context.fillStyle = '#ff6a3d';
    for (let i = 0; i < before.length; i += 2) {
      const [x, y] = place(
        before[i]! + share * (after[i]! - before[i]!),
        before[i + 1]! + share * (after[i + 1]! - before[i + 1]!),
        context.canvas.width,
      );
      context.fillRect(x - 1.5, y - 1.5, 3, 3);
    }
  }
}

/** Dots at points of the plane. */
export function drawPoints(
  context: CanvasRenderingContext2D,
  points: readonly (readonly [number, number])[],
  fill: string,
): void {
  context.fillStyle = fill;
  for (const [px, py] of points) {
    const [x, y] = place(px, py, context.canvas.width);
    context.fillRect(x - 1.2, y - 1.2, 2.4, 2.4);
  }
}

/** The curve of a loss, its latest part wide enough to see it fall. */
export function drawCurve(canvas: HTMLCanvasElement, losses: readonly number[], stroke: string): void {
  const context = contextOf(canvas);
  const { width, height } = canvas;
  context.fillStyle = '#ffffff';
  context.fillRect(0, 0, width, height);
  if (losses.length < 2) return;
  const sorted = losses.toSorted((a, b) => a - b);
  const low = sorted[0]!;
  const high = Math.max(sorted[Math.floor(0.95 * (sorted.length - 1))]!, low + 1e-6);
  context.strokeStyle = stroke;
  context.lineWidth = 1.5;
  context.beginPath();
  losses.forEach((loss, i) => {
    const y = height - 4 - ((Math.min(loss, high) - low) / (high - low)) * (height - 8);
    context.lineTo((i / (losses.length - 1)) * width, y);
  });
  context.stroke();
}

export function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('This browser has no canvas.');
  return context;
}

function place(x: number, y: number, width: number): [number, number] {
  return [((x + RANGE) / (2 * RANGE)) * width, ((RANGE - y) / (2 * RANGE)) * width];
}

/** The highest hundredth is cut off: a narrow peak would make the rest dark. */
function nearlyMost(density: Float32Array): number {
  const sorted = density.filter(Number.isFinite).sort();
  return sorted[Math.floor(0.99 * (sorted.length - 1))] || 1;
}

/** Viridis (van der Walt and Smith, 2015) at five stops. */
const stops = [
  [68, 1, 84],
  [59, 82, 139],
  [33, 145, 140],
  [94, 201, 98],
  [253, 231, 37],
] as const;

function colour(share: number): [number, number, number, number] {
  const at = Math.min(0.9999, Math.max(0, Number.isFinite(share) ? share : 0)) * (stops.length - 1);
  const [low, high] = [stops[Math.floor(at)]!, stops[Math.floor(at) + 1]!];
  const part = at - Math.floor(at);
  const mixed = low.map((channel, i) => Math.round(channel + part * (high[i]! - channel)));
  return [mixed[0]!, mixed[1]!, mixed[2]!, 255];
}
