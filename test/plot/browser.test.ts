import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { compare, figureSections } from '../../src/compare/index.ts';
import type { DataSource } from '../../src/compare/index.ts';
import { toyData, toyEntropy, toyLogDensity } from '../../src/data/index.ts';
import { reportHtml } from '../../src/plot/index.ts';
import { launch, open } from './browser.ts';
import { noChromium } from '../wasm/page.ts';

const SLOW = 60_000;

/** A name that would be markup, were it not escaped; to plotly, too. */
const HOSTILE = '<img src=x onerror=alert(1)><b>bold';

let browser: Browser;
let folder: string;
let report: string;

beforeAll(async () => {
  if (noChromium !== undefined) return;
  folder = await mkdtemp(join(tmpdir(), 'liouville-browser-'));
  report = join(folder, 'report.html');
  const split = toyData('moons');
  const columns = [HOSTILE, 'y'];
  const source: DataSource = {
    name: HOSTILE,
    split: {
      train: { ...split.train, columns },
      validation: { ...split.validation, columns },
      test: { ...split.test, columns },
    },
    entropy: toyEntropy['moons']!,
    logDensity: toyLogDensity['moons']!,
  };
  const comparison = await compare({
    data: source,
    command: 'liouville compare',
    models: ['gaussian', 'ffjord', 'realnvp'],
    steps: 3,
    batch: 8,
    seeds: 2,
    validationRows: 10,
    testRows: 50,
    samples: 50,
    inverseRows: 10,
    twoSample: { rows: 50, permutations: 19, directions: 8 },
    quadrature: { intervals: { 1: 8, 2: 8 }, maxIntervals: { 1: 16, 2: 16 }, tolerance: 1e-4 },
  });
  const plotly = createRequire(import.meta.url).resolve('plotly.js-dist/plotly.min.js');
  const page = reportHtml(comparison.results, figureSections(comparison), await readFile(plotly, 'utf8'));
  await writeFile(report, page);
  browser = await launch();
}, 2 * SLOW);

afterAll(async () => {
  if (noChromium !== undefined) return;
  await browser.close();
  await rm(folder, { recursive: true });
});

beforeEach(({ skip }) => {
  if (noChromium !== undefined) skip(noChromium);
});

/** The x coordinates of the points that move, as plotly has them. */
async function moving(page: Page, panel: number): Promise<number[]> {
  const place = page.locator('#flow .plot').nth(panel);
  return place.evaluate((element) => {
    const { data } = element as unknown as { data: { x: ArrayLike<number> }[] };
    return Array.from(data.at(-1)!.x);
  });
}

async function fontColour(page: Page): Promise<string> {
  return page.evaluate<string>("getComputedStyle(document.querySelector('#training .xtitle')).fill");
}

