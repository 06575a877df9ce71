/** Rows first ... first + count - 1 of a call. `groups` are those of native/host/groups.h that they are. */
export interface Part {
  readonly first: number;
  readonly count: number;
  readonly groups: readonly [first: number, last: number];
}

/**
 * Cuts the rows of a call into at most `most` parts of nearly the same length.
 *
 * @param grouped whether a part has to be whole groups, because of sums over rows.
 */
export function partsOf(rows: number, most: number, grouped: boolean): Part[] {
  if (!grouped) {
    const count = Math.min(most, rows);
    return Array.from({ length: count }, (_, i) => {
      const [first, last] = [beginOf(rows, count, i), beginOf(rows, count, i + 1)];
      return { first, count: last - first, groups: [0, 1] };
    });
  }
  const groups = groupCount(rows);
  const count = Math.min(most, groups);
  return Array.from({ length: count }, (_, i) => {
    const [a, b] = [beginOf(groups, count, i), beginOf(groups, count, i + 1)];
    const first = beginOf(rows, groups, a);
    return { first, count: beginOf(rows, groups, b) - first, groups: [a, b] };
  });
}

/** As in native/host/groups.h, which refuses rows that do not fit its groups. */
export function groupCount(rows: number): number {
  return rows === 1 ? 1 : Math.max(2, Math.floor((rows + 128) / 256));
}

/** Where cut number i of `total` into `count` begins: lengths differ by one at most, the longer ones first. */
function beginOf(total: number, count: number, i: number): number {
  const length = Math.floor(total / count);
  return i * length + Math.min(i, total % count);
}
