import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { transformSync } from 'rolldown/utils';
import { beforeAll, describe, expect, it } from 'vitest';
import { main } from '../../src/cli/program.ts';
import { read, root, writtenFiles } from '../support/repository.ts';

/** A block of code of a document. */
interface Block {
  readonly name: string;
  readonly language: string;
  readonly code: string;
  readonly path: string;
}

const documents = writtenFiles().filter((path) => /^(docs\/.*|README.*)\.md$/.test(path));

function blocksOf(path: string): Block[] {
  return [...read(path).matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, language = '', code = ''], i) => ({
    name: `${path.replace(/^docs\//, '').replace('.md', '')}-${i + 1}`,
    language,
    code,
    path,
  }));
}

const blocks = documents.flatMap(blocksOf);
const typescript = blocks.filter(({ language }) => language === 'ts');

/** What a document says in comments that its blocks may use: `<!-- setup ... -->`. */
function setupOf(path: string): string {
  return [...read(path).matchAll(/<!-- setup\n([\s\S]*?)-->/g)].map(([, code]) => code).join('\n');
}

/** The setup, and the block in a scope of its own, whose imports may repeat those of the setup. Trainings take 3 steps. */
function moduleOf({ code, path }: Block): string {
  const types = [...code.matchAll(/^import type .*$/gm)].map(([line]) => line);
  const inner = code
    .replaceAll(/^import type .*\n/gm, '')
    .replaceAll(
      /^import \{([\s\S]*?)\} from '([^']+)';/gm,
      (_, names: string, from: string) => `const {${names}} = await import('${from}');`,
    )
    .replaceAll(/steps: [\d_]+/g, 'steps: 3');
  return `${types.join('\n')}\n${setupOf(path)}\n{\n${inner}\n}\nexport {};\n`;
}

const folder = join(root, 'build/examples');
const outcomes = new Map<string, string>();

beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(folder, 'empty'), { recursive: true });
  for (const block of typescript) {
    const source = moduleOf(block);
    writeFileSync(join(folder, `${block.name}.ts`), source);
    const { code, errors } = transformSync(`${block.name}.ts`, source, {
      typescript: { onlyRemoveTypeImports: true },
    });
    if (errors[0] !== undefined) throw new Error(`${block.name}: ${errors[0].message}`);
    writeFileSync(join(folder, `${block.name}.mjs`), code);
  }
  const settings = {
    extends: join(root, 'tsconfig.json'),
    compilerOptions: {
      noUnusedLocals: false,
      noUnusedParameters: false,
      noUncheckedIndexedAccess: false,
      rootDir: root,
    },
    include: ['*.ts'],
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  // One process runs all of them, one after the other, in an empty folder.
  const run = `
    for (const name of ${JSON.stringify(typescript.map(({ name }) => name))}) {
      const outcome = await import(${JSON.stringify(`${folder}/`)} + name + '.mjs').then(() => 'ok', (error) => error.stack);
      process.stderr.write(JSON.stringify([name, outcome]) + '\\n');
    }`;
  const { stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', run], {
    cwd: join(folder, 'empty'),
    encoding: 'utf8',
    timeout: 150_000,
  });
  for (const line of stderr.split('\n').filter((each) => each.startsWith('["'))) {
    const [name, outcome] = JSON.parse(line) as [string, string];
    outcomes.set(name, outcome);
  }
}, 180_000);

describe('code in documents', () => {
  it('is there', () => {
    expect(typescript.length).toBeGreaterThan(20);
  });

  it('has the right types', { timeout: 120_000 }, () => {
    const compiler = createRequire(import.meta.url).resolve('typescript/package.json');
    const { stdout } = spawnSync(process.execPath, [join(compiler, '../bin/tsc'), '-p', folder], {
      encoding: 'utf8',
    });
    expect(stdout).toBe('');
  });

  it.each(typescript)('runs: $name', ({ name }) => {
    expect(outcomes.get(name)).toBe('ok');
  });
});

/** Their names and options alone: many of them would train for minutes, on data that no document can bring along. */
describe('commands in documents', () => {
  const lines = blocks
    .filter(({ language }) => language === 'sh')
    .flatMap(({ path, code }) => code.split('\n').map((line) => ({ path, line })))
    .map(({ path, line }) => ({ path, line: line.replace(/^liouville /, 'npx liouville ') }))
    .filter(({ line }) => line.startsWith('npx liouville '));

  it.each(lines)('$path: $line', async ({ line }) => {
    const [, , name = '', ...rest] = line
      .replace(/\s#.*$/, '')
      .trim()
      .split(/\s+/);
    const helpOf = async (...command: string[]): Promise<string> => {
      let help = '';
      const stdout = { write: (text: string) => void (help += text) };
      const { signal } = new AbortController();
      const status = await main([...command, '--help'], { stdout, stderr: stdout, env: {}, signal });
      expect(status, `the command ${command.join(' ')}`).toBe(0);
      return help;
    };
    const above = await helpOf(name);
    const [second = ''] = rest;
    const isCommand = /^[a-z]+$/.test(second) && new RegExp(`^ +${second} `, 'm').test(above);
    const help = isCommand ? await helpOf(name, second) : above;
    const options = rest.filter((word) => word.startsWith('-'));
    expect(options.filter((option) => !new RegExp(`(^|[ ,])${option}\\b`, 'm').test(help))).toEqual([]);
  });
});
