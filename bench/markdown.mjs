// Tables and numbers as markdown, and their places in a document.

/**
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} lines
 * @returns {string}
 */
export function table(head, lines) {
  const rule = head.map((_, column) => (column === 0 ? '---' : '--:'));
  return [head, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/**
 * @param {number} x
 * @returns {string} three digits
 */
export function short(x) {
  return x !== 0 && Math.abs(x) < 1e-4 ? x.toExponential(1) : String(Number(x.toPrecision(3)));
}

/**
 * @param {import('./statistics.mjs').Spread} spread
 * @returns {string} the median, and between which values it lies
 */
export function spread({ median, least, most }) {
  return `${short(median)} (${short(least)} to ${short(most)})`;
}

/**
 * @param {boolean | null} met
 * @returns {string}
 */
export function verdict(met) {
  if (met === null) return '';
  return met ? 'yes' : '**no**';
}

/**
 * Replaces what stands between `<!-- measured: NAME -->` and `<!-- end -->` in a document.
 *
 * @param {string} document
 * @param {Readonly<Record<string, string>>} sections by name
 * @returns {string}
 */
export function fill(document, sections) {
  let filled = document;
  for (const [name, text] of Object.entries(sections)) {
    const begin = `<!-- measured: ${name} -->`;
    const from = filled.indexOf(begin);
    const to = filled.indexOf('<!-- end -->', from);
    if (from < 0 || to < 0) throw new Error(`the document has no place '${begin} ... <!-- end -->'`);
    filled = `${filled.slice(0, from)}${begin}\n\n${text}\n\n${filled.slice(to)}`;
  }
  return filled;
}
