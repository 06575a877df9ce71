import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { chromium } from 'playwright-core';
import type { Page } from 'playwright-core';

/** Where Chromium is, or should be. */
export const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Why no page can be opened here, if none can. */
export const noChromium: string | undefined = existsSync(executablePath)
  ? undefined
  : `There is no ${executablePath}: install Chromium, or name it in CHROMIUM.`;

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};

/**
 * Serves a folder as a plain server would, opens its index.html in Chromium, and hands the page over.
 *
 * @param headers of every answer, such as a content security policy.
 * @param flags of Chromium, besides those that every page gets.
 */
export async function inPage<T>(
  folder: string,
  use: (page: Page, errors: readonly string[]) => Promise<T>,
  headers: Readonly<Record<string, string>> = {},
  flags: readonly string[] = [],
): Promise<T> {
  const server = createServer((request, response) => {
    const path = join(folder, request.url === '/' ? 'index.html' : (request.url ?? ''));
    if (!existsSync(path)) {
      // Browsers ask for an icon of their own accord.
      response.writeHead(request.url === '/favicon.ico' ? 204 : 404).end();
      return;
    }
    response.writeHead(200, { 'content-type': types[extname(path)] ?? 'text/plain', ...headers });
    response.end(readFileSync(path));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', ...flags] });
  try {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    return await use(page, errors);
  } finally {
    await browser.close();
    server.close();
  }
}
