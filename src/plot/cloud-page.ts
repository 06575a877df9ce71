import { LiouvilleError } from '../errors.ts';
import type { Matrix } from '../matrix.ts';
import { cloudScript } from './cloud-script.ts';
import { inlineScript, jsonForScript, markup, trusted } from './html.ts';
import type { Html } from './html.ts';
import { style } from './style.ts';

/** Clouds of three coordinates that are shown in one place, one at a time. */
export interface CloudView {
  readonly name: string;
  readonly clouds: readonly Matrix[];
}

/** Views side by side, which turn together and move together from cloud to cloud. */
export interface CloudScene {
  readonly title: string;
  readonly text: string;
  readonly views: readonly CloudView[];
  /** What the slider counts, such as 'cloud' or 'step'. */
  readonly step: string;
  /** Clouds in a second while it plays. */
  readonly pace: number;
  /** The clouds of a view are the same points on their way, which keep the colours of where they end. */
  readonly isWay: boolean;
}

/** A page of clouds. */
export interface CloudPage {
  readonly title: string;
  readonly scenes: readonly CloudScene[];
  /** Which axis points up. */
  readonly up: 'x' | 'y' | 'z';
}

/**
 * A self-contained page with rotatable clouds. `plotlySource` is the text of plotly's browser bundle. Everything that comes
 * from data is escaped. Throws 'shape-mismatch' for points of other than three coordinates.
 */
export function cloudPageHtml({ title, scenes, up }: CloudPage, plotlySource: string): string {
  const data = { up, scenes: scenes.map(sceneData) };
  return markup`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title}</title>
        <link rel="icon" href="data:," />
        <style>
          ${trusted(style)} ${trusted(cloudStyle)}
        </style>
      </head>
      <body>
        <header><h1>${title}</h1></header>
        <main>${scenes.map(sceneBody)}</main>
        <footer>Made by Liouville. Drag to turn, scroll to come nearer.</footer>
        <noscript><p>The clouds are drawn by JavaScript, which is switched off here.</p></noscript>
        <script type="application/json" id="clouds">${jsonForScript(data)}</script>
        <script>${inlineScript(plotlySource)}</script>
        <script>${trusted(cloudScript)}</script>
      </body>
    </html> `.text;
}

const cloudStyle = `
.views { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); }
.cloud { height: min(60vh, 30rem); }
figcaption { text-align: center; }`;

function sceneBody({ title, text, views, step }: CloudScene, index: number): Html {
  const most = Math.max(...views.map(({ clouds }) => clouds.length)) - 1;
  return markup`<section id="scene-${index}" aria-labelledby="scene-${index}-title">
    <h2 id="scene-${index}-title">${title}</h2>
    <p>${text}</p>
    ${most === 0 ? '' : player(step, most)}
    <div class="views">
      ${views.map(
        ({ name }) =>
          markup`<figure>
            <div class="plot cloud" role="img" aria-label="${title}: ${name}"></div>
            <figcaption>${name}</figcaption>
          </figure>`,
      )}
    </div>
  </section>`;
}

function player(step: string, most: number): Html {
  return markup`<div class="player">
    <button type="button" class="play">Play</button>
    <label>
      <span class="hidden">${step}</span>
      <input type="range" min="0" max="${most}" step="1" value="0" />
    </label>
    <output>${step} 1 of ${most + 1}</output>
  </div>`;
}

/** The largest number of 16 bits: coordinates are kept as parts of the scene's half width. */
const FINEST = 32767;

function sceneData({ views, step, pace, isWay }: CloudScene): object {
  const all = views.flatMap(({ clouds }) => clouds);
  const other = all.find(({ cols }) => cols !== 3);
  if (other !== undefined) {
    throw new LiouvilleError(
      'shape-mismatch',
      `clouds: a page shows points of 3 coordinates; got ${other.cols}.`,
    );
  }
  const [low, high] = [Array<number>(3).fill(Infinity), Array<number>(3).fill(-Infinity)];
  for (const { data } of all) {
    for (let i = 0; i < data.length; i++) {
      low[i % 3] = Math.min(low[i % 3]!, data[i]!);
      high[i % 3] = Math.max(high[i % 3]!, data[i]!);
    }
  }
  const middle = low.map((value, k) => (value + high[k]!) / 2);
  const reach = Math.max(...low.map((value, k) => (high[k]! - value) / 2)) || 1;
  const packed = ({ data }: Matrix): string[] =>
    [0, 1, 2].map((k) => plane(data, k, (value) => ((value - middle[k]!) / reach) * FINEST));
  return { step, pace, isWay, views: views.map(({ clouds }) => clouds.map(packed)) };
}

/** Coordinate k of all points, as 16-bit numbers in base64, the small end first. */
function plane(data: Matrix['data'], k: number, scaled: (value: number) => number): string {
  const count = data.length / 3;
  const view = new DataView(new ArrayBuffer(2 * count));
  for (let i = 0; i < count; i++) view.setInt16(2 * i, Math.round(scaled(data[3 * i + k]!)), true);
  let text = '';
  for (const byte of new Uint8Array(view.buffer)) text += String.fromCharCode(byte);
  return btoa(text);
}
