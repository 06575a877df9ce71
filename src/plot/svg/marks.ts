import type { Axis } from './axis.ts';
import { colourAt } from './colours.ts';
import { bars } from './histogram.ts';
import { column, matrixRows, number, numbers, record, text } from './values.ts';
import type { Json } from './values.ts';

/** A panel's axes. */
export interface Axes {
  readonly x: Axis;
  readonly y: Axis;
}

/** Colours that continuous scales are cut into; more make the file larger and cannot be seen. */
const LEVELS = 32;

/** What has no colour of its own. */
const INK = '#444444';

/** One trace as SVG elements. What is no scatter, heat map or histogram is left out. */
export function drawTrace(trace: Json, axes: Axes): string {
  switch (trace['type']) {
    case 'scatter':
      return drawScatter(trace, axes);
    case 'heatmap':
      return drawHeatmap(trace, axes);
    case 'histogram':
    case 'bar':
      return drawBars(trace, axes);
    default:
      return '';
  }
}

function drawScatter(trace: Json, axes: Axes): string {
  const mode = text(trace['mode'], 'lines');
  const opacity = number(trace['opacity'], 1);
  const x = column(trace['x']).map(axes.x.at);
  const y = column(trace['y']).map(axes.y.at);
  const parts = [
    drawErrors(trace, axes, x),
    mode.includes('lines') ? drawLine(trace, x, y) : '',
    mode.includes('markers') ? drawMarkers(trace, x, y) : '',
    mode.includes('text') ? drawWords(trace, x, y) : '',
  ].join('');
  return opacity === 1 ? parts : `<g opacity="${opacity}">${parts}</g>`;
}

