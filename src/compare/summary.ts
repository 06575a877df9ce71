import { bestIn, quantitiesFor } from '../plot/index.ts';
import type { Quantity } from '../plot/index.ts';
import type { ComparisonResults, ModelResult } from './results.ts';

/**
 * The comparison as a table for a terminal of so many characters: a line for each quantity, a column for each model,
 * the best of a line starred, and the reasons of failures below. Models that do not fit beside each other follow in
 * further tables.
 */
export function summaryTable(results: ComparisonResults, width = 100): string {
  const { models } = results;
  const quantities = quantitiesFor(results).flatMap((group) => group.quantities);
  const labels = ['', ...quantities.map(labelOf)];
  const columns = models.map((model) => columnOf(model, quantities, results));
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
  return [...tables, ...(starred ? ['* best, or not to be told from the best'] : []), ...notes].join('\n\n');
}

function labelOf({ title, unit }: Quantity): string {
  if (unit === '') return title;
  return unit.startsWith('(') ? `${title} ${unit}` : `${title}, ${unit}`;
}

/** The model's name and its values, all with room for a star so that the digits stand below each other. */
function columnOf(model: ModelResult, quantities: readonly Quantity[], results: ComparisonResults): string[] {
  const values = quantities.map(
    (quantity) => quantity.text(model, results) + (bestIn(quantity, results).has(model) ? '*' : ' '),
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
