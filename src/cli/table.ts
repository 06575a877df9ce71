/** Lines of cells below each other for a terminal: the first `labels` columns begin, the others end, in one place. */
export function aligned(lines: readonly (readonly string[])[], labels: number): string {
  const widths = lines[0]!.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) =>
          column < labels ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
