const POINT = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
const COMMA = /^[+-]?(?:\d+,\d*|,\d+)(?:e[+-]?\d+)?$/i;
const NOT_FINITE = /^([+-]?)(?:(inf|infinity)|nan)$/i;
const MISSING = /^(?:|na|n\/a|null|none|\?|-|\.)$/i;

/** Which character stands before the fraction. */
export type DecimalMark = '.' | ',';

/** Whether a field is a decimal number, or nan or infinity, with a point or a comma before its fraction. */
export function looksLikeNumber(field: string): boolean {
  return POINT.test(field) || COMMA.test(field) || NOT_FINITE.test(field);
}

/** Whether a field stands for a value that is not there. */
export function isMissing(field: string): boolean {
  return MISSING.test(field);
}

/** The mark that a number needs to have been written with; undefined where it has no fraction, or is none. */
export function decimalMark(field: string): DecimalMark | undefined {
  if (COMMA.test(field)) return ',';
  return field.includes('.') && POINT.test(field) ? '.' : undefined;
}

/** The number; undefined when the field is none. A number beyond the range of a double becomes infinite. */
export function parseDecimal(field: string, mark: DecimalMark): number | undefined {
  if (POINT.test(field)) return mark === ',' && field.includes('.') ? undefined : Number(field);
  if (mark === ',' && COMMA.test(field)) return Number(field.replace(',', '.'));
  const special = NOT_FINITE.exec(field);
  if (special === null) return undefined;
  if (special[2] === undefined) return NaN;
  return special[1] === '-' ? -Infinity : Infinity;
}

/** Whether the field says itself that it is not finite. */
export function saysNotFinite(field: string): boolean {
  return NOT_FINITE.test(field);
}
