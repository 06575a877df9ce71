import { bestIn, columnsFor } from '../plot/index.ts';
import type { Column } from '../plot/index.ts';
import type { ComparisonResults, ModelResult } from './results.ts';

/**
 * The comparison as a table for a terminal of so many characters: a line for each quantity, a column for each model,
 * the best of a line starred, and the reasons of failures below. Models that do not fit beside each other follow in
 * further tables.
 */
export function summaryTable({ models }: ComparisonResults, width = 100): string {
  const quantities = columnsFor(models);
  const labels = [
    '',
    ...quantities.map(({ title: [name, unit] }) => (unit === '' ? name : `${name}, ${unit}`)),
  ];
  const columns = models.map((model) => columnOf(model, quantities, models));
  const labelWidth = Math.max(...labels.map((label) => label.length));
  const tables = groups(columns, width - labelWidth).map((group) =>
    labels
      .map((label, i) => {
        const cells = group.map((column) => '  ' + column[i]!.padStart(widthOf(column)));
        return (label.padEnd(labelWidth) + cells.join('')).trimEnd();
      })
      .join('\n'),
  );
  const starred = columns.some((column) => column.some((cell) => cell.endsWith('*')));
  const notes = models
    .filter((model) => model.status === 'failed')
    .map((model) => `${model.name} failed: ${model.message ?? 'no reason was given'}`);
  return [...tables, ...(starred ? ['* best'] : []), ...notes].join('\n\n');
}

/** The model's name and its values, all with room for a star so that the digits stand below each other. */
function columnOf(
  model: ModelResult,
  quantities: readonly Column[],
  models: readonly ModelResult[],
): string[] {
  const values = quantities.map(
    (quantity) => quantity.text(model) + (bestIn(quantity, models).has(model) ? '*' : ' '),
  );
  return [`${model.name} `, ...values];
}

function widthOf(column: readonly string[]): number {
  return Math.max(...column.map((cell) => cell.length));
}

/** Columns that fit beside each other; always at least one. */
function groups(columns: readonly string[][], width: number): string[][][] {
  const found: string[][][] = [];
  let room = 0;
  for (const column of columns) {
    const needed = widthOf(column) + 2;
    room -= needed;
    if (room < 0 || found.length === 0) {
      found.push([]);
      room = width - needed;
    }
    found.at(-1)!.push(column);
  }
  return found;
}
