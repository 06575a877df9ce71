import type { Figure } from '../figure.ts';
import { layAxis, scaleOf } from './axis.ts';
import type { AxisScale } from './axis.ts';
import { bars } from './histogram.ts';
import { drawTrace, escapeText, short } from './marks.ts';
import type { Axes } from './marks.ts';
import { column, number, pair, record, text } from './values.ts';
import type { Json } from './values.ts';

/** Options of `svgOf`. */
export interface SvgOptions {
  /** Pixels; default: what the layout says, else 520. */
  width?: number;
  /** Pixels; default: what the layout says, else as high as the axes ask for, else 340. */
  height?: number;
}

/** A rectangle of the paper. */
interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** What is drawn with one pair of axes. */
interface Panel {
  readonly traces: readonly Json[];
  readonly x: AxisScale;
  readonly y: AxisScale;
}

/**
 * A figure as a picture that needs no script: for README files, code-hosting sites and papers. It draws what this library's
 * own figures are made of: points, lines, heat maps, histograms and bars in one or several panels, linear, logarithmic and
 * category axes, legends and annotations. Traces of other types are left out.
 *
 * @returns one `<svg>` element as text, in a few tens of kB.
 */
export function svgOf({ data, layout }: Figure, options: SvgOptions = {}): string {
  const panels = panelsOf(data, layout);
  const legend = layout['showlegend'] === true ? namesOf(data) : [];
  const title = text(record(layout['title'])['text']);
  const margin = record(layout['margin']);
  const sides = {
    left: number(margin['l'], 56),
    right: number(margin['r'], 12),
    top: number(margin['t'], 14) + (legend.length > 0 ? 16 : 0) + (title === '' ? 0 : 22),
    bottom: number(margin['b'], 44),
  };
  const width = options.width ?? number(layout['width'], 520);
  const height = options.height ?? naturalHeight(panels, layout, width, sides);
  const paper: Box = {
    left: sides.left,
    right: width - sides.right,
    top: sides.top,
    bottom: height - sides.bottom,
  };
  const drawn = panels.map((panel) => drawPanel(panel, paper));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${short(height)}" viewBox="0 0 ${width} ${short(height)}"`,
    ` font-family="sans-serif" font-size="12" role="img">`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    ...drawn,
    title === ''
      ? ''
      : `<text x="${sides.left}" y="20" font-size="13" fill="#222222">${escapeText(title)}</text>`,
    drawLegend(legend, sides.left, sides.top - 10),
    drawAnnotations(layout, paper),
    '</svg>',
  ].join('');
}

/** Traces by their axes, in the order in which the axes appear. */
function panelsOf(data: readonly Json[], layout: Json): Panel[] {
  const byAxes = new Map<string, Json[]>();
  for (const trace of data) {
    const key = `${text(trace['xaxis'], 'x')} ${text(trace['yaxis'], 'y')}`;
    byAxes.set(key, [...(byAxes.get(key) ?? []), trace]);
  }
  return [...byAxes].map(([key, traces]) => {
    const [x = 'x', y = 'y'] = key.split(' ');
    const solid = traces.filter(({ type }) => type === 'bar' || type === 'histogram').flatMap(bars);
    const isMap = traces.some(({ type }) => type === 'heatmap');
    const spread = isMap ? 0 : 0.04;
    const across = traces.flatMap((trace) => (trace['type'] === 'histogram' ? [] : column(trace['x'])));
    const up = traces.flatMap((trace) => (trace['type'] === 'histogram' ? [] : column(trace['y'])));
    return {
      traces,
      x: scaleOf(axisOptions(layout, x), [...across, ...solid.flatMap(({ from, to }) => [from, to])], {
        spread,
      }),
      y: scaleOf(axisOptions(layout, y), [...up, ...solid.map(({ height }) => height)], {
        spread,
        fromZero: solid.length > 0,
      }),
    };
  });
}

/** `x2` is described by `xaxis2` of the layout. */
function axisOptions(layout: Json, name: string): Json {
  return record(layout[`${name.charAt(0)}axis${name.slice(1)}`]);
}

/** Panels whose units have one length are as high as that asks for. */
function naturalHeight(
  panels: readonly Panel[],
  layout: Json,
  width: number,
  sides: { left: number; right: number; top: number; bottom: number },
): number {
  const equal = panels.find(({ y }) => y.options['scaleanchor'] !== undefined);
  if (equal === undefined) return number(layout['height'], 340);
  const [from, to] = pair(equal.x.options['domain']) ?? [0, 1];
  const inner = (width - sides.left - sides.right) * (to - from);
  return (inner * lengthOf(equal.y.range)) / lengthOf(equal.x.range) + sides.top + sides.bottom;
}

function lengthOf([low, high]: readonly [number, number]): number {
  return high - low || 1;
}

