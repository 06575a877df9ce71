/** What a link carries: the points, both flows, and what is shown. */
export interface Shared {
  readonly points: readonly (readonly [number, number])[];
  readonly flows: readonly [string, string];
}

/** Half the side of the square that points lie in. */
export const RANGE = 4;

/** The most points that a drawing has, and a link carries. */
export const MOST_POINTS = 1500;

/** Points as two bytes each, on a grid of 1/32, and the names of the flows: `#a=ffjord&b=realnvp&p=...`. */
export function encodeLink({ points, flows }: Shared): string {
  const bytes = points.slice(0, MOST_POINTS).flatMap(([x, y]) => [toByte(x), toByte(y)]);
  const text = btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
  return `#a=${flows[0]}&b=${flows[1]}&p=${text}`;
}

/** What a link says; anything that cannot be read is left out. */
export function decodeLink(hash: string): Partial<Shared> {
  const fields = new URLSearchParams(hash.replace(/^#/, ''));
  const [a, b, text] = ['a', 'b', 'p'].map((name) => fields.get(name));
  return {
    ...(a != null && b != null && { flows: [a, b] as const }),
    ...(text != null && { points: pointsOf(text) }),
  };
}

function pointsOf(text: string): [number, number][] {
  let bytes: string;
  try {
    bytes = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  } catch {
    return [];
  }
  const count = Math.min(MOST_POINTS, Math.floor(bytes.length / 2));
  return Array.from({ length: count }, (_, i) => [
    fromByte(bytes.charCodeAt(2 * i)),
    fromByte(bytes.charCodeAt(2 * i + 1)),
  ]);
}

function toByte(value: number): number {
  return Math.min(255, Math.max(0, Math.round(((value + RANGE) / (2 * RANGE)) * 255)));
}

function fromByte(byte: number): number {
  return (byte / 255) * 2 * RANGE - RANGE;
}
