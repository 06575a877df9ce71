/** A one-to-one assignment of rows to columns, and what proves how good it is. */
export interface Assignment {
  /** The column of each row. */
  readonly columns: Int32Array;
  /** Of its columns: with u_i = min_j cost(i, j) - price_j, no assignment costs less than sum(u) + sum(prices). */
  readonly prices: Float64Array;
}

/**
 * The cheapest assignment of n rows to n columns, by shortest augmenting paths: rows enter one after the other, each on
 * the shortest path, in costs less prices, to a column that is free (Jonker and Volgenant, "A shortest augmenting path
 * algorithm for dense and sparse linear assignment problems", Computing 38, 1987; this is its last phase, from zero
 * prices). O(n^3). Costs are finite.
 */
export function assign(n: number, cost: (row: number, column: number) => number): Assignment {
  const columns = new Int32Array(n).fill(-1);
  const rows = new Int32Array(n).fill(-1);
  const prices = new Float64Array(n);
  const distance = new Float64Array(n);
  const before = new Int32Array(n);
  const settled = new Uint8Array(n);
  for (let entering = 0; entering < n; entering++) {
    settled.fill(0);
    for (let j = 0; j < n; j++) {
      distance[j] = cost(entering, j) - prices[j]!;
      before[j] = entering;
    }
    let nearest = nearestOpen(distance, settled);
    while (rows[nearest]! >= 0) {
      settled[nearest] = 1;
      const row = rows[nearest]!;
      // Along the edge that is in the assignment the path gets no longer.
      const length = distance[nearest]! - (cost(row, nearest) - prices[nearest]!);
      for (let j = 0; j < n; j++) {
        const through = length + cost(row, j) - prices[j]!;
        if (settled[j] === 0 && through < distance[j]!) {
          distance[j] = through;
          before[j] = row;
        }
      }
      nearest = nearestOpen(distance, settled);
    }
    for (let j = 0; j < n; j++) {
      if (settled[j] === 1) prices[j]! += distance[j]! - distance[nearest]!;
    }
    for (let column = nearest, row = -1; row !== entering;) {
      row = before[column]!;
      rows[column] = row;
      const next = columns[row]!;
      columns[row] = column;
      column = next;
    }
  }
  return { columns, prices };
}

function nearestOpen(distance: Float64Array, settled: Uint8Array): number {
  let nearest = -1;
  for (let j = 0; j < distance.length; j++) {
    if (settled[j] === 0 && (nearest < 0 || distance[j]! < distance[nearest]!)) nearest = j;
  }
  return nearest;
}
