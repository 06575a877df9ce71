import { LiouvilleError } from '../errors.ts';
import type { Flow } from '../flow/index.ts';
import type { Matrix } from '../matrix.ts';
import { svgOf } from '../plot/index.ts';
import type { CaptionedFigure, Figure } from '../plot/index.ts';
import { currentHost } from './host.ts';
import type { Host } from './host.ts';
import type { MimeBundle } from './mime.ts';
import { flowBundle } from './summary.ts';
import { matrixBundle, tableBundle } from './table.ts';
import type { TableRows } from './table.ts';

/** What `show` shows: a figure, with its words or without, rows of a table, a matrix, or a flow. */
export type Showable = Figure | CaptionedFigure | TableRows | Matrix | Flow;

/**
 * Shows a figure, a table, the first rows of a matrix, or the summary of a flow, below what was shown before: in the
 * notebook (the kernels of Deno and tslab), at the end of the page in a browser, as text on the console elsewhere.
 *
 * A figure comes as plotly's JSON, which JupyterLab makes interactive, and as a picture (SVG), which code-hosting sites
 * show. `host` is where else to show it.
 *
 * @throws LiouvilleError 'invalid-argument' for a value that is none of these.
 */
export async function show(value: Showable, host: Host = currentHost()): Promise<void> {
  await host.open().put(bundleOf(value));
}

/** Every form of a value, as `show` hands it to its host. Throws as `show` does. */
export function bundleOf(value: Showable): MimeBundle {
  if (isRows(value)) return tableBundle(value);
  if (typeof value === 'object' && value !== null) {
    if ('figure' in value) return figureBundle(value.figure, value.title);
    if ('layout' in value) return figureBundle(value, 'figure');
    if ('logProb' in value) return flowBundle(value);
    if ('cols' in value) return matrixBundle(value);
  }
  throw new LiouvilleError(
    'invalid-argument',
    `show: expected a figure, rows of a table, a matrix or a flow; got ${typeof value}.`,
  );
}

function isRows(value: Showable): value is TableRows {
  return Array.isArray(value);
}

function figureBundle(figure: Figure, title: string): MimeBundle {
  const { data, layout } = figure;
  return {
    'application/vnd.plotly.v1+json': { data, layout: { paper_bgcolor: '#ffffff', ...layout } },
    'image/svg+xml': svgOf(figure),
    'text/plain': `[${title}: ${data.length} ${data.length === 1 ? 'trace' : 'traces'}]`,
  };
}
