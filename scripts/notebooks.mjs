// Runs the notebooks as a reader would: from their first cell to their last, each in a fresh kernel of Deno.
//
//   node scripts/notebooks.mjs                      all of them: types are checked, then every cell is executed
//   node scripts/notebooks.mjs --write              and their new outputs are kept in notebooks/
//   node scripts/notebooks.mjs 02 notebooks/x.ipynb those whose names begin so, or at these paths
//
// It needs Jupyter's nbconvert (Debian: apt-get install jupyter-nbconvert). A cell that throws, or a type that does not
// fit, is a failure. Results lie in build/notebooks. What is kept has its pictures as PNG, drawn by Chromium: some pages that
// show notebooks clean SVG until nothing is left of it.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { build } from './build.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'notebooks');
const output = join(root, 'build/notebooks');

/** @typedef {{ data?: Record<string, unknown>, metadata?: Record<string, unknown> }} Output */
/** @typedef {{ cell_type: string, id?: string, source: string | string[], outputs?: Output[], execution_count?: number | null, metadata: object }} Cell */

/** Pixels of a picture for each pixel of the page. */
const SHARPNESS = 2;

const isWriting = process.argv.includes('--write');
const notebooks = chosen(process.argv.slice(2).filter((argument) => !argument.startsWith('--')));
process.exitCode = (await main()) ? 0 : 1;

async function main() {
  if (notebooks.length === 0) {
    console.error('No notebook in notebooks/ has such a name.');
    return false;
  }
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  return build() && checkTypes(notebooks) && executeAll(notebooks);
}

/**
 * @param {readonly string[]} names
 * @returns {string[]} paths
 */
function chosen(names) {
  const all = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.ipynb')) : [];
  const paths =
    names.length === 0
      ? all.map((name) => join(folder, name))
      : names.flatMap((name) =>
          name.endsWith('.ipynb')
            ? [resolve(name)]
            : all.filter((each) => each.startsWith(name)).map((each) => join(folder, each)),
        );
  return paths.toSorted();
}

/**
 * The cells of each notebook, one below the other, are a module of the package.
 *
 * @param {readonly string[]} paths
 */
function checkTypes(paths) {
  const sources = join(output, 'types');
  mkdirSync(sources);
  for (const path of paths) {
    const code = cellsOf(path).map(({ source }, i) => `// cell ${i + 1}\n${[source].flat().join('')}\n`);
    writeFileSync(join(sources, `${basename(path, '.ipynb')}.ts`), `${code.join('\n')}\nexport {};\n`);
  }
  const settings = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      lib: ['es2023', 'dom'],
      noUnusedLocals: false,
      noUncheckedIndexedAccess: false,
      rootDir: root,
    },
    include: ['*.ts'],
  };
  writeFileSync(join(sources, 'tsconfig.json'), JSON.stringify(settings));
  const compiler = createRequire(import.meta.url).resolve('typescript/package.json');
  const { status } = spawnSync(process.execPath, [join(compiler, '../bin/tsc'), '-p', sources], {
    stdio: 'inherit',
  });
  if (status === 0) console.log(`types: ${paths.length} notebooks, no error`);
  return status === 0;
}

/** @param {string} path */
function cellsOf(path) {
  const { cells } = /** @type {{ cells: Cell[] }} */ (JSON.parse(readFileSync(path, 'utf8')));
  return cells.filter(({ cell_type: type }) => type === 'code');
}

/** @param {readonly string[]} paths */
async function executeAll(paths) {
  const kernels = join(output, 'jupyter/kernels/deno');
  mkdirSync(kernels, { recursive: true });
  writeFileSync(
    join(kernels, 'kernel.json'),
    JSON.stringify({
      argv: [join(root, 'node_modules/.bin/deno'), 'jupyter', '--kernel', '--conn', '{connection_file}'],
      display_name: 'Deno',
      language: 'typescript',
    }),
  );
  let failed = 0;
  for (const path of paths) {
    if (!execute(path, join(output, 'jupyter'))) failed += 1;
    else if (isWriting) await keep(path);
  }
  console.log(`${paths.length - failed} notebooks ran, ${failed} failed`);
  return failed === 0;
}

/**
 * @param {string} path
 * @param {string} jupyterPath
 */
function execute(path, jupyterPath) {
  const name = basename(path);
  const began = performance.now();
  const { status, stderr, error } = spawnSync(
    'jupyter-nbconvert',
    [
      '--to=notebook',
      '--execute',
      `--output-dir=${output}`,
      `--output=${name}`,
      '--ExecutePreprocessor.kernel_name=deno',
      '--ExecutePreprocessor.timeout=600',
      '--ExecutePreprocessor.record_timing=False',
      // What a busy machine shows late is waited for, and what does not come at all is a failure.
      '--ExecutePreprocessor.iopub_timeout=60',
      '--ExecutePreprocessor.raise_on_iopub_timeout=True',
      path,
    ],
    {
      cwd: dirname(path),
      encoding: 'utf8',
      env: {
        ...process.env,
        JUPYTER_PATH: jupyterPath,
        DENO_DIR: join(root, 'build/deno'),
        // Jupyter writes its own files there.
        JUPYTER_CONFIG_DIR: join(output, 'config'),
        NO_COLOR: '1',
      },
    },
  );
  if (error !== undefined) {
    console.error(`jupyter-nbconvert does not start: ${error.message}\n  apt-get install jupyter-nbconvert`);
    return false;
  }
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`${name}: ${status === 0 ? 'ok' : `exit status ${status}`}, ${seconds} s`);
  if (status !== 0) console.error(stderr.split('\n').slice(-30).join('\n'));
  return status === 0;
}

/**
 * Writes an executed notebook over its source, with pictures as PNG and without what belongs to one machine.
 *
 * @param {string} path
 */
async function keep(path) {
  const executed = readFileSync(join(output, basename(path)), 'utf8');
  const notebook = /** @type {{ cells: Cell[], metadata: object }} */ (JSON.parse(executed));
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage({ deviceScaleFactor: SHARPNESS });
    for (const shown of notebook.cells.flatMap(({ outputs = [] }) => outputs)) await drawPicture(page, shown);
  } finally {
    await browser.close();
  }
  notebook.metadata = {
    kernelspec: { display_name: 'Deno', language: 'typescript', name: 'deno' },
    language_info: { file_extension: '.ts', mimetype: 'text/x.typescript', name: 'typescript' },
  };
  writeFileSync(path, `${JSON.stringify(notebook, null, 1)}\n`);
}

/**
 * @param {import('playwright-core').Page} page
 * @param {Output} shown
 */
async function drawPicture(page, { data, metadata }) {
  const source = data?.['image/svg+xml'];
  if (data === undefined || source === undefined) return;
  const svg = Array.isArray(source) ? source.map(String).join('') : typeof source === 'string' ? source : '';
  await page.setContent(`<body style="margin: 0">${svg}`);
  const picture = await page.locator('svg').first().screenshot();
  delete data['image/svg+xml'];
  data['image/png'] = picture.toString('base64');
  if (metadata !== undefined) metadata['image/png'] = { width: Number(/width="(\d+)/.exec(svg)?.[1]) };
}
