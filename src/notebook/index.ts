/** What notebooks call: show figures, tables and flows, and trainings while they go on. */
export { bundleOf, show } from './show.ts';
export type { Showable } from './show.ts';
export { currentHost } from './host.ts';
export type { Host, HostGlobals, HostName, Place } from './host.ts';
export type { MimeBundle } from './mime.ts';
export { progress } from './progress.ts';
export type { ProgressOptions } from './progress.ts';
export { summary } from './summary.ts';
export type { Cell, TableRows } from './table.ts';
export { densityPanel, gridPanel, linesFigure, pointsPanel, waysPanel } from './panels.ts';
export type { DensityPanelOptions, GridPanelOptions, Line, PanelOptions } from './panels.ts';
