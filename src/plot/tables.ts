import type { ComparisonResults, ModelResult } from '../compare/results.ts';
import { colourOf } from './figure.ts';
import { markup } from './html.ts';
import type { Html } from './html.ts';
import { probability, significant, withError } from './numbers.ts';
import { bestIn, quantitiesFor } from './quantities.ts';
import type { Quantity, QuantityGroup } from './quantities.ts';

/** The comparison as a table, a column for each model; the best of a line are bold and starred. */
export function resultsTable(results: ComparisonResults): Html {
  const { models } = results;
  const groups = quantitiesFor(results);
  const failed = models.filter((model) => model.status === 'failed');
  return markup`<div class="wide" tabindex="0" role="region" aria-label="Results, scrolls sideways">
      <table class="results">
        <thead>
          <tr>
            <th scope="col">quantity</th>
            ${models.map(modelHead)}
          </tr>
        </thead>
        ${groups.map((group) => groupRows(group, results))}
      </table>
    </div>
    <p class="note">
      <strong>★</strong> marks the best of a line, and what cannot be told from it (p ≥ 0.05).
      ${floor(results)}
    </p>
    ${failed.map(
      ({ name, message }) =>
        markup`<p class="failed">${name} failed: ${message ?? 'no reason was given'}</p>`,
    )}
    <details>
      <summary>What the lines mean</summary>
      <dl class="meanings">${groups.flatMap(({ quantities }) => quantities.map(meaning))}</dl>
    </details>
    ${differencesTable(results)}`;
}

/** Names and values of nested settings, one line each: `quadrature.tolerance`. */
export function settingsTable(caption: string, settings: object): Html {
  const rows = leaves(settings).map(
    ([name, value]) =>
      markup`<tr>
        <th scope="row">${name}</th>
        <td>${value}</td>
      </tr>`,
  );
  return markup`<table class="settings">
    <caption>
      ${caption}
    </caption>
    <tbody>
      ${rows}
    </tbody>
  </table>`;
}

function modelHead({ name, status }: ModelResult, index: number): Html {
  return markup`<th scope="col">
    <span class="swatch" style="background: ${colourOf(index)}"></span>${name}
    ${status === 'failed' ? markup`<small>failed</small>` : ''}
  </th>`;
}

function groupRows({ title, quantities }: QuantityGroup, results: ComparisonResults): Html {
  return markup`<tbody>
    <tr class="group">
      <th scope="rowgroup" colspan="${results.models.length + 1}">${title}</th>
    </tr>
    ${quantities.map((quantity) => row(quantity, results))}
  </tbody>`;
}

function row(quantity: Quantity, results: ComparisonResults): Html {
  const best = bestIn(quantity, results);
  const cells = results.models.map((model) => {
    const text = quantity.text(model, results);
    return best.has(model)
      ? markup`<td class="best">
          <strong>${text} <span role="img" aria-label="best">★</span></strong>
        </td>`
      : markup`<td>${text}</td>`;
  });
  return markup`<tr>
    <th scope="row">${quantity.title} ${quantity.unit === '' ? '' : markup`<small>${quantity.unit}</small>`}</th>
    ${cells}
  </tr>`;
}

function meaning({ title, meaning }: Quantity): Html {
  return markup`<div>
    <dt>${title}</dt>
    <dd>${meaning}</dd>
  </div>`;
}

/** What the two-sample checks say where nothing is modelled. */
function floor({ data: { twoSample } }: ComparisonResults): Html {
  if (twoSample === null) return markup``;
  const { energyDistance, pValue, slicedWasserstein } = twoSample;
  return markup`Validation rows beside test rows, both real, have an energy distance of
    ${significant(energyDistance, 2)} (p = ${probability(pValue)}) and a sliced Wasserstein distance of
    ${significant(slicedWasserstein, 2)}: no model can be expected to come closer.`;
}

function differencesTable({ differences }: ComparisonResults): Html {
  if (differences.length === 0) return markup``;
  const rows = differences.map(
    ({ a, b, mean, standardError, seedStandardError, pValue }) =>
      markup`<tr>
        <th scope="row">${a} − ${b}</th>
        <td>${withError(mean, standardError, 4)}</td>
        <td>${seedStandardError === null ? '–' : seedStandardError.toFixed(4)}</td>
        <td>${probability(pValue)}</td>
      </tr>`,
  );
  return markup`<details>
    <summary>Differences between all pairs of models</summary>
    <p class="note">
      Mean difference of the log-density of a test row, in nats, with its standard error over the rows and over the
      seeds, and the two-sided p-value of no difference (Welch's t-test). It is not corrected for the number of pairs.
    </p>
    <div class="wide" tabindex="0" role="region" aria-label="Differences, scrolls sideways">
      <table class="differences">
        <thead>
          <tr>
            <th scope="col">pair</th>
            <th scope="col">difference</th>
            <th scope="col">over seeds</th>
            <th scope="col">p</th>
          </tr>
        </thead>
        <tbody>
          ${rows}
        </tbody>
      </table>
    </div>
  </details>`;
}

function leaves(value: object, path = ''): [string, string][] {
  return Object.entries(value).flatMap(([key, entry]: [string, unknown]): [string, string][] => {
    const name = path === '' ? key : `${path}.${key}`;
    if (typeof entry === 'object' && entry !== null) return leaves(entry, name);
    return [[name, String(entry)]];
  });
}
