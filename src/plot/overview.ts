import type { ComparisonResults, ModelResult } from '../compare/results.ts';
import { markup, trusted } from './html.ts';
import type { Html } from './html.ts';
import { NOTHING, fixed, significant } from './numbers.ts';
import { style } from './style.ts';

/** The comparison on one data set, and where its own report is. */
export interface ComparedData {
  readonly results: ComparisonResults;
  /** Of the link, relative to the overview. */
  readonly report: string;
}

/** Models this near to the best of a data set, in nats, are marked with it. */
const NEAR = 0.01;

/**
 * Comparisons on several data sets as one page without a script: distance to the truth, seconds of training and samples per
 * second, a line for each model and a column for each data set, and where each model does best and worst. The distance is
 * KL(data || model) where the data's density is known, else how far the test log-likelihood is below the best model's, nats.
 * Everything that comes from data is escaped.
 */
export function overviewHtml(compared: readonly ComparedData[]): string {
  const names = [...new Set(compared.flatMap(({ results }) => results.models.map(({ name }) => name)))];
  const all = compared.map((one): Column => ({ ...one, distances: distancesOf(one.results) }));
  const page = markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Normalizing flows on ${all.length} data sets</title>
        <link rel="icon" href="data:," />
        <style>
          ${trusted(style)}
        </style>
      </head>
      <body>
        <header>
          <h1>Normalizing flows on ${all.length} data sets</h1>
          <p class="lead">${names.length} models, each trained and measured in the same way; a data set's name leads to its own report.</p>
        </header>
        <main>
          <section>
            <h2>Distance to the truth, nats</h2>
            <p class="note">
              KL(data || model), or, where the density of the data is unknown, nats of test log-likelihood behind the best model.
              <strong>★</strong> marks the best of a data set and what is within ${NEAR} of it.
            </p>
            ${table(names, all, distanceCell)}
          </section>
          <section>
            <h2>Where each model does best and worst</h2>
            ${extremes(names, all)}
          </section>
          <section>
            <h2>Training, seconds</h2>
            ${table(names, all, (model) => markup`<td>${significant(model.trainSeconds)}</td>`)}
          </section>
          <section>
            <h2>Samples per second</h2>
            ${table(names, all, (model) => markup`<td>${significant(model.samplesPerSecond)}</td>`)}
          </section>
          <section>
            <h2>Commands</h2>
            ${all.map(({ results }) => markup`<pre class="command">${results.command ?? NOTHING}</pre>`)}
          </section>
        </main>
      </body>
    </html>`;
  return `${page.text}\n`;
}

interface Column extends ComparedData {
  /** By model; null where nothing was measured. */
  readonly distances: ReadonlyMap<string, number | null>;
}

function distancesOf({ models }: ComparisonResults): Map<string, number | null> {
  const best = Math.max(...models.map(({ testLogLikelihood: { mean } }) => mean ?? -Infinity));
  return new Map(
    models.map(({ name, klToTruth, testLogLikelihood: { mean } }) => [
      name,
      klToTruth ?? (mean === null ? null : best - mean),
    ]),
  );
}

function table(
  names: readonly string[],
  columns: readonly Column[],
  cell: (model: ModelResult, column: Column) => Html,
): Html {
  return markup`<div class="wide" tabindex="0" role="region" aria-label="Table, scrolls sideways">
      <table class="results">
        <thead>
          <tr>
            <th scope="col">model</th>
            ${columns.map(({ results, report }) => markup`<th scope="col"><a href="${report}">${results.data.name}</a></th>`)}
          </tr>
        </thead>
        <tbody>
          ${names.map(
            (name) =>
              markup`<tr>
                <th scope="row">${name}</th>
                ${columns.map((column) => {
                  const model = column.results.models.find((one) => one.name === name);
                  if (model === undefined) return markup`<td>${NOTHING}</td>`;
                  return model.status === 'failed'
                    ? markup`<td class="failed" title="${model.message ?? ''}">failed</td>`
                    : cell(model, column);
                })}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

function distanceCell({ name }: ModelResult, { distances }: Column): Html {
  const distance = distances.get(name) ?? null;
  const best = Math.min(...[...distances.values()].flatMap((value) => value ?? []));
  if (distance === null || distance > best + NEAR) return markup`<td>${fixed(distance, 3)}</td>`;
  return markup`<td class="best">
    <strong>${fixed(distance, 3)} <span role="img" aria-label="best">★</span></strong>
  </td>`;
}

function extremes(names: readonly string[], columns: readonly Column[]): Html {
  const lines = names.map((name) => {
    const found = columns
      .flatMap(({ results, distances }) => {
        const distance = distances.get(name) ?? null;
        return distance === null ? [] : [{ data: results.data.name, distance }];
      })
      .toSorted((a, b) => a.distance - b.distance);
    const failures = columns.flatMap(({ results }) =>
      results.models.some((one) => one.name === name && one.status === 'failed') ? [results.data.name] : [],
    );
    const say = (at: number): string => {
      const one = found.at(at);
      return one === undefined ? NOTHING : `${one.data}, ${one.distance.toFixed(3)}`;
    };
    return markup`<tr>
      <th scope="row">${name}</th>
      <td>${say(0)}</td>
      <td>${say(-1)}</td>
      <td>${failures.length === 0 ? 'none' : failures.join(', ')}</td>
    </tr>`;
  });
  return markup`<div class="wide" tabindex="0" role="region" aria-label="Table, scrolls sideways">
    <table class="results">
      <thead>
        <tr>
          <th scope="col">model</th>
          <th scope="col">nearest on</th>
          <th scope="col">farthest on</th>
          <th scope="col">failed on</th>
        </tr>
      </thead>
      <tbody>
        ${lines}
      </tbody>
    </table>
  </div>`;
}
