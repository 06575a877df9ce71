import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/** The text of plotly's browser bundle, for pages that need nothing else. */
export async function plotlySource(): Promise<string> {
  return readFile(createRequire(import.meta.url).resolve('plotly.js-dist/plotly.min.js'), 'utf8');
}
