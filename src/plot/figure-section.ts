import type { CaptionedFigure, FigureGroup, FigureSection } from './figure.ts';
import { markup } from './html.ts';
import type { Html } from './html.ts';

/** All figures of the report, in the order of the page. */
export function figuresOf(sections: readonly FigureSection[]): CaptionedFigure[] {
  return sections.flatMap(({ groups }) => groups.flatMap(({ figures }) => figures));
}

/** The figures of a section; with several groups behind tabs, with stops below a player. */
export function sectionBody(section: FigureSection, numberOf: (figure: CaptionedFigure) => number): Html {
  const { id, text, groups, scale } = section;
  const moves = groups.some(({ figures }) => figures.some(({ stops }) => stops !== undefined));
  const panels = groups.map((group, i) => groupPanel(section, group, i, numberOf));
  return markup`<p>${text}</p>
    ${groups.length > 1 ? tabs(id, groups) : ''} ${moves ? player(id) : ''}
    ${scale === undefined ? '' : scaleBar(scale)} ${panels}`;
}

function tabs(id: string, groups: readonly FigureGroup[]): Html {
  return markup`<div class="tabs" role="tablist" aria-label="Figures of this section">
    ${groups.map(
      ({ label }, i) =>
        markup`<button
          type="button"
          role="tab"
          id="${id}-tab-${i}"
          aria-controls="${id}-panel-${i}"
          aria-selected="${i === 0 ? 'true' : 'false'}"
          tabindex="${i === 0 ? 0 : -1}"
        >
          ${label}
        </button>`,
    )}
  </div>`;
}

function player(id: string): Html {
  return markup`<div class="player" data-player="${id}">
    <button type="button" class="play">Play</button>
    <label>
      <span class="hidden">From the latent space to the data</span>
      <input type="range" min="0" max="1000" step="1" value="1000" />
    </label>
    <output></output>
  </div>`;
}

function scaleBar(most: number): Html {
  return markup`<div class="scale" role="img" aria-label="Colour scale from 0 to ${most.toPrecision(2)}">
    <span>0</span><span class="bar"></span><span>${most.toPrecision(2)}</span>
  </div>`;
}

function groupPanel(
  { id, size, groups }: FigureSection,
  { label, figures }: FigureGroup,
  index: number,
  numberOf: (figure: CaptionedFigure) => number,
): Html {
  const panels = figures.map(
    (figure) =>
      markup`<figure>
        <h3>${figure.title}</h3>
        <div
          class="plot"
          data-figure="${numberOf(figure)}"
          role="img"
          aria-label="${figure.description}"
        ></div>
        <figcaption>
          ${figure.description} ${figure.stops === undefined ? '' : markup`<span class="stop"></span>`}
        </figcaption>
      </figure>`,
  );
  const body = markup`<div class="figures ${size === 'wide' ? 'wide-figures' : size}">${panels}</div>`;
  if (groups.length === 1) return body;
  return markup`<div
    role="tabpanel"
    id="${id}-panel-${index}"
    aria-labelledby="${id}-tab-${index}"
    class="panel${index === 0 ? '' : ' closed'}"
  >
    <p class="on-paper">${label}</p>
    ${body}
  </div>`;
}
