import type { ComparisonResults } from '../compare/results.ts';
import { bestModel } from './differences.ts';
import type { FigureSection } from './figure.ts';
import { figuresOf, sectionBody } from './figure-section.ts';
import { markup, inlineScript, jsonForScript, trusted } from './html.ts';
import type { Html } from './html.ts';
import { grouped } from './numbers.ts';
import { script } from './script.ts';
import { style } from './style.ts';
import { resultsTable, settingsTable } from './tables.ts';

/** A part of the page. */
interface Section {
  id: string;
  title: string;
  body: Html;
}

/**
 * The report as one page that needs nothing else: it opens offline, on a phone, in the dark and on paper.
 * `plotlySource` is the text of plotly's browser bundle. Everything that comes from data is escaped.
 */
export function reportHtml(
  results: ComparisonResults,
  figureSections: readonly FigureSection[],
  plotlySource: string,
): string {
  const figures = figuresOf(figureSections);
  const sections: Section[] = [
    { id: 'results', title: 'Results', body: resultsTable(results) },
    ...figureSections.map((section) => ({
      id: section.id,
      title: section.title,
      body: sectionBody(section, (figure) => figures.indexOf(figure)),
    })),
    { id: 'settings', title: 'Settings', body: settings(results) },
  ];
  const title = `${results.data.name}: ${results.models.map((model) => model.name).join(', ')}`;
  const island = figures.map(({ figure, stops }) => (stops === undefined ? figure : { ...figure, stops }));
  const page = markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <style>
          ${trusted(style)}
        </style>
      </head>
      <body>
        <a class="skip" href="#results">Skip to the results</a>
        <header>
          <h1>Normalizing flows on ${results.data.name}</h1>
          ${description(results)}
          <nav aria-label="Contents">
            <ul>
              ${sections.map(({ id, title }) => markup`<li><a href="#${id}">${title}</a></li>`)}
            </ul>
          </nav>
        </header>
        <main>
          ${sections.map(
            ({ id, title, body }) =>
              markup`<section id="${id}" aria-labelledby="${id}-title">
                <h2 id="${id}-title">${title}</h2>
                ${body}
              </section>`,
          )}
        </main>
        <footer>Made by Liouville. The numbers are in results.json beside this file.</footer>
        <noscript><p>The figures are drawn by JavaScript, which is switched off here; the tables are complete.</p></noscript>
        <script type="application/json" id="figure-data">${jsonForScript(island)}</script>
        <script>${inlineScript(plotlySource)}</script>
        <script>${trusted(script)}</script>
      </body>
    </html> `;
  return page.text;
}

function description(results: ComparisonResults): Html {
  const { data, settings } = results;
  const { train, validation, test } = data.rows;
  const entropy =
    data.entropy === null
      ? ''
      : ` Its entropy is ${data.entropy.toFixed(3)} nats, so no model can reach a mean log-likelihood above ${(-data.entropy).toFixed(3)}.`;
  const seeds = settings.seeds === 1 ? '' : `, with each of ${settings.seeds} seeds,`;
  const best = bestModel(results);
  const verdict = best === null ? '' : markup` Best on the test rows: <strong>${best.name}</strong>.`;
  return markup`<p class="lead">
    ${data.dim} ${data.dim === 1 ? 'column' : 'columns'}; ${grouped(train)} rows to train on,
    ${grouped(validation)} to validate, ${grouped(test)} to test. Each model took${seeds} up to
    ${budget(settings)} of ${grouped(settings.batch)} rows on the same data.${entropy}${verdict}
  </p>`;
}

/** 2,000 steps, steps for 30 s, or both. */
function budget({ steps, seconds }: ComparisonResults['settings']): string {
  const count = steps === null ? 'steps' : `${grouped(steps)} steps`;
  return seconds === null ? count : `${count} for ${seconds} s`;
}

function settings({ settings, data, versions, models, command }: ComparisonResults): Html {
  const rates = models.map(({ name, learningRate }) => [name, learningRate ?? 'closed form']);
  return markup`<p>What is needed to make these numbers again.</p>
    ${command === null ? '' : markup`<pre class="command" tabindex="0"><code>${command}</code></pre>`}
    <div class="side">
      ${settingsTable('Settings', { data: data.name, columns: data.columns.join(', '), ...settings })}
      <div>
        ${settingsTable('Learning rates', Object.fromEntries(rates) as object)}
        ${settingsTable('Versions', versions)}
      </div>
    </div>`;
}
