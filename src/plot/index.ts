/** Figures as plotly's JSON, tables, and the report. */
export { baseLayout, colourOf, shortened } from './figure.ts';
export type { CaptionedFigure, Figure, FigureSection } from './figure.ts';
export { densityFigure, densityLineFigure, pointsFigure } from './panel.ts';
export type { DensityGrid, Window } from './panel.ts';
export { lossFigure } from './curves.ts';
export type { Curve } from './curves.ts';
export { bestIn, columnsFor, grouped, significant } from './columns.ts';
export type { Column } from './columns.ts';
export { escapeHtml } from './html.ts';
export { reportHtml } from './report.ts';
