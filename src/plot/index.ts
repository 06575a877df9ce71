/** Figures as plotly's JSON, tables, the report, and pages of clouds. */
export { cloudPageHtml } from './cloud-page.ts';
export type { CloudPage, CloudScene, CloudView } from './cloud-page.ts';
export { baseLayout, colourOf, DATA_COLOUR, packed } from './figure.ts';
export type { CaptionedFigure, Figure, FigureGroup, FigureSection, NumberArray, Stop } from './figure.ts';
export {
  columnOf,
  densityFigure,
  densityLineFigure,
  panelLayout,
  pointsFigure,
  pointsTrace,
  signedFigure,
} from './panel.ts';
export type { DensityGrid, Window } from './panel.ts';
export { marginalsFigure } from './marginals.ts';
export type { MarginalColumn } from './marginals.ts';
export { evaluationsFigure, lossFigure } from './curves.ts';
export type { Curve } from './curves.ts';
export { fieldFigure, fieldStops, pathDensityFigure, rowCostFigure, waysTrace } from './inside.ts';
export type { WayStop } from './inside.ts';
export { costFigure, seedsFigure } from './cost.ts';
export type { CostPoint } from './cost.ts';
export { behindBest, bestModel, likelihoodOf } from './differences.ts';
export { grouped, significant } from './numbers.ts';
export { bestIn, quantitiesFor } from './quantities.ts';
export type { Quantity, QuantityGroup } from './quantities.ts';
export { escapeHtml } from './html.ts';
export { overviewHtml } from './overview.ts';
export type { ComparedData } from './overview.ts';
export { reportHtml } from './report.ts';
export { sideBySide } from './side-by-side.ts';
export type { TitledFigure } from './side-by-side.ts';
export { svgOf } from './svg/svg.ts';
export type { SvgOptions } from './svg/svg.ts';
