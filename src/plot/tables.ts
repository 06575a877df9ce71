import type { ComparisonResults, ModelResult } from '../compare/results.ts';
import { bestIn, columnsFor } from './columns.ts';
import type { Column } from './columns.ts';
import { markup } from './html.ts';
import type { Html } from './html.ts';

/** The comparison as a table; the best of a column is bold and starred. */
export function resultsTable({ models }: ComparisonResults): Html {
  const columns = columnsFor(models);
  const head = columns.map(
    ({ title: [name, unit] }) =>
      markup`<th scope="col">${name}${unit === '' ? '' : markup` <small>${unit}</small>`}</th>`,
  );
  return markup`<div class="wide" tabindex="0" role="region" aria-label="Results, scrolls sideways">
      <table class="results">
        <thead>
          <tr>
            <th scope="col">model</th>
            ${head}
          </tr>
        </thead>
        <tbody>
          ${models.map((model) => row(model, columns, models))}
        </tbody>
      </table>
    </div>
    <p class="note"><strong>★</strong> marks the best of a column.</p>
    <details>
      <summary>What the columns mean</summary>
      <dl class="meanings">${columns.map(meaning)}</dl>
    </details>`;
}

/** Names and values of nested settings, one line each: `quadrature.tolerance`. */
export function settingsTable(settings: object): Html {
  const rows = leaves(settings).map(
    ([name, value]) =>
      markup`<tr>
        <th scope="row">${name}</th>
        <td>${value}</td>
      </tr>`,
  );
  return markup`<table class="settings">
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

function row(model: ModelResult, columns: readonly Column[], models: readonly ModelResult[]): Html {
  const cells = columns.map((column) => {
    const text = column.text(model);
    return bestIn(column, models).has(model)
      ? markup`<td class="best">
          <strong>${text} <span title="best">★</span></strong>
        </td>`
      : markup`<td>${text}</td>`;
  });
  const cause = markup`<tr class="failed">
    <td colspan="${columns.length + 1}">${model.name} failed: ${model.message ?? 'no reason was given'}</td>
  </tr>`;
  return markup`<tr>
      <th scope="row">${model.name}</th>
      ${cells}
    </tr>
    ${model.status === 'failed' ? cause : ''}`;
}

function meaning({ title: [name], meaning }: Column): Html {
  return markup`<div>
    <dt>${name}</dt>
    <dd>${meaning}</dd>
  </div>`;
}

function leaves(value: object, path = ''): [string, string][] {
  return Object.entries(value).flatMap(([key, entry]: [string, unknown]): [string, string][] => {
    const name = path === '' ? key : `${path}.${key}`;
    if (typeof entry === 'object' && entry !== null) return leaves(entry, name);
    return [[name, String(entry)]];
  });
}
