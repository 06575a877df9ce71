import { describe, expect, it } from 'vitest';
import { checkImports } from '../../scripts/imports/check.mjs';
import { findCycles } from '../../scripts/imports/cycles.mjs';
import { parseImports } from '../../scripts/imports/parse.mjs';
import { BESIDE, LAYERS } from '../../scripts/imports/rules.mjs';

const dependencies = new Set(['mathjs', 'commander', '@scope/name']);

/** The problems of one file that holds one line. */
function problemsOf(file: string, source: string): string[] {
  return checkImports(new Map([[file, source]]), dependencies);
}

const allowed: [file: string, source: string][] = [
  ['ode/solve.ts', "import { LiouvilleError } from '../errors.ts';"],
  ['ode/tableaus/dopri5.ts', "import type { Tableau } from '../tableau.ts';"],
  ['engine/reference.ts', "import { solve } from '../ode/index.ts';"],
  ['engine/reference.ts', "import { run } from '../program/index.ts';"],
  ['nn/linear.ts', "import { affine } from '../program/index.ts';"],
  ['cnf/transform.ts', "import { Transform } from '../flow/transform.ts';"],
  ['cnf/import.ts', "import { readSafetensors } from '../files/safetensors.ts';"],
  ['train/save.ts', "import { writeSafetensors } from '../files/safetensors.ts';"],
  ['models/load.ts', "import { ffjord } from '../cnf/index.ts';"],
  ['compare/report.ts', "import { density } from '../plot/index.ts';"],
  ['cli/main.ts', "import { readFile } from 'node:fs/promises';"],
  ['cli/main.ts', "import { Command } from 'commander';"],
  ['engine/native/load.ts', "import { createRequire } from 'node:module';"],
  ['files/read.ts', "const fs = await import('node:fs/promises');"],
  ['data/toys.ts', "import { Philox } from '../random/index.ts';"],
  ['plot/density.ts', "import type { Flow } from '../flow/index.ts';"],
  ['plot/density.ts', "let flow: import('../flow/index.ts').Flow;"],
  ['program/formula.ts', "import { parse } from 'mathjs/number';"],
  ['engine/tfjs/load.ts', "import type { Tensor } from '@tensorflow/tfjs-core';"],
  ['engine/webgpu/device.ts', "const { create } = await import('webgpu');"],
  ['program/formula.ts', "import { parse } from '@scope/name/part';"],
  ['index.ts', "export * from './compare/index.ts';"],
];

const forbidden: [file: string, source: string, reason: RegExp][] = [
  ['program/trace.ts', "import { solve } from '../ode/index.ts';", /share a layer/],
  ['ode/solve.ts', "import type { Program } from '../program/index.ts';", /share a layer/],
  ['program/trace.ts', "import { run } from '../engine/index.ts';", /'engine' stands above 'program'/],
  ['engine/solve.ts', "export * from '../flow/index.ts';", /'flow' stands above 'engine'/],
  ['nn/mlp.ts', "import { Flow } from '../flow/index.ts';", /share a layer/],
  ['cnf/ffjord.ts', "import { coupling } from '../discrete/index.ts';", /share a layer/],
  ['train/fit.ts', "const { ffjord } = await import('../cnf/index.ts');", /share a layer/],
  ['models/index.ts', "export { compare } from '../compare/index.ts';", /'compare' stands above/],
  ['compare/run.ts', "import { main } from '../cli/main.ts';", /'cli' stands above/],
  ['index.ts', "export * from './cli/main.ts';", /command line/],
  ['models/index.ts', "import { ffjord } from '../index.ts';", /index of the whole library/],
  ['plot/density.ts', "import { gaussian } from '../flow/index.ts';", /only types/],
  ['plot/density.ts', "import { type Flow } from '../flow/index.ts';", /only types/],
  ['data/load.ts', "import { readNpy } from '../files/npy.ts';", /only types/],
  ['engine/reference.ts', "import { readNpy } from '../files/npy.ts';", /too near the ground/],
  ['flow/flow.ts', "import { readFile } from 'node:fs/promises';", /browser/],
  ['flow/flow.ts', "import { readFileSync } from 'fs';", /browser/],
  ['files/read.ts', "import { readFile } from 'node:fs/promises';", /dynamically/],
  ['cli/main.ts', "import { join } from 'path';", /node:path/],
  ['flow/flow.ts', "import { expect } from 'vitest';", /dependencies of package\.json/],
  ['train/fit.ts', "import { Command } from 'commander';", /only 'cli'/],
  ['engine/tfjs/load.ts', "import { tidy } from '@tensorflow/tfjs-core';", /may not be there.*dynamically/],
  ['flow/flow.ts', "const tf = await import('@tensorflow/tfjs-core');", /only 'engine\/tfjs\/'/],
  ['flow/flow.ts', 'await import(name);', /not a plain string/],
  ['flow/flow.ts', "import { root } from '../../test/support/repository.ts';", /outside src/],
  ['cellar/wine.ts', "import { LiouvilleError } from '../errors.ts';", /'cellar' has no place/],
];

