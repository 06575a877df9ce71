import type { ComparisonResults } from '../compare/results.ts';
import { grouped } from './columns.ts';
import type { FigureSection } from './figure.ts';
import { markup, inlineScript, jsonForScript, trusted } from './html.ts';
import type { Html } from './html.ts';
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
  const figures = figureSections.flatMap((section) => section.figures);
  const numbers = new Map(figures.map((figure, i) => [figure, i]));
  const sections: Section[] = [
    { id: 'results', title: 'Results', body: resultsTable(results) },
    ...figureSections.map((section) => figureSection(section, numbers)),
    { id: 'settings', title: 'Settings', body: settings(results) },
  ];
  const title = `${results.data.name}: ${results.models.map((model) => model.name).join(', ')}`;
  const page = markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <style>
          ${trusted(style)}
        </style>
      </head>
      <body>
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
              markup`<section id="${id}">
                <h2>${title}</h2>
                ${body}
              </section>`,
          )}
        </main>
        <footer>Made by Liouville. The numbers are in results.json beside this file.</footer>
        <noscript><p>The figures are drawn by JavaScript, which is switched off here; the tables are complete.</p></noscript>
        <script type="application/json" id="figure-data">${jsonForScript(figures.map(({ figure }) => figure))}</script>
        <script>${inlineScript(plotlySource)}</script>
        <script>${trusted(script)}</script>
      </body>
    </html> `;
  return page.text;
}

function description({ data, settings }: ComparisonResults): Html {
  const { train, validation, test } = data.rows;
  const entropy =
    data.entropy === null
      ? ''
      : ` Its entropy is ${data.entropy.toFixed(3)} nats, so no model can reach a mean log-likelihood above ${(-data.entropy).toFixed(3)}.`;
  return markup`<p class="lead">
    ${data.dim} ${data.dim === 1 ? 'column' : 'columns'}; ${grouped(train)} rows to train on,
    ${grouped(validation)} to validate, ${grouped(test)} to test. Each model took up to
    ${grouped(settings.steps)} steps of ${grouped(settings.batch)} rows on the same data.${entropy}
  </p>`;
}

function figureSection(
  { id, title, text, size, figures }: FigureSection,
  numbers: ReadonlyMap<FigureSection['figures'][number], number>,
): Section {
  const panels = figures.map(
    (figure) =>
      markup`<figure>
        <h3>${figure.title}</h3>
        <div
          class="plot"
          data-figure="${numbers.get(figure)!}"
          role="img"
          aria-label="${figure.description}"
        ></div>
        <figcaption>${figure.description}</figcaption>
      </figure>`,
  );
  return {
    id,
    title,
    body: markup`<p>${text}</p>
      <div class="figures ${size}">${panels}</div>`,
  };
}

function settings({ settings, data, versions }: ComparisonResults): Html {
  return markup`<p>What is needed to make these numbers again.</p>
    ${settingsTable({ data: data.name, columns: data.columns.join(', '), ...settings })}
    <h3>Versions</h3>
    ${settingsTable(versions)}`;
}
