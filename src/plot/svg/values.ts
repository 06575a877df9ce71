/** Readers of plotly's JSON, whose fields may be anything: each gives a fallback where the field is not what it reads. */

export type Json = Readonly<Record<string, unknown>>;

export function record(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function number(value: unknown, fallback: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : fallback;
}

export function text(value: unknown, fallback = ''): string {
  return typeof value === 'string' ? value : fallback;
}

/** The two ends of a range or a domain. */
export function pair(value: unknown): [number, number] | undefined {
  if (!Array.isArray(value) || value.length !== 2) return undefined;
  const [a, b] = value as unknown[];
  return typeof a === 'number' && typeof b === 'number' ? [a, b] : undefined;
}

/** A column of a trace: plain numbers, text, or numbers in base64. */
export function column(value: unknown): (number | string)[] {
  if (Array.isArray(value) || ArrayBuffer.isView(value)) {
    return Array.from(value as ArrayLike<unknown>, (entry) =>
      typeof entry === 'number' || typeof entry === 'string' ? entry : NaN,
    );
  }
  const { dtype, bdata } = record(value);
  if (typeof bdata !== 'string' || dtype !== 'f4') return [];
  const bytes = Uint8Array.from(atob(bdata), (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => view.getFloat32(4 * i, true));
}

/** A column of numbers; text becomes NaN. */
export function numbers(value: unknown): number[] {
  return column(value).map((entry) => (typeof entry === 'number' ? entry : NaN));
}

/** The rows of a matrix: nested arrays, or numbers in base64 with their shape. */
export function matrixRows(value: unknown): number[][] {
  const { shape } = record(value);
  if (typeof shape === 'string') {
    const [rows = 0, columns = 0] = shape.split(',').map(Number);
    const flat = numbers(value);
    return Array.from({ length: rows }, (_, i) => flat.slice(i * columns, (i + 1) * columns));
  }
  return Array.isArray(value) ? value.map(numbers) : [];
}
