/** Lines of source, indented by their braces, and names that no other line has. */
export class Writer {
  readonly #lines: string[] = [];
  readonly #unrolled: number;
  #names = 0;

  /** @param unrolled rounds up to which a loop is written out, so that all of its places are known beforehand. */
  constructor(unrolled = 4) {
    this.#unrolled = unrolled;
  }

  line(source: string): void {
    this.#lines.push(source);
  }

  /** A fresh name. */
  name(stem: string): string {
    return `${stem}${this.#names++}`;
  }

  /** for i = 0 ... count - 1 in steps of `step`; a loop of few rounds is written out. */
  loop(
    count: number,
    body: (i: number | string) => void,
    { step = 1, unrolled = this.#unrolled } = {},
  ): void {
    if (count <= 0) return;
    if (count <= unrolled * step) {
      for (let i = 0; i < count; i += step) body(i);
      return;
    }
    const i = this.name('i');
    this.line(`for (var ${i} = 0u; ${i} < ${count}u; ${i} += ${step}u) {`);
    body(i);
    this.line('}');
  }

  toString(): string {
    return this.#lines.join('\n');
  }
}
