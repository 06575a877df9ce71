import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, expect, it } from 'vitest';
import { createModel, fitGaussian, load } from '../../src/index.ts';
import type { Flow } from '../../src/index.ts';
import { root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { inPage, noChromium } from '../wasm/page.ts';
import { buildPlayground } from './built.ts';

/** Where the pictures go that somebody should look at. */
const pictures = join(root, 'build/playground-live');
const built = join(root, 'build/playground-live/page');

const SECONDS = 20;
const RUNS = 10;
const SECONDS_OF_A_RUN = 5;

type Point = readonly [number, number];

/** The drawing, an S, in the units of the plane: a polygon that the mouse follows. */
const drawing = Array.from({ length: 121 }, (_, i): Point => {
  const t = i / 60 - 1;
  return [2.2 * Math.sin(Math.PI * t), 2.4 * t];
});

/** Draws with the mouse. The pad shows [-4, 4] on both axes. */
async function drawOn(page: Page): Promise<void> {
  const box = (await page.locator('#pad').boundingBox())!;
  const at = ([x, y]: Point): [number, number] => [
    box.x + ((x + 4) / 8) * box.width,
    box.y + ((4 - y) / 8) * box.height,
  ];
  await page.mouse.move(...at(drawing[0]!));
  await page.mouse.down();
  for (const point of drawing) await page.mouse.move(...at(point));
  await page.mouse.up();
}

/** Notes the time from each frame to the next until it is read. */
const WATCH_FRAMES = `
  globalThis.frames = [];
  let last = performance.now();
  const watch = (now) => { globalThis.frames.push(now - last); last = now; requestAnimationFrame(watch); };
  requestAnimationFrame(watch);`;

/** Megabytes of the process that holds the page and its workers. */
async function residentMegabytes(page: Page): Promise<number> {
  const session = await page.context().browser()!.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const sizes = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1]);
  return sizes.reduce((sum, size) => sum + Number(size), 0) / 1000;
}

async function stepOf(page: Page, card: string): Promise<number> {
  return Number(await page.locator(`${card} .step`).textContent());
}

/** The saved flow of a card, loaded in Node. */
async function savedBy(page: Page, card: string): Promise<Flow> {
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.locator(`${card} button.save`).click(),
  ]);
  const file = join(temporaryFolder(), 'flow.safetensors');
  await download.saveAs(file);
  return load(file);
}

/** From each point to the nearest of others. */
function distances(points: readonly Point[], others: readonly Point[]): number[] {
  return points.map(([x, y]) => Math.min(...others.map(([u, v]) => Math.hypot(x - u, y - v))));
}

function shareBelow(values: readonly number[], limit: number): number {
  return values.filter((value) => value < limit).length / values.length;
}

function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(share * (sorted.length - 1))]!;
}

/** The playground as it is built, with the drawing on it. */
async function withDrawing(use: (page: Page) => Promise<void>): Promise<void> {
  await inPage(built, async (page, errors) => {
    await page.setViewportSize({ width: 1200, height: 900 });
    await drawOn(page);
    await use(page);
    expect(errors).toEqual([]);
  });
}

/** How well a flow has the drawing: draws near it, parts of it that are drawn, and its density there. */
async function likeness(flow: Flow): Promise<{ near: number; reached: number; nats: number }> {
  const { data } = await flow.sample(1000, { seed: 1 });
  const draws = Array.from({ length: 1000 }, (_, i): Point => [data[2 * i]!, data[2 * i + 1]!]);
  const logProb = await flow.logProb(drawing);
  return {
    near: shareBelow(distances(draws, drawing), 0.5),
    reached: shareBelow(distances(drawing, draws), 0.25),
    nats: logProb.reduce((sum, value) => sum + value, 0) / logProb.length,
  };
}

beforeAll(async () => {
  rmSync(pictures, { recursive: true, force: true });
  await buildPlayground(built);
});

it('FFJORD learns a drawing within 20 s, and frames go on', async ({ skip }) => {
  if (noChromium !== undefined) skip(noChromium);
  await withDrawing(async (page) => {
    const count = await page.locator('#count').textContent();
    await page.evaluate(WATCH_FRAMES);
    await page.getByRole('button', { name: 'Train' }).click();
    await page.waitForTimeout(1000 * SECONDS);
    await page.screenshot({ path: join(pictures, 'after-20s.png'), fullPage: true });
    await page.getByRole('button', { name: 'Pause' }).click();
    const frames = (await page.evaluate<number[]>('globalThis.frames')).toSorted((a, b) => a - b);
    const steps = [await stepOf(page, '#flow-a'), await stepOf(page, '#flow-b')];
    console.log(`${count}; steps in ${SECONDS} s: FFJORD ${steps[0]}, RealNVP beside it ${steps[1]}`);
    console.log(
      `${frames.length} frames: median ${quantile(frames, 0.5).toFixed(1)} ms, ` +
        `99% within ${quantile(frames, 0.99).toFixed(1)} ms, longest ${quantile(frames, 1).toFixed(1)} ms`,
    );

    const gaussian = createModel('gaussian', { dim: 2 });
    fitGaussian(gaussian, drawing);
    const learned = await likeness(await savedBy(page, '#flow-a'));
    for (const [name, { near, reached, nats }] of [
      ['gaussian', await likeness(gaussian)],
      ['ffjord', learned],
    ] as const) {
      console.log(
        `${name}: ${(100 * near).toFixed(1)}% of its draws within 0.5 of the drawing, ` +
          `${(100 * reached).toFixed(1)}% of the drawing within 0.25 of a draw, ${nats.toFixed(2)} nats on it`,
      );
    }
    expect(learned.near).toBeGreaterThan(0.8);
    expect(learned.reached).toBeGreaterThan(0.95);
  });
});

it('ten trainings from the beginning take no more memory than five', async ({ skip }) => {
  if (noChromium !== undefined) skip(noChromium);
  await withDrawing(async (page) => {
    await page.getByRole('button', { name: 'Train' }).click();
    const megabytes: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      await page.keyboard.press('r');
      await page.waitForTimeout(1000 * SECONDS_OF_A_RUN);
      expect(await stepOf(page, '#flow-a')).toBeGreaterThan(0);
      megabytes.push(await residentMegabytes(page));
    }
    console.log(`memory after each run, MB: ${megabytes.map((each) => each.toFixed(0)).join(' ')}`);
    expect(Math.max(...megabytes.slice(5))).toBeLessThan(1.2 * Math.max(...megabytes.slice(0, 5)));
  });
});
