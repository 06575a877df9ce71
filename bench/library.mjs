// The built library and what `liouville bench` measures with, typed by their sources.

/** @param {string} path below dist/ */
const built = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);

export const library = /** @type {typeof import('../src/index.ts')} */ (await built('index.js'));
export const files = /** @type {typeof import('../src/files/index.ts')} */ (await built('files/index.js'));
export const measuring = /** @type {typeof import('../src/cli/bench/index.ts')} */ (
  await built('cli/bench/index.js')
);
export const quadrature = /** @type {typeof import('../src/compare/quadrature.ts')} */ (
  await built('compare/quadrature.js')
);
