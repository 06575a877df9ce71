// Finds import cycles by Tarjan's algorithm for strongly connected components.

/**
 * @param {ReadonlyMap<string, readonly string[]>} graph from each file to the files that it imports
 * @returns {string[][]} the files of each cycle, one list per strongly connected component
 */
export function findCycles(graph) {
  /** @type {Map<string, { index: number, low: number, open: boolean }>} */
  const visited = new Map();
  /** @type {string[]} */
  const stack = [];
  /** @type {string[][]} */
  const cycles = [];

  /** @param {string} file */
  const visit = (file) => {
    const state = { index: visited.size, low: visited.size, open: true };
    visited.set(file, state);
    stack.push(file);
    for (const next of graph.get(file) ?? []) {
      const seen = visited.get(next);
      if (seen === undefined) state.low = Math.min(state.low, visit(next).low);
      else if (seen.open) state.low = Math.min(state.low, seen.index);
    }
    if (state.low === state.index) {
      const component = stack.splice(stack.indexOf(file));
      for (const member of component) {
        const memberState = visited.get(member);
        if (memberState !== undefined) memberState.open = false;
      }
      const importsItself = graph.get(file)?.includes(file) === true;
      if (component.length > 1 || importsItself) cycles.push(component);
    }
    return state;
  };

  for (const file of graph.keys()) {
    if (!visited.has(file)) visit(file);
  }
  return cycles;
}