describe('the report in a browser', { timeout: SLOW }, () => {
  it('draws every figure, without an error and without the network', async () => {
    const { page, problems, requests } = await open(browser, report);
    expect(await page.locator('.failed').count()).toBe(0);
    const places = await page.locator('[data-figure]').count();
    expect(places).toBeGreaterThan(15);
    expect(await page.locator('[data-figure] .main-svg:first-child').count()).toBe(places);
    expect(await page.locator('h1').textContent()).toContain(HOSTILE);
    expect(await page.locator('img, b').count()).toBe(0);
    // Also where plotly draws the text.
    expect(await page.locator('#samples .xtitle').first().textContent()).toBe(HOSTILE);
    // Links of the page lead somewhere.
    for (const link of await page.locator('nav a').all()) {
      const target = (await link.getAttribute('href'))!;
      expect(await page.locator(target).count()).toBe(1);
    }
    expect({ problems, requests }).toEqual({ problems: [], requests: [] });
  });

  it('plays the flow of points, pauses, and moves with the slider', async () => {
    const { page, problems } = await open(browser, report);
    const flow = page.locator('#flow');
    const slider = flow.getByRole('slider');
    const ends = await moving(page, 1);
    await slider.focus();
    await page.keyboard.press('Home');
    await expect.poll(() => page.locator('#flow output').textContent()).toBe('0 %');
    await expect.poll(async () => (await moving(page, 1)).every((x, i) => x !== ends[i])).toBe(true);
    const starts = await moving(page, 1);
    expect(await page.locator('#flow .stop').allTextContents()).toEqual(Array(3).fill('latent space'));

    await flow.getByRole('button', { name: 'Play' }).click();
    await expect.poll(async () => Number(await slider.inputValue())).toBeGreaterThan(100);
    await flow.getByRole('button', { name: 'Pause' }).click();
    await flow.getByRole('button', { name: 'Play' }).waitFor();
    const halted = Number(await slider.inputValue());
    expect(halted).toBeLessThan(1000);
    const middle = await moving(page, 1);
    expect(middle).not.toEqual(starts);
    expect(middle).not.toEqual(ends);

    await slider.focus();
    await page.keyboard.press('End');
    await expect.poll(() => page.locator('#flow output').textContent()).toBe('100 %');
    await expect.poll(() => moving(page, 1)).toEqual(ends);
    const stops = await page.locator('#flow .stop').allTextContents();
    expect(stops).toEqual(['layer 1 of 1', 't = 0.000', 'layer 8 of 8']);
    expect(await slider.getAttribute('aria-valuetext')).toContain('100 %');
    expect(problems).toEqual([]);
  });

  it('plays to the end, and again from the start', async () => {
    const { page } = await open(browser, report);
    const flow = page.locator('#flow');
    const slider = flow.getByRole('slider');
    await slider.fill('990');
    await flow.getByRole('button', { name: 'Play' }).click();
    await expect.poll(() => slider.inputValue()).toBe('1000');
    await flow.getByRole('button', { name: 'Play' }).click();
    await expect.poll(async () => Number(await slider.inputValue())).toBeLessThan(900);
  });

  it('shows the field of the continuous model at every time, and its ways behind tabs', async () => {
    const { page, problems } = await open(browser, report);
    const field = page.locator('#field');
    expect(await field.locator('h3').allTextContents()).toEqual(['ffjord']);
    const arrows = async (): Promise<number[]> =>
      field.locator('.plot').evaluate((element) => {
        const { data } = element as unknown as { data: { x: ArrayLike<number> }[] };
        return Array.from(data.at(-1)!.x);
      });
    const atData = await arrows();
    expect(atData).toHaveLength(3 * 17 * 17);
    await field.getByRole('slider').fill('0');
    await expect.poll(() => field.locator('.stop').textContent()).toBe('t = 0.500');
    await expect
      .poll(async () => (await arrows()).some((x, i) => x !== atData[i] && !Number.isNaN(x)))
      .toBe(true);
    const tabs = page.locator('#inside').getByRole('tab');
    expect((await tabs.allTextContents()).map((label) => label.trim())).toEqual([
      'Ways',
      'Log-density on the way',
      'Cost of rows',
    ]);
    await tabs.nth(2).click();
    expect(await page.locator('#inside .plot').nth(2).isVisible()).toBe(true);
    expect(problems).toEqual([]);
  });

  it('has tabs for the mouse and for the keyboard', async () => {
    const { page } = await open(browser, report);
    const tabs = page.locator('#costs').getByRole('tab');
    const panels = page.locator('#costs [role=tabpanel]');
    const seen = async () => Promise.all((await panels.all()).map((panel) => panel.isVisible()));
    expect(await tabs.allTextContents().then((labels) => labels.map((label) => label.trim()))).toEqual([
      'Training',
      'Density',
      'Sampling',
    ]);
    expect(await seen()).toEqual([true, false, false]);
    await tabs.nth(1).click();
    expect(await seen()).toEqual([false, true, false]);
    await page.keyboard.press('ArrowRight');
    expect(await seen()).toEqual([false, false, true]);
    expect(await page.evaluate<string>('document.activeElement.id')).toBe('costs-tab-2');
    await page.keyboard.press('ArrowRight');
    expect(await seen()).toEqual([true, false, false]);
    await page.keyboard.press('End');
    expect(await tabs.nth(2).getAttribute('aria-selected')).toBe('true');
  });

  it('hides a curve at a click in the legend', async () => {
    const { page } = await open(browser, report);
    const plot = page.locator('#training .plot').first();
    const lines = () => plot.locator('.scatterlayer .trace .lines path').count();
    const before = await lines();
    await plot.locator('.legendtoggle').first().click();
    // Training and validation of a model go together.
    await expect.poll(lines).toBe(before - 2);
  });

  it('lets the keyboard reach everything, the results first', async () => {
    const { page } = await open(browser, report);
    await page.keyboard.press('Tab');
    const skip = page.getByRole('link', { name: 'Skip to the results' });
    expect(await page.evaluate<string>('document.activeElement.className')).toBe('skip');
    expect((await skip.boundingBox())!.x).toBeGreaterThanOrEqual(0);
    const reached = new Set<string>();
    // Between the parts of the page lie the buttons of the figures.
    for (let i = 0; i < 200 && !reached.has('settings'); i++) {
      await page.keyboard.press('Tab');
      reached.add(await page.evaluate<string>("document.activeElement?.closest('section')?.id ?? ''"));
    }
    for (const id of ['results', 'densities', 'flow', 'training', 'costs', 'settings']) {
      expect(reached).toContain(id);
    }
    // Every table tells what its lines and columns are.
    expect(await page.locator('th:not([scope])').count()).toBe(0);
    expect(await page.locator('[data-figure]:not([aria-label])').count()).toBe(0);
  });

  it.each([390, 768, 1600])('does not overflow sideways on %d pixels', async (width) => {
    const { page, problems } = await open(browser, report, { viewport: { width, height: 844 } });
    expect(await page.evaluate<number>('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    const plots = await page.locator('.panel:not(.closed) .plot, .figures .plot').all();
    for (const plot of plots.slice(0, 12)) {
      const outer = (await plot.boundingBox())!.width;
      const inner = (await plot.locator('.main-svg').first().boundingBox())!.width;
      expect(inner).toBeLessThanOrEqual(outer + 1);
    }
    expect(problems).toEqual([]);
  });

  it('is dark for readers who want it dark, figures too, and changes when they do', async () => {
    const { page, problems } = await open(browser, report, { colorScheme: 'dark' });
    const background = () => page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
    expect(await background()).toBe('rgb(13, 17, 23)');
    expect(await fontColour(page)).toBe('rgb(230, 237, 243)');
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await background()).toBe('rgb(255, 255, 255)');
    await expect.poll(() => fontColour(page)).toBe('rgb(27, 31, 36)');
    expect(problems).toEqual([]);
  });

  it('prints in light colours, with everything open and nothing to click', async () => {
    const { page, problems } = await open(browser, report, { colorScheme: 'dark' });
    await page.setViewportSize({ width: 718, height: 1000 });
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
    await expect.poll(() => fontColour(page)).toBe('rgb(27, 31, 36)');
    expect(await page.locator('details:not([open])').count()).toBe(0);
    for (const hidden of ['nav', '.player', '.tabs', '.modebar']) {
      expect(await page.locator(hidden).first().isVisible()).toBe(false);
    }
    for (const panel of await page.locator('[role=tabpanel]').all())
      expect(await panel.isVisible()).toBe(true);
    for (const plot of (await page.locator('.plot').all()).slice(0, 8)) {
      const outer = (await plot.boundingBox())!.width;
      await expect.poll(async () => (await plot.locator('.main-svg').first().boundingBox())!.width).toBeLessThanOrEqual(outer + 1); // prettier-ignore
    }
    const pdf = await page.pdf({ preferCSSPageSize: true });
    expect(Buffer.from(pdf).subarray(0, 5).toString()).toBe('%PDF-');
    expect(problems).toEqual([]);
  });
});
