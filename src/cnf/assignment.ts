/**
 * The cheapest pairing: `result[i]` is the column of row i, where the cost of pairing i with j is `costs[i n + j]`, for
 * finite costs. Shortest augmenting paths with dual prices (Jonker and Volgenant 1987): O(n^3).
 */
export function assignment(costs: Float64Array, n: number): Int32Array {
  // Column n stands for "none yet": each row is brought in from there.
  const rowPrice = new Float64Array(n);
  const columnPrice = new Float64Array(n + 1);
  const rowOf = new Int32Array(n + 1).fill(-1);
  const cameFrom = new Int32Array(n + 1);
  const distance = new Float64Array(n + 1);
  const visited = new Uint8Array(n + 1);
  for (let row = 0; row < n; row++) {
    rowOf[n] = row;
    distance.fill(Infinity);
    visited.fill(0);
    let column = n;
    while (rowOf[column] !== -1) {
      visited[column] = 1;
      const i = rowOf[column]!;
      let nearest = -1;
      for (let j = 0; j < n; j++) {
        if (visited[j] === 1) continue;
        const reduced = costs[i * n + j]! - rowPrice[i]! - columnPrice[j]!;
        if (reduced < distance[j]!) {
          distance[j] = reduced;
          cameFrom[j] = column;
        }
        if (nearest === -1 || distance[j]! < distance[nearest]!) nearest = j;
      }
      const step = distance[nearest]!;
      for (let j = 0; j <= n; j++) {
        if (visited[j] === 1) {
          rowPrice[rowOf[j]!] = rowPrice[rowOf[j]!]! + step;
          columnPrice[j] = columnPrice[j]! - step;
        } else {
          distance[j] = distance[j]! - step;
        }
      }
      column = nearest;
    }
    while (column !== n) {
      const before = cameFrom[column]!;
      rowOf[column] = rowOf[before]!;
      column = before;
    }
  }
  const result = new Int32Array(n);
  for (let j = 0; j < n; j++) result[rowOf[j]!] = j;
  return result;
}
