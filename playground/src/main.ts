import { toy, toyNames } from 'liouville/data';
import { FlowCard, part } from './flow-card.ts';
import { decodeLink, encodeLink } from './link.ts';
import { engineLabels, isFlowName } from './menu.ts';
import type { FlowName, PageEngine } from './menu.ts';
import { Pad } from './pad.ts';
import type { Shown } from './view.ts';

const TOY_POINTS = 700;

const element = <T extends HTMLElement>(selector: string, kind: new () => T): T =>
  part(document, selector, kind);
const message = element('#message', HTMLOutputElement);
const trainButton = element('#train', HTMLButtonElement);
const toyMenu = element('#toy', HTMLSelectElement);
const engineMenu = element('#engine', HTMLSelectElement);
const say = (text: string): void => void (message.textContent = text);

const linked = decodeLink(location.hash);
const known = (name: string | undefined, otherwise: FlowName): FlowName =>
  isFlowName(name) ? name : otherwise;

let isTraining = false;
const cards = [
  new FlowCard(element('#flow-a', HTMLElement), known(linked.flows?.[0], 'ffjord'), startOver, say),
  new FlowCard(element('#flow-b', HTMLElement), known(linked.flows?.[1], 'realnvp'), startOver, say),
];
const pad = new Pad(element('#pad', HTMLCanvasElement), pointsChanged);
const shown: Shown = { density: true, grid: false, particles: true };

for (const name of ['density', 'grid', 'particles'] as const) {
  const box = element(`#show-${name}`, HTMLInputElement);
  box.addEventListener('change', () => (shown[name] = box.checked));
}
toyMenu.append(new Option('your drawing', ''), ...toyNames.map((name) => new Option(name, name)));
toyMenu.addEventListener('change', () => {
  const draw = toy[toyMenu.value];
  if (draw !== undefined) pad.points = pairs(draw(TOY_POINTS, { seed: 1 }).data);
});
engineMenu.append(new Option(engineLabels.auto, 'auto'));
if ('gpu' in navigator) engineMenu.append(new Option(engineLabels.webgpu, 'webgpu'));
engineMenu.addEventListener('change', startOver);
trainButton.addEventListener('click', toggle);
element('#reset', HTMLButtonElement).addEventListener('click', startOver);
element('#clear', HTMLButtonElement).addEventListener('click', () => {
  pad.points = [];
  toyMenu.value = '';
  setTraining(false);
});
element('#share', HTMLButtonElement).addEventListener('click', () => void share());
document.addEventListener('keydown', (event) => {
  if (event.target instanceof HTMLSelectElement || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === 't') toggle();
  if (event.key === 'r') startOver();
});

for (const card of cards) card.start([], engine());
if (linked.points !== undefined) pad.points = linked.points;
requestAnimationFrame(frame);

function frame(now: number): void {
  for (const card of cards) card.draw(pad.points, shown, now);
  requestAnimationFrame(frame);
}

function pointsChanged(): void {
  const { length } = pad.points;
  element('#count', HTMLOutputElement).textContent = length === 1 ? '1 point' : `${length} points`;
  for (const card of cards) card.give(pad.points);
  if (length === 0) setTraining(false);
}

function engine(): PageEngine {
  return engineMenu.value === 'webgpu' ? 'webgpu' : 'auto';
}

function toggle(): void {
  setTraining(!isTraining);
}

function setTraining(next: boolean): void {
  if (next && pad.points.length < 2) {
    say('Draw some points first, or choose a toy.');
    return;
  }
  isTraining = next;
  trainButton.textContent = next ? 'Pause' : 'Train';
  say('');
  for (const card of cards) {
    if (next) card.train();
    else card.pause();
  }
}

/** New flows on the same points; they go on training if the others did. */
function startOver(): void {
  for (const card of cards) {
    card.start(pad.points, engine());
    if (isTraining) card.train();
  }
}

async function share(): Promise<void> {
  const [a, b] = cards.map((card) => card.flow);
  history.replaceState(null, '', encodeLink({ points: pad.points, flows: [a!, b!] }));
  try {
    await navigator.clipboard.writeText(location.href);
    say('Link copied.');
  } catch {
    say('The address of this page is now the link.');
  }
}

function pairs(data: ArrayLike<number>): [number, number][] {
  return Array.from({ length: data.length / 2 }, (_, i) => [data[2 * i]!, data[2 * i + 1]!]);
}
