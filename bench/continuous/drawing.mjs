// Small panels with lines on logarithmic axes, as SVG.

const colours = ['#0072b2', '#d55e00', '#009e73', '#cc79a7'];

/**
 * @typedef {object} Line
 * @property {string} label lines of one label have one colour and one place in the legend
 * @property {readonly (readonly [x: number, y: number])[]} points
 */
/**
 * @typedef {object} Panels
 * @property {string} text below everything
 * @property {readonly number[]} xTicks the first and the last are the ends of the axis
 * @property {readonly number[]} yTicks likewise
 * @property {readonly { title: string, lines: readonly Line[], goal?: number }[]} panels
 */

const [width, height] = [240, 200];
const margin = { left: 44, right: 12, top: 26, bottom: 28 };

/**
 * Values below the axis are drawn on it.
 *
 * @param {Panels} drawing
 * @param {number} columns
 * @returns {string}
 */
export function panelsSvg({ text, xTicks, yTicks, panels }, columns) {
  const labels = [...new Set(panels.flatMap(({ lines }) => lines.map(({ label }) => label)))];
  const rows = Math.ceil(panels.length / columns);
  const x = axis(xTicks, margin.left, width - margin.right);
  const y = axis(yTicks, height - margin.bottom, margin.top);
  const drawn = panels.map(({ title, lines, goal }, i) => {
    const grid = yTicks.map(
      (tick) =>
        `<line x1="${margin.left}" x2="${width - margin.right}" y1="${y(tick)}" y2="${y(tick)}" stroke="#ddd"/>` +
        `<text x="${margin.left - 4}" y="${y(tick) + 4}" text-anchor="end">${tick}</text>`,
    );
    const below = xTicks.map(
      (tick) => `<text x="${x(tick)}" y="${height - 12}" text-anchor="middle">${tick}</text>`,
    );
    const target =
      goal === undefined
        ? ''
        : `<line x1="${margin.left}" x2="${width - margin.right}" y1="${y(goal)}" y2="${y(goal)}" stroke="#555" stroke-dasharray="4 3"/>`;
    const curves = lines.map(({ label, points }) => {
      const colour = colours[labels.indexOf(label) % colours.length];
      const places = points.map(([a, b]) => [x(a), y(b)]);
      const dots = places.map(([a, b]) => `<circle cx="${a}" cy="${b}" r="2.5" fill="${colour}"/>`).join('');
      const path = places.map((place) => place.join(',')).join(' ');
      return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="1.5"/>${dots}`;
    });
    const place = `translate(${(i % columns) * width},${Math.floor(i / columns) * height})`;
    const heading = `<text x="${margin.left}" y="16" font-weight="bold">${title}</text>`;
    return `<g transform="${place}">${heading}${[...grid, ...below, target, ...curves].join('')}</g>`;
  });
  const all = { width: columns * width, height: rows * height + 40 };
  const legend = labels.map(
    (label, i) =>
      `<text x="${margin.left + i * 210}" y="${rows * height + 14}" fill="${colours[i % colours.length]}">${label}</text>`,
  );
  const caption = `<text x="${margin.left}" y="${rows * height + 32}">${text}</text>`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${all.width} ${all.height}" font-family="sans-serif" font-size="11">` +
    `<rect width="100%" height="100%" fill="#fff"/>${drawn.join('')}${legend.join('')}${caption}</svg>\n`
  );
}

/**
 * @param {readonly number[]} ticks
 * @param {number} from
 * @param {number} to
 * @returns {(value: number) => number}
 */
function axis(ticks, from, to) {
  const [low, high] = [Math.log(Number(ticks[0])), Math.log(Number(ticks.at(-1)))];
  return (value) => {
    const part = (Math.log(Math.max(value, Number(ticks[0]))) - low) / (high - low);
    return Number((from + Math.min(part, 1) * (to - from)).toFixed(1));
  };
}
