import type { Fail, ThriftStruct, ThriftValue } from './thrift.ts';

/** A whole number that must be there, from `least` to 2^53 - 1. */
export function integer(
  struct: ThriftStruct,
  field: number,
  what: string,
  fail: Fail,
  least = -Infinity,
): number {
  const value = struct.get(field);
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
  throw fail(`its ${what} is ${describe(value)}`);
}

/** A whole number that may be missing. */
export function optionalInteger(struct: ThriftStruct, field: number): number | undefined {
  const value = struct.get(field);
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}

export function text(value: ThriftValue | undefined, what: string, fail: Fail): string {
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  throw fail(`its ${what} is ${describe(value)}`);
}

export function struct(value: ThriftValue | undefined, what: string, fail: Fail): ThriftStruct {
  if (isStruct(value)) return value;
  throw fail(`its ${what} is ${describe(value)}`);
}

export function list(value: ThriftValue | undefined, what: string, fail: Fail): readonly ThriftValue[] {
  if (Array.isArray(value)) return value as readonly ThriftValue[];
  throw fail(`its ${what} is ${describe(value)}`);
}

export function isStruct(value: ThriftValue | undefined): value is ThriftStruct {
  return value instanceof Map;
}

function describe(value: ThriftValue | undefined): string {
  if (value === undefined) return 'missing';
  return typeof value === 'object' ? 'of another kind' : `${value}`;
}
