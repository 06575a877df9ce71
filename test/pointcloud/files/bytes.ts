export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** LZF that repeats runs of one byte, and nothing else. */
export function compressed(bytes: Uint8Array): Uint8Array {
  const out: number[] = [];
  for (let at = 0; at < bytes.length;) {
    let run = 1;
    while (run < 200 && at + run < bytes.length && bytes[at + run] === bytes[at]) run += 1;
    out.push(0, bytes[at]!);
    if (run < 4) run = 1;
    // The byte before, and so itself, `run - 1` times more.
    else if (run - 3 < 7) out.push((run - 3) << 5, 0);
    else out.push(7 << 5, run - 3 - 7, 0);
    at += run;
  }
  return Uint8Array.from(out);
}
