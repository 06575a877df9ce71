import { float16ToNumber } from '../half.ts';
import { isStruct, optionalInteger } from './fields.ts';
import type { ThriftStruct } from './thrift.ts';

/** The physical types that hold numbers, by their Parquet names. */
export type PhysicalType = 'BOOLEAN' | 'INT32' | 'INT64' | 'FLOAT' | 'DOUBLE' | 'FIXED_LEN_BYTE_ARRAY';

/** How the numbers of a column are kept. */
export interface NumberType {
  physical: PhysicalType;
  /** Bytes of a value in plain encoding; 0 for truth values, which take a bit. */
  width: number;
  /** The value in plain encoding at a position. */
  read: (view: DataView, at: number) => number;
  /** The number that an integer of INT32 or INT64 stands for. */
  fromInteger: (value: bigint) => number;
}

const UTF8 = 0;
const DECIMAL = 5;
/** What the older annotation (converted_type) says of types that are no numbers. */
const CONVERTED: ReadonlyMap<number, string> = new Map([
  [UTF8, 'text'],
  [4, 'text'],
  [6, 'dates'],
  [7, 'times'],
  [8, 'times'],
  [9, 'times'],
  [10, 'times'],
  [19, 'JSON'],
  [20, 'BSON'],
  [21, 'intervals'],
]);
/** The same of the newer one (a field of the union LogicalType). */
const LOGICAL: ReadonlyMap<number, string> = new Map([
  [1, 'text'],
  [4, 'text'],
  [6, 'dates'],
  [7, 'times'],
  [8, 'times'],
  [11, 'nothing but nulls'],
  [12, 'JSON'],
  [13, 'BSON'],
  [14, 'UUIDs'],
  [16, 'variants'],
  [17, 'geometry'],
  [18, 'geography'],
]);

/** How a leaf of the schema keeps its numbers, or what it holds instead. */
export function numberType(element: ThriftStruct): NumberType | { notNumbers: string } {
  const converted = optionalInteger(element, 6) ?? -1;
  const union = element.get(10);
  const logical = isStruct(union) ? union : new Map<number, never>();
  const annotated =
    CONVERTED.get(converted) ?? [...logical.keys()].map((id) => LOGICAL.get(id)).find(Boolean);
  if (annotated !== undefined) return { notNumbers: annotated };
  const unsigned = isUnsigned(converted, logical);
  const scale = decimalScale(element, converted, logical);
  const scaled = (value: bigint) => Number(value) / scale;
  switch (optionalInteger(element, 1)) {
    case 0:
      return {
        physical: 'BOOLEAN',
        width: 0,
        read: (view, at) => view.getUint8(at) & 1,
        fromInteger: Number,
      };
    case 1: {
      const fromInteger = unsigned ? (value: bigint) => scaled(BigInt.asUintN(32, value)) : scaled;
      const read = (view: DataView, at: number) =>
        (unsigned ? view.getUint32(at, true) : view.getInt32(at, true)) / scale;
      return { physical: 'INT32', width: 4, read, fromInteger };
    }
    case 2: {
      const fromInteger = unsigned ? (value: bigint) => scaled(BigInt.asUintN(64, value)) : scaled;
      const read = (view: DataView, at: number) => fromInteger(view.getBigInt64(at, true));
      return { physical: 'INT64', width: 8, read, fromInteger };
    }
    case 3:
      return { notNumbers: 'times' };
    case 4:
      return {
        physical: 'FLOAT',
        width: 4,
        read: (view, at) => view.getFloat32(at, true),
        fromInteger: Number,
      };
    case 5:
      return {
        physical: 'DOUBLE',
        width: 8,
        read: (view, at) => view.getFloat64(at, true),
        fromInteger: Number,
      };
    case 7:
      return fixedLength(
        optionalInteger(element, 2) ?? 0,
        converted === DECIMAL || logical.has(5),
        logical.has(15),
        scaled,
      );
    default:
      return { notNumbers: 'binary data' };
  }
}

/** Decimals of up to 16 bytes, the highest first, and half-precision floats. */
function fixedLength(
  width: number,
  isDecimal: boolean,
  isHalf: boolean,
  scaled: (value: bigint) => number,
): NumberType | { notNumbers: string } {
  const base = { physical: 'FIXED_LEN_BYTE_ARRAY', width, fromInteger: Number } as const;
  if (isHalf && width === 2)
    return { ...base, read: (view, at) => float16ToNumber(view.getUint16(at, true)) };
  if (!isDecimal || width < 1 || width > 16) return { notNumbers: 'binary data' };
  return {
    ...base,
    read: (view, at) => {
      let value = BigInt(view.getInt8(at));
      for (let i = 1; i < width; i++) value = (value << 8n) | BigInt(view.getUint8(at + i));
      return scaled(value);
    },
  };
}

function isUnsigned(converted: number, logical: ThriftStruct): boolean {
  const type = logical.get(10);
  return isStruct(type) ? type.get(2) === false : converted >= 11 && converted <= 14;
}

/** 10^scale of a decimal, else 1: the quotient of two integers below 2^53 is rounded correctly. */
function decimalScale(element: ThriftStruct, converted: number, logical: ThriftStruct): number {
  const type = logical.get(5);
  if (isStruct(type)) return 10 ** (optionalInteger(type, 1) ?? 0);
  return converted === DECIMAL ? 10 ** (optionalInteger(element, 7) ?? 0) : 1;
}
