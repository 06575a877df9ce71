import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/temporary.ts';
import { outcomeIn, run, userProject } from './bundles.ts';
import { noChromium } from './page.ts';

/** How a project is bundled to dist/main.js, without any setting for this package. */
const bundlers = {
  esbuild: {
    packages: ['esbuild'],
    args: ['--bundle', '--format=esm', '--outfile=dist/main.js', 'src/main.js'],
  },
  'esbuild in parts': {
    packages: ['esbuild'],
    args: ['--bundle', '--format=esm', '--splitting', '--minify', '--outdir=dist', 'src/main.js'],
  },
  vite: { packages: ['vite'], args: ['build', '--logLevel', 'error'] },
  webpack: {
    packages: ['webpack', 'webpack-cli'],
    args: ['--mode', 'production', '--entry', './src/main.js', '--output-path', 'dist'],
  },
} as const;

test.each(Object.entries(bundlers))('%s', { timeout: 300_000 }, async (name, { packages, args }) => {
  if (noChromium !== undefined) throw new Error(noChromium);
  const files = { 'index.html': '<!doctype html><script type="module" src="/src/main.js"></script>' };
  const folder = userProject(files);
  const tools = temporaryFolder({ 'package.json': '{ "private": true }' });
  run(tools, 'npm', 'install', '--no-audit', '--no-fund', '--include=dev', ...packages);
  run(folder, join(tools, 'node_modules/.bin', name.split(' ')[0]!), ...args);
  const outcome = await outcomeIn(folder);
  expect(outcome.error).toBeUndefined();
  expect(outcome.engine).toBe('wasm');
  expect(outcome.table).toEqual([1, 2]);
  expect(outcome.logDet!.every(Number.isFinite)).toBe(true);
  console.log(`${name}: ${outcome.engine}, loss ${outcome.loss}`);
});