function drawPanel({ traces, x, y }: Panel, paper: Box): string {
  const box = boxOf(x, y, paper);
  const axes: Axes = { x: layAxis(x, box.left, box.right), y: layAxis(y, box.bottom, box.top) };
  const [w, h] = [short(box.right - box.left), short(box.bottom - box.top)];
  const frame = `x="${short(box.left)}" y="${short(box.top)}" width="${w}" height="${h}"`;
  const view = `${short(box.left)} ${short(box.top)} ${w} ${h}`;
  return [
    drawGrid(axes, box),
    // An inner <svg> cuts off what lies outside, without an id that pages with many pictures would repeat.
    `<svg ${frame} viewBox="${view}">${traces.map((trace) => drawTrace(trace, axes)).join('')}</svg>`,
    `<rect ${frame} fill="none" stroke="#999999"/>`,
    drawLabels(axes, box),
  ].join('');
}

/** The part of the paper that the domains leave, smaller where both axes have the same length of a unit. */
function boxOf(x: AxisScale, y: AxisScale, paper: Box): Box {
  const [x0, x1] = pair(x.options['domain']) ?? [0, 1];
  const [y0, y1] = pair(y.options['domain']) ?? [0, 1];
  const [wide, high] = [paper.right - paper.left, paper.bottom - paper.top];
  const box = {
    left: paper.left + x0 * wide,
    right: paper.left + x1 * wide,
    top: paper.bottom - y1 * high,
    bottom: paper.bottom - y0 * high,
  };
  if (y.options['scaleanchor'] === undefined) return box;
  const [boxWidth, boxHeight] = [box.right - box.left, box.bottom - box.top];
  const unit = Math.min(boxWidth / lengthOf(x.range), boxHeight / lengthOf(y.range));
  const [spareX, spareY] = [boxWidth - unit * lengthOf(x.range), boxHeight - unit * lengthOf(y.range)];
  return {
    left: box.left + spareX / 2,
    right: box.right - spareX / 2,
    top: box.top + spareY / 2,
    bottom: box.bottom - spareY / 2,
  };
}

function drawGrid({ x, y }: Axes, { left, right, top, bottom }: Box): string {
  const across = y.ticks.map(({ at }) => `M${short(left)} ${short(at)}H${short(right)}`);
  const up = x.ticks.map(({ at }) => `M${short(at)} ${short(top)}V${short(bottom)}`);
  return `<path d="${[...across, ...up].join('')}" stroke="#eeeeee"/>`;
}

function drawLabels({ x, y }: Axes, { left, right, top, bottom }: Box): string {
  const [middleX, middleY] = [(left + right) / 2, (top + bottom) / 2];
  const parts = [
    ...x.ticks.map(
      ({ at, label }) =>
        `<text x="${short(at)}" y="${short(bottom + 15)}" text-anchor="middle" fill="#555555">${escapeText(label)}</text>`,
    ),
    ...y.ticks.map(
      ({ at, label }) =>
        `<text x="${short(left - 5)}" y="${short(at + 4)}" text-anchor="end" fill="#555555">${escapeText(label)}</text>`,
    ),
  ];
  if (x.title !== '') {
    parts.push(
      `<text x="${short(middleX)}" y="${short(bottom + 33)}" text-anchor="middle" fill="#333333">${escapeText(x.title)}</text>`,
    );
  }
  if (y.title !== '') {
    const longest = Math.max(4, ...y.ticks.map(({ label }) => label.length));
    const at = `${short(left - 12 - 6.5 * longest)} ${short(middleY)}`;
    parts.push(
      `<text transform="translate(${at}) rotate(-90)" text-anchor="middle" fill="#333333">${escapeText(y.title)}</text>`,
    );
  }
  return parts.join('');
}

function namesOf(data: readonly Json[]): { name: string; colour: string }[] {
  return data
    .filter((trace) => trace['name'] !== undefined && trace['showlegend'] !== false)
    .map((trace) => ({
      name: text(trace['name']),
      colour: text(record(trace['line'])['color'], text(record(trace['marker'])['color'], '#444444')),
    }));
}

/** A line of names; letters are taken to be 6.2 pixels wide. */
function drawLegend(names: readonly { name: string; colour: string }[], left: number, y: number): string {
  let at = left;
  return names
    .map(({ name, colour }) => {
      const entry = `<path d="M${short(at)} ${short(y - 4)}h14" stroke="${colour}" stroke-width="3"/><text x="${short(at + 18)}" y="${short(y)}" fill="#333333">${escapeText(name)}</text>`;
      at += 34 + 6.2 * name.length;
      return entry;
    })
    .join('');
}

/** Words at shares of the paper, such as the titles of panels. */
function drawAnnotations(layout: Json, { left, right, top, bottom }: Box): string {
  const annotations: unknown = layout['annotations'];
  if (!Array.isArray(annotations)) return '';
  return annotations
    .map(record)
    .filter(({ xref, yref }) => xref === 'paper' && yref === 'paper')
    .map((annotation) => {
      const x = left + number(annotation['x'], 0.5) * (right - left);
      const y = bottom - number(annotation['y'], 1) * (bottom - top);
      return `<text x="${short(x)}" y="${short(y - 5)}" text-anchor="middle" fill="#222222">${escapeText(text(annotation['text']))}</text>`;
    })
    .join('');
}
