/** A struct by the numbers of its fields. */
export type ThriftStruct = ReadonlyMap<number, ThriftValue>;
export type ThriftValue = number | boolean | Uint8Array | readonly ThriftValue[] | ThriftStruct;

/** Makes the error that is thrown for bytes that cannot be what they should be. */
export type Fail = (what: string) => Error;

const DEEPEST = 32;

/**
 * Reads structs of Thrift's compact protocol (https://github.com/apache/thrift, doc/specs/thrift-compact-protocol.md).
 * Integers become the nearest double. An entry of a list takes a byte at least, so that no list is longer than what is
 * left of the bytes; nothing is allocated before it is read.
 */
export class ThriftReader {
  readonly #view: DataView;
  readonly #fail: Fail;
  /** The position of the next byte. */
  offset: number;

  constructor(bytes: Uint8Array, offset: number, fail: Fail) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#fail = fail;
    this.offset = offset;
  }

  struct(depth = 0): ThriftStruct {
    if (depth > DEEPEST) throw this.#fail('its structure is nested too deeply');
    const fields = new Map<number, ThriftValue>();
    let id = 0;
    for (;;) {
      const head = this.#byte();
      if (head === 0) return fields;
      const step = head >> 4;
      id = step === 0 ? this.#zigzag() : id + step;
      fields.set(id, this.#value(head & 15, depth));
    }
  }

  #value(type: number, depth: number): ThriftValue {
    switch (type) {
      case 1:
        return true;
      case 2:
        return false;
      case 3:
        return (this.#byte() << 24) >> 24;
      case 4:
      case 5:
      case 6:
        return this.#zigzag();
      case 7:
        return this.#double();
      case 8:
        return this.#binary();
      case 9:
      case 10:
        return this.#list(depth);
      case 12:
        return this.struct(depth + 1);
      default:
        throw this.#fail(`its structure has a field of type ${type}`);
    }
  }

  #list(depth: number): ThriftValue[] {
    if (depth > DEEPEST) throw this.#fail('its structure is nested too deeply');
    const head = this.#byte();
    const size = head >> 4 === 15 ? Number(this.#varint()) : head >> 4;
    if (size > this.#left()) throw this.#fail(`a list claims ${size} entries in ${this.#left()} bytes`);
    const type = head & 15;
    const values: ThriftValue[] = [];
    for (let i = 0; i < size; i++) {
      values.push(type === 1 || type === 2 ? this.#byte() === 1 : this.#value(type, depth + 1));
    }
    return values;
  }

  #binary(): Uint8Array {
    const size = Number(this.#varint());
    if (size > this.#left()) throw this.#fail(`a text claims ${size} of ${this.#left()} bytes`);
    const { buffer, byteOffset } = this.#view;
    const bytes = new Uint8Array(buffer, byteOffset + this.offset, size);
    this.offset += size;
    return bytes;
  }

  #double(): number {
    if (this.#left() < 8) throw this.#fail('its structure is cut short');
    this.offset += 8;
    return this.#view.getFloat64(this.offset - 8, true);
  }

  #zigzag(): number {
    const value = this.#varint();
    return Number(value & 1n ? -(value >> 1n) - 1n : value >> 1n);
  }

  /** Seven bits a byte, the lowest first, 64 bits at most. */
  #varint(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return BigInt.asUintN(64, value);
    }
    throw this.#fail('a number of its structure has more than 64 bits');
  }

  #byte(): number {
    if (this.offset >= this.#view.byteLength) throw this.#fail('its structure is cut short');
    return this.#view.getUint8(this.offset++);
  }

  #left(): number {
    return this.#view.byteLength - this.offset;
  }
}
