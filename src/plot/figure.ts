/** A figure as plain JSON, as plotly takes it. */
export interface Figure {
  data: Record<string, unknown>[];
  layout: Record<string, unknown>;
}

/** A figure with its words. */
export interface CaptionedFigure {
  title: string;
  /** What the figure shows, for readers who do not see it. */
  description: string;
  figure: Figure;
  /** Where the points of the last trace are on their way; the page then has a slider for it. */
  stops?: readonly Stop[];
}

/** Where points are at one stop of their way. */
export interface Stop {
  label: string;
  x: NumberArray;
  y: NumberArray;
}

/** Figures of which the reader sees one group at a time. */
export interface FigureGroup {
  label: string;
  figures: readonly CaptionedFigure[];
}

/** A part of the report: a heading, a paragraph, and figures in one or several tabs. */
export interface FigureSection {
  /** Unique in the report; letters and hyphens. */
  id: string;
  title: string;
  text: string;
  /** Small ones stand side by side to be compared. */
  size: 'small' | 'large' | 'wide';
  /** With several groups the section has tabs. */
  groups: readonly FigureGroup[];
  /** The common colour scale of density maps, from 0 to this. */
  scale?: number;
}

/** Colours that can be told apart on white and on black, and by readers who confuse red and green (Okabe and Ito, 2008). */
const palette = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#8c6d31'];

/** The data are grey, so that no model has their colour. */
export const DATA_COLOUR = '#8a8a8a';

/** The colour of the model that stands at this place. */
export function colourOf(index: number): string {
  return palette[index % palette.length]!;
}

/** Numbers as plotly takes them from JSON: little-endian float32 in base64, a third of their size as text. */
export interface NumberArray {
  dtype: 'f4';
  bdata: string;
  /** "rows,columns" of a matrix. */
  shape?: string;
}

/** Packs numbers; what is not finite becomes NaN, which plotly leaves out. */
export function packed(
  values: ArrayLike<number>,
  shape?: readonly [rows: number, columns: number],
): NumberArray {
  const view = new DataView(new ArrayBuffer(4 * values.length));
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    view.setFloat32(4 * i, Number.isFinite(value) ? value : NaN, true);
  }
  const bytes = new Uint8Array(view.buffer);
  let text = '';
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  const bdata = btoa(text);
  return shape === undefined ? { dtype: 'f4', bdata } : { dtype: 'f4', bdata, shape: shape.join(',') };
}

/** Text that plotly shows as it is: without this, `<b>` in a name would be markup to it. */
export function literal(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The layout that all figures share; the page adds its colours. */
export function baseLayout(): Record<string, unknown> {
  return {
    margin: { l: 56, r: 12, t: 30, b: 44 },
    height: 360,
    showlegend: false,
    hoverlabel: { namelength: -1 },
  };
}
