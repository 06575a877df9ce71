/** Counts the bytes of the typed arrays that are asked for by their length. Import it before what is counted. */
export const allocated = { bytes: 0 };

const names = [
  'ArrayBuffer',
  'Float64Array',
  'Float32Array',
  'BigInt64Array',
  'Int32Array',
  'Uint32Array',
  'Uint16Array',
  'Uint8Array',
];

for (const name of names) {
  const original = /** @type {new (...args: unknown[]) => object} */ (Reflect.get(globalThis, name));
  const entry = Number(Reflect.get(original, 'BYTES_PER_ELEMENT') ?? 1);
  const counting = new Proxy(original, {
    construct(target, args, newTarget) {
      if (typeof args[0] === 'number') allocated.bytes += args[0] * entry;
      return /** @type {object} */ (Reflect.construct(target, args, newTarget));
    },
  });
  Reflect.set(globalThis, name, counting);
}