/** A gap in the numbers is a gap in the line; `fill: 'tozeroy'` is filled to the bottom of the panel. */
function drawLine(trace: Json, x: readonly number[], y: readonly number[]): string {
  const line = record(trace['line']);
  const colour = text(line['color'], INK);
  let path = '';
  let isOpen = false;
  x.forEach((at, i) => {
    const isPoint = Number.isFinite(at) && Number.isFinite(y[i]);
    if (isPoint) path += `${isOpen ? 'L' : 'M'}${short(at)} ${short(y[i]!)}`;
    isOpen = isPoint;
  });
  const dash =
    line['dash'] === 'dash'
      ? ' stroke-dasharray="6 4"'
      : line['dash'] === 'dot'
        ? ' stroke-dasharray="2 3"'
        : '';
  return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="${number(line['width'], 2)}"${dash}/>`;
}

/** Dots are lines of no length with round ends: ten bytes each. */
function drawMarkers(trace: Json, x: readonly number[], y: readonly number[]): string {
  const marker = record(trace['marker']);
  const paths = new Map<string, string>();
  const colours = colourColumn(marker, text(record(trace['line'])['color'], INK));
  x.forEach((at, i) => {
    if (!Number.isFinite(at) || !Number.isFinite(y[i])) return;
    const colour = colours(i);
    paths.set(colour, `${paths.get(colour) ?? ''}M${short(at)} ${short(y[i]!)}h0`);
  });
  const size = number(marker['size'], 6);
  const opacity = number(marker['opacity'], 1);
  return [...paths]
    .map(
      ([colour, path]) =>
        `<path d="${path}" stroke="${colour}" stroke-width="${size}" stroke-linecap="round" opacity="${opacity}"/>`,
    )
    .join('');
}

/** The colour of marker i: one for all, or by a number on a scale. */
function colourColumn(marker: Json, otherwise: string): (i: number) => string {
  const one = marker['color'];
  if (typeof one === 'string') return () => one;
  const values = numbers(one);
  if (values.length === 0) return () => otherwise;
  const known = values.filter(Number.isFinite);
  const low = number(marker['cmin'], Math.min(...known));
  const high = number(marker['cmax'], Math.max(...known));
  return (i) => levelColour(marker['colorscale'], (values[i]! - low) / (high - low || 1));
}

function levelColour(scale: unknown, share: number): string {
  const level = Math.min(LEVELS - 1, Math.max(0, Math.floor(share * LEVELS)));
  return colourAt(scale, Number.isFinite(level) ? level / (LEVELS - 1) : 0);
}

function drawWords(trace: Json, x: readonly number[], y: readonly number[]): string {
  const colour = text(record(trace['marker'])['color'], '#333333');
  return column(trace['text'])
    .map((word, i) =>
      Number.isFinite(x[i]) && Number.isFinite(y[i])
        ? `<text x="${short(x[i]!)}" y="${short(y[i]! - 9)}" text-anchor="middle" fill="${colour}">${escapeText(String(word))}</text>`
        : '',
    )
    .join('');
}

function drawErrors(trace: Json, axes: Axes, x: readonly number[]): string {
  const errors = numbers(record(trace['error_y'])['array']);
  if (errors.length === 0) return '';
  const y = numbers(trace['y']);
  const colour = text(record(trace['error_y'])['color'], INK);
  const path = errors
    .map(
      (error, i) => `M${short(x[i]!)} ${short(axes.y.at(y[i]! - error))}V${short(axes.y.at(y[i]! + error))}`,
    )
    .join('');
  return `<path d="${path}" stroke="${colour}" stroke-width="1.5"/>`;
}

/** Neighbouring cells of one colour are one rectangle. */
function drawHeatmap(trace: Json, { x, y }: Axes): string {
  const rows = matrixRows(trace['z']);
  const known = rows.flat().filter(Number.isFinite);
  const low = number(trace['zmin'], Math.min(...known));
  const high = number(trace['zmax'], Math.max(...known));
  const columnEdges = edges(numbers(trace['x']).map(x.at));
  const rowEdges = edges(numbers(trace['y']).map(y.at));
  const paths = new Map<string, string>();
  rows.forEach((row, j) => {
    const [top, bottom] = [rowEdges[j]!, rowEdges[j + 1]!];
    let begin = 0;
    const colours = row.map((value) =>
      Number.isFinite(value) ? levelColour(trace['colorscale'], (value - low) / (high - low || 1)) : null,
    );
    for (let i = 1; i <= row.length; i++) {
      const colour = colours[begin]!;
      if (i < row.length && colours[i] === colour) continue;
      if (colour !== null) {
        const rectangle = `M${short(columnEdges[begin]!)} ${short(top)}H${short(columnEdges[i]!)}V${short(bottom)}H${short(columnEdges[begin]!)}`;
        paths.set(colour, `${paths.get(colour) ?? ''}${rectangle}`);
      }
      begin = i;
    }
  });
  const drawn = [...paths].map(([colour, path]) => `<path d="${path}" fill="${colour}"/>`).join('');
  return `<g shape-rendering="crispEdges">${drawn}</g>`;
}

/** The lines between cells whose middles these are. */
function edges(middles: readonly number[]): number[] {
  const n = middles.length;
  const half = n > 1 ? (middles[n - 1]! - middles[0]!) / (n - 1) / 2 : 1;
  return Array.from({ length: n + 1 }, (_, i) => {
    if (i === 0) return middles[0]! - half;
    return i === n ? middles[n - 1]! + half : (middles[i - 1]! + middles[i]!) / 2;
  });
}

function drawBars(trace: Json, { x, y }: Axes): string {
  const colour = text(record(trace['marker'])['color'], '#0072b2');
  const floor = y.at(0);
  const path = bars(trace)
    .map(({ from, to, height }) => {
      const [left, right] = typeof from === 'string' ? around(x.at(from), x) : [x.at(from), x.at(to)];
      return `M${short(left)} ${short(floor)}V${short(y.at(height))}H${short(right)}V${short(floor)}`;
    })
    .join('');
  return `<path d="${path}" fill="${colour}" opacity="${number(trace['opacity'], 1)}"/>`;
}

/** A bar of a category is as wide as three fifths of its place. */
function around(middle: number, axis: Axis): [number, number] {
  const width = Math.abs((axis.ticks[1]?.at ?? middle + 60) - (axis.ticks[0]?.at ?? middle));
  return [middle - 0.3 * width, middle + 0.3 * width];
}

/** Tenths of a pixel are enough. */
export function short(value: number): string {
  return String(Math.round(value * 10) / 10);
}

/** Text of plotly, whose markup is left out, as text of SVG. */
export function escapeText(value: string): string {
  return value
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/&(?!amp;|lt;|gt;)/g, '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;');
}