describe('import directions', () => {
  it.each(allowed)('%s may: %s', (file, source) => {
    expect(problemsOf(file, source)).toEqual([]);
  });

  it.each(forbidden)('%s may not: %s', (file, source, reason) => {
    const problems = problemsOf(file, source);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(reason);
  });

  it('names the file and the line', () => {
    const source = "import { a } from '../errors.ts';\n\nimport {\n  b,\n} from '../cli/main.ts';\n";
    expect(problemsOf('flow/flow.ts', source)).toEqual([
      expect.stringMatching(/^src\/flow\/flow\.ts:3: 'cli' stands above 'flow'/),
    ]);
  });

  it('gives every room one place', () => {
    const rooms = [...LAYERS.flat(), ...BESIDE];
    expect(new Set(rooms).size).toBe(rooms.length);
  });
});

describe('import cycles', () => {
  it('are found among values', () => {
    const files = new Map([
      ['ode/a.ts', "import { b } from './b.ts';"],
      ['ode/b.ts', "export { c } from './deep/c.ts';"],
      ['ode/deep/c.ts', "import { a } from '../a.ts';"],
      ['ode/d.ts', "import { a } from './a.ts';"],
    ]);
    expect(checkImports(files, dependencies)).toEqual([
      'import cycle among src/ode/a.ts, src/ode/b.ts, src/ode/deep/c.ts',
    ]);
  });

  it('do not arise from types and dynamic imports', () => {
    const files = new Map([
      ['ode/a.ts', "import { b } from './b.ts';"],
      ['ode/b.ts', "import type { A } from './a.ts'; const a = () => import('./a.ts');"],
    ]);
    expect(checkImports(files, dependencies)).toEqual([]);
  });

  it('are told apart, and a diamond is none', () => {
    const graph = new Map([
      ['top', ['left', 'right']],
      ['left', ['bottom']],
      ['right', ['bottom']],
      ['bottom', ['loop']],
      ['loop', ['loop']],
      ['x', ['y', 'top']],
      ['y', ['x']],
    ]);
    expect(findCycles(graph).map((cycle) => cycle.toSorted())).toEqual([['loop'], ['x', 'y']]);
  });
});

describe('parseImports', () => {
  it('tells values, types and dynamic imports apart', () => {
    const source = [
      "import './a.ts';",
      "import type { B } from './b.ts';",
      "import { type C } from './c.ts';",
      "export type { D } from './d.ts';",
      "export * as e from './e.ts';",
      "type F = import('./f.ts').F;",
      "void import('./g.ts');",
      "// import './comment.ts';",
      'export const text = "import \'./string.ts\'";',
    ].join('\n');
    expect(parseImports('x.ts', source)).toEqual([
      { specifier: './a.ts', kind: 'value', line: 1 },
      { specifier: './b.ts', kind: 'type', line: 2 },
      { specifier: './c.ts', kind: 'value', line: 3 },
      { specifier: './d.ts', kind: 'type', line: 4 },
      { specifier: './e.ts', kind: 'value', line: 5 },
      { specifier: './f.ts', kind: 'type', line: 6 },
      { specifier: './g.ts', kind: 'dynamic', line: 7 },
    ]);
  });

  it('reads declarations', () => {
    const source = "declare module 'plain' {\n  import type { A } from 'other';\n  export const a: A;\n}";
    expect(parseImports('plain.d.ts', source)).toEqual([{ specifier: 'other', kind: 'type', line: 2 }]);
  });

  it('refuses what is no TypeScript', () => {
    expect(() => parseImports('x.ts', 'import { from')).toThrow(/x\.ts cannot be parsed/);
  });
});
