/** A stroke of a pen: straight from point to point. */
export type Stroke = readonly (readonly [x: number, y: number])[];

interface Letter {
  /** In units of the height, which is 1. */
  width: number;
  /** In a square of side 1, y upwards. */
  strokes: readonly Stroke[];
}

/** Pieces of a quarter turn: a corner of 10 degrees is far below what the pen's width shows. */
const PIECES = 9;

const bowl: Stroke = [[0, 1], [0.5, 1], ...arc(0.5, 0.75, 0.5, 0.25, 90, -90), [0.5, 0.5], [0, 0.5]];
const stem: Stroke = [
  [0, 0],
  [0, 1],
];

const letters: Readonly<Record<string, Letter>> = {
  S: {
    width: 0.4,
    strokes: [[...arc(0.5, 0.75, 0.5, 0.25, 30, 270), ...arc(0.5, 0.25, 0.5, 0.25, 90, -150).slice(1)]],
  },
  I: { width: 0, strokes: [stem] },
  G: { width: 0.45, strokes: [[...arc(0.5, 0.5, 0.5, 0.5, 45, 360), [0.55, 0.5]]] },
  R: {
    width: 0.4,
    strokes: [
      stem,
      bowl,
      [
        [0.45, 0.5],
        [1, 0],
      ],
    ],
  },
  A: {
    width: 0.45,
    strokes: [
      [
        [0, 0],
        [0.5, 1],
        [1, 0],
      ],
      [
        [0.2, 0.4],
        [0.8, 0.4],
      ],
    ],
  },
  P: { width: 0.375, strokes: [stem, bowl] },
  H: {
    width: 0.4,
    strokes: [
      stem,
      [
        [1, 0],
        [1, 1],
      ],
      [
        [0, 0.5],
        [1, 0.5],
      ],
    ],
  },
};

/** The strokes of a word of the letters above, `height` high, `gap` between letters, its middle at the origin. */
export function writeWord(word: string, height: number, gap: number): Stroke[] {
  const strokes: Stroke[] = [];
  let left = 0;
  for (const character of word) {
    const { width, strokes: own } = letters[character]!;
    for (const stroke of own) {
      strokes.push(stroke.map(([x, y]) => [left + x * width * height, (y - 0.5) * height]));
    }
    left += width * height + gap;
  }
  const middle = (left - gap) / 2;
  return strokes.map((stroke) => stroke.map(([x, y]) => [x - middle, y]));
}

/** An arc of an ellipse about (x, y), between two angles in degrees. */
function arc(x: number, y: number, radiusX: number, radiusY: number, from: number, to: number): Stroke {
  const count = Math.ceil((Math.abs(to - from) / 90) * PIECES);
  return Array.from({ length: count + 1 }, (_, i) => {
    const angle = ((from + ((to - from) * i) / count) * Math.PI) / 180;
    return [x + radiusX * Math.cos(angle), y + radiusY * Math.sin(angle)];
  });
}
