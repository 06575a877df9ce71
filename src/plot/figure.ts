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
}

/** A part of the report. */
export interface FigureSection {
  /** Unique in the report; letters and hyphens. */
  id: string;
  title: string;
  text: string;
  /** Small ones stand side by side to be compared. */
  size: 'small' | 'large';
  figures: readonly CaptionedFigure[];
}

/** Colours that can be told apart on white and on black, and by readers who confuse red and green (Okabe and Ito, 2008). */
const palette = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#8c6d31', '#7f7f7f'];

/** The colour of the model that stands at this place. */
export function colourOf(index: number): string {
  return palette[index % palette.length]!;
}

/** Numbers short enough for a file; null where not finite, as JSON has no other word for them. */
export function shortened(values: Iterable<number>, digits = 5): (number | null)[] {
  return Array.from(values, (value) => (Number.isFinite(value) ? Number(value.toPrecision(digits)) : null));
}

/** Room around the axes; above them are the buttons. */
export const margin = { l: 52, r: 10, t: 30, b: 44 } as const;

/** The layout that all figures share; the page adds its colours. */
export function baseLayout(): Record<string, unknown> {
  return {
    margin,
    height: 360,
    showlegend: false,
    hoverlabel: { namelength: -1 },
  };
}
