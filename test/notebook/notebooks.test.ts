import { describe, expect, it } from 'vitest';
import { read, writtenFiles } from '../support/repository.ts';

interface Output {
  output_type: string;
  text?: string | string[];
  data?: Record<string, unknown>;
}

interface Cell {
  cell_type: 'code' | 'markdown';
  source: string | string[];
  execution_count?: number | null;
  outputs?: Output[];
}

const notebooks = writtenFiles(['notebooks']).filter((path) => path.endsWith('.ipynb'));

function cellsOf(path: string): Cell[] {
  return (JSON.parse(read(path)) as { cells: Cell[] }).cells;
}

function sourceOf({ source }: Cell): string {
  return [source].flat().join('');
}

it('finds the notebooks', () => {
  expect(notebooks.length).toBeGreaterThanOrEqual(7);
});

describe.each(notebooks)('%s', (path) => {
  const cells = cellsOf(path);
  const code = cells.filter((cell) => cell.cell_type === 'code');

  it('begins with its title, and has words between its cells', () => {
    expect(sourceOf(cells[0]!)).toMatch(/^# \S/);
    const words = cells.filter((cell) => cell.cell_type === 'markdown');
    expect(words.length).toBeGreaterThanOrEqual(code.length / 3);
  });

  it('was run once from its first cell to its last, without an error', () => {
    expect(code.map((cell) => cell.execution_count)).toEqual(code.map((_, i) => i + 1));
    expect(
      code.flatMap((cell) => cell.outputs ?? []).filter((output) => output.output_type === 'error'),
    ).toEqual([]);
  });

  it('keeps what each cell showed', () => {
    const silent = code.filter(
      (cell) => sourceOf(cell).includes('await show(') && cell.outputs?.length === 0,
    );
    expect(silent.map(sourceOf)).toEqual([]);
  });

  it('has a picture beside the interactive form of each figure', () => {
    const bundles = code.flatMap((cell) => cell.outputs ?? []).map((output) => output.data ?? {});
    const figures = bundles.filter((data) => 'application/vnd.plotly.v1+json' in data);
    for (const data of figures) {
      expect(String(data['image/png'])).toMatch(/^iVBOR/);
      expect(data).not.toHaveProperty('image/svg+xml');
    }
  });

  it('has short cells with short lines', () => {
    const long = code.filter((cell) => sourceOf(cell).split('\n').length > 32);
    expect(long.map(sourceOf)).toEqual([]);
    const wide = code.flatMap((cell) => sourceOf(cell).split('\n')).filter((line) => line.length > 100);
    expect(wide).toEqual([]);
  });

  it('names only notebooks that are there', () => {
    const links = cells
      .map(sourceOf)
      .flatMap((text) => [...text.matchAll(/\]\(([\w-]+\.ipynb)\)/g)].map(([, to]) => `notebooks/${to}`));
    expect(links.filter((to) => !notebooks.includes(to))).toEqual([]);
  });
});
