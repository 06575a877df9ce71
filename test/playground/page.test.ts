import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { load } from '../../src/index.ts';
import { root } from '../support/repository.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { inPage, noChromium } from '../wasm/page.ts';
import { buildPlayground } from './built.ts';

const built = join(root, 'build/playground-test');

/** How many points were drawn. */
async function countIn(page: Page): Promise<number> {
  return Number.parseInt((await page.locator('#count').textContent())!, 10);
}

/** A number that the page shows. */
async function numberIn(page: Page, selector: string): Promise<number> {
  return Number((await page.locator(selector).textContent())!.replaceAll(',', ''));
}

/** SwiftShader, which is part of Chromium, as the adapter. */
const software = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader'];

describe('the playground', () => {
  beforeAll(() => buildPlayground(built), 120_000);

  it(
    'is drawn on, trains two flows, shares and saves, with mouse and keyboard',
    { timeout: 240_000 },
    async ({ skip }) => {
      if (noChromium !== undefined) skip(noChromium);
      await inPage(built, async (page, errors) => {
        await page.setViewportSize({ width: 390, height: 800 });
        const scrollWidth = await page.evaluate<number>('document.documentElement.scrollWidth');
        expect(scrollWidth, 'no sideways scrolling on a phone').toBeLessThanOrEqual(390);
        await page.setViewportSize({ width: 1200, height: 900 });

        await page.getByRole('button', { name: 'Train' }).click();
        await expect.poll(async () => page.locator('#message').textContent()).toContain('Draw some points');

        const pad = page.locator('#pad');
        await pad.hover({ position: { x: 60, y: 120 } });
        await page.mouse.down();
        for (let i = 1; i <= 30; i++) await pad.hover({ position: { x: 60 + 6 * i, y: 120 + 3 * i } });
        await page.mouse.up();
        await expect.poll(async () => countIn(page)).toBeGreaterThan(100);

        // A drop by keyboard.
        const before = await countIn(page);
        await page.locator('#pad').focus();
        await page.keyboard.press('ArrowUp');
        await page.keyboard.press(' ');
        expect(await countIn(page)).toBe(before + 6);

        await page.getByRole('button', { name: 'Train' }).click();
        await expect
          .poll(
            async () =>
              Math.min(await numberIn(page, '#flow-a .step'), await numberIn(page, '#flow-b .step')),
            {
              timeout: 120_000,
            },
          )
          .toBeGreaterThan(3);
        expect(await numberIn(page, '#flow-a .speed')).toBeGreaterThan(0);

        // The keyboard pauses; the link carries the drawing and the menus.
        await page.keyboard.press('t');
        await expect.poll(async () => page.locator('#train').textContent()).toBe('Train');
        await page.locator('#flow-b select').selectOption('maf');
        await page.getByRole('button', { name: 'Copy link' }).click();
        expect(page.url()).toMatch(/#a=ffjord&b=maf&p=.{100,}/);

        const [download] = await Promise.all([
          page.waitForEvent('download'),
          page.locator('#flow-a button.save').click(),
        ]);
        const file = join(temporaryFolder(), 'flow.safetensors');
        await download.saveAs(file);
        const flow = await load(file);
        expect(flow.name).toBe('ffjord');

        await page.reload();
        await expect.poll(async () => countIn(page)).toBe(before + 6);
        expect(await page.locator('#flow-b select').inputValue()).toBe('maf');
        expect(errors).toEqual([]);
      });
    },
  );

  it('trains on WebGPU where the page is asked to', { timeout: 240_000 }, async ({ skip }) => {
    if (noChromium !== undefined) skip(noChromium);
    const trained = async (page: Page, errors: readonly string[]): Promise<string | undefined> => {
      await page.goto(`${page.url()}#a=planar&b=planar`);
      await page.reload();
      const adapter = await page.evaluate<boolean>(
        'navigator.gpu?.requestAdapter().then((adapter) => adapter !== null) ?? false',
      );
      if (!adapter) return 'Chromium gives no WebGPU adapter';
      await page.getByLabel('Computed by').selectOption('webgpu');
      await page.getByLabel('Begin with').selectOption('moons');
      await page.getByRole('button', { name: 'Train' }).click();
      await expect
        .poll(
          async () => Math.min(await numberIn(page, '#flow-a .step'), await numberIn(page, '#flow-b .step')),
          { timeout: 120_000 },
        )
        .toBeGreaterThan(0);
      expect(await page.locator('#message').textContent()).toBe('');
      expect(errors).toEqual([]);
      return undefined;
    };
    const missing = await inPage(built, trained, {}, software);
    if (missing !== undefined) skip(missing);
  });
});
