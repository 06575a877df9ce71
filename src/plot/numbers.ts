/** What stands where nothing was measured. */
export const NOTHING = '–';

/** A number with so many significant digits: 12,345 or 0.0123 or 1.2e-7. */
export function significant(value: number | null, digits = 3): string {
  if (value === null) return NOTHING;
  const magnitude = Math.abs(value);
  if (magnitude >= 10 ** digits && magnitude < 1e9) return grouped(Math.round(value));
  if (magnitude !== 0 && (magnitude < 1e-3 || magnitude >= 1e9)) return value.toExponential(digits - 1);
  return String(Number(value.toPrecision(digits)));
}

/** A number with commas between its thousands, whatever the language of the machine: 50,000. */
export function grouped(value: number): string {
  return value.toLocaleString('en-US');
}

export function fixed(value: number | null, digits: number): string {
  return value === null ? NOTHING : value.toFixed(digits);
}

/** A number with what it may be off by: 0.123 ± 0.004. */
export function withError(value: number | null, error: number | null, digits = 3): string {
  return value === null ? NOTHING : `${value.toFixed(digits)} ± ${fixed(error, digits)}`;
}

/** A probability as papers give it: 0.03, or < 0.001. */
export function probability(p: number): string {
  return p < 0.001 ? '< 0.001' : String(Number(p.toPrecision(2)));
}
