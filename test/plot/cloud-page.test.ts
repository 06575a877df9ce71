import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { cloudPageHtml } from '../../src/plot/index.ts';
import type { CloudPage, CloudScene } from '../../src/plot/index.ts';
import { normalRows } from '../flow/rows.ts';
import { noChromium } from '../wasm/page.ts';
import { launch, open } from './browser.ts';
import type { WatchedPage } from './browser.ts';

/** A name that would be markup, were it not escaped. */
const HOSTILE = '<img src=x onerror=alert(1)>';

/** Drawing without a graphics card takes its time. */
const slow = { timeout: 60_000 };

const cloud = (seed: number, points = 50) => normalRows(points, 3, seed);
const beside: CloudScene = {
  title: 'Beside each other',
  text: 'Some text.',
  views: [
    { name: 'data', clouds: [cloud(1), cloud(2)] },
    { name: HOSTILE, clouds: [cloud(3), cloud(4), cloud(5)] },
  ],
  step: 'cloud',
  pace: 50,
  isWay: false,
};
const way: CloudScene = {
  ...beside,
  title: 'On the way',
  views: [{ name: 'way', clouds: [cloud(6), cloud(7), cloud(8)] }],
  step: 'stop',
  isWay: true,
};
const still: CloudScene = { ...beside, title: 'Alone', views: [{ name: 'one', clouds: [cloud(9)] }] };
const page: CloudPage = { title: `Clouds & ${HOSTILE}`, scenes: [beside, way, still], up: 'y' };

test('a page holds its clouds to a part in 32767 of the half width of their scene', () => {
  const [, json = ''] = /id="clouds">(.*?)<\/script>/s.exec(cloudPageHtml(page, '')) ?? [];
  const { scenes } = JSON.parse(json) as { scenes: { views: string[][][] }[] };
  const all = beside.views.flatMap(({ clouds }) => clouds);
  const extent = [0, 1, 2].map((k) => {
    const values = all.flatMap(({ data }) => Array.from(data).filter((_, i) => i % 3 === k));
    return [Math.min(...values), Math.max(...values)] as const;
  });
  const reach = Math.max(...extent.map(([low, high]) => (high - low) / 2));
  const found = scenes[0]!.views[1]![2]!.map(
    (text) => new Int16Array(new Uint8Array(Buffer.from(text, 'base64')).buffer),
  );
  const expected = cloud(5).data;
  for (let i = 0; i < expected.length; i++) {
    const [low, high] = extent[i % 3]!;
    const value = (low + high) / 2 + (found[i % 3]![Math.floor(i / 3)]! / 32767) * reach;
    expect(Math.abs(value - expected[i]!)).toBeLessThanOrEqual((0.5001 / 32767) * reach);
  }
});

test('a page shows points of three coordinates only', () => {
  const flat: CloudScene = { ...beside, views: [{ name: 'flat', clouds: [normalRows(5, 2, 1)] }] };
  const message = 'clouds: a page shows points of 3 coordinates; got 2.';
  expect(() => cloudPageHtml({ ...page, scenes: [flat] }, '')).toThrow(message);
});

describe('a page of clouds in a browser', { timeout: 120_000 }, () => {
  let browser: Browser;
  let file: string;
  /** One for all tests: scenes in software are slow to draw. */
  let watched: WatchedPage;
  let opened: Page;

  beforeAll(async () => {
    if (noChromium !== undefined) return;
    file = join(mkdtempSync(join(tmpdir(), 'liouville-clouds-')), 'clouds.html');
    const source = createRequire(import.meta.url).resolve('plotly.js-dist/plotly.min.js');
    writeFileSync(file, cloudPageHtml(page, readFileSync(source, 'utf8')));
    browser = await launch();
    watched = await open(browser, file);
    opened = watched.page;
  }, 120_000);
  afterAll(async () => {
    if (noChromium !== undefined) return;
    await browser.close();
    rmSync(dirname(file), { recursive: true });
  });
  beforeEach(({ skip }) => {
    if (noChromium !== undefined) skip(noChromium);
  });

  /** What plotly has of a view. */
  async function shown(view: number): Promise<{ x: number; colour: number; camera: unknown }> {
    return opened
      .locator('.cloud')
      .nth(view)
      .evaluate((element) => {
        const { data, layout } = element as unknown as {
          data: { x: number[]; marker: { color: number[] } }[];
          layout: { scene: { camera: unknown } };
        };
        return { x: data[0]!.x[0]!, colour: data[0]!.marker.color[0]!, camera: layout.scene.camera };
      });
  }

  test('shows every view, names escaped, without an error and without the network', async () => {
    const { problems, requests } = watched;
    await opened.locator('.cloud canvas').nth(3).waitFor({ state: 'attached' });
    expect(await opened.locator('figcaption').allTextContents()).toEqual(['data', HOSTILE, 'way', 'one']);
    expect(await opened.title()).toBe(page.title);
    expect(await opened.locator('img').count()).toBe(0);
    expect(await opened.locator('.player').count()).toBe(2);
    // Chromium without a graphics card warns about its own speed.
    expect(problems.filter((problem) => !/GPU stall|readback|WebGL/i.test(problem))).toEqual([]);
    expect(requests).toEqual([]);
  });

  test('moves the views of a scene together; what ends keeps its cloud', async () => {
    const before = [await shown(0), await shown(1), await shown(2)];
    const player = opened.locator('#scene-0 .player');
    await player.getByRole('slider').fill('1');
    await expect.poll(() => player.locator('output').textContent(), slow).toBe('cloud 2 of 3');
    await expect.poll(async () => (await shown(0)).x, slow).not.toBe(before[0]!.x);
    const second = await shown(0);
    expect(second.colour).not.toBe(before[0]!.colour);
    expect((await shown(1)).x).not.toBe(before[1]!.x);
    expect((await shown(2)).x).toBe(before[2]!.x);
    await player.getByRole('slider').fill('2');
    await expect.poll(() => player.locator('output').textContent(), slow).toBe('cloud 3 of 3');
    expect((await shown(0)).x).toBe(second.x);
  });

  test('plays a way to its end, in the colours of the end', async () => {
    const before = await shown(2);
    const player = opened.locator('#scene-1 .player');
    await player.getByRole('button', { name: 'Play' }).click();
    await expect.poll(() => player.locator('output').textContent(), slow).toBe('stop 3 of 3');
    await player.getByRole('button', { name: 'Play' }).waitFor();
    const after = await shown(2);
    expect(after.x).not.toBe(before.x);
    expect(after.colour).toBe(before.colour);
  });

  test('turns the views of a scene together', async () => {
    const first = opened.locator('.cloud').first();
    await first.scrollIntoViewIfNeeded();
    const box = (await first.boundingBox())!;
    const initial = await shown(1);
    const alone = await shown(2);
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await opened.mouse.move(x, y);
    await opened.mouse.down();
    await opened.mouse.move(x + 60, y + 20, { steps: 4 });
    await opened.mouse.up();
    await expect.poll(async () => (await shown(1)).camera, slow).not.toEqual(initial.camera);
    await expect.poll(async () => (await shown(1)).camera, slow).toEqual((await shown(0)).camera);
    expect((await shown(2)).camera).toEqual(alone.camera);
  });
});
