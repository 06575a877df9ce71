/** What was made of two objects, as long as both live. */
export class PairCache<A extends object, B extends object, T> {
  readonly #made = new WeakMap<A, WeakMap<B, T>>();

  get(a: A, b: B, make: () => T): T {
    let ofA = this.#made.get(a);
    if (ofA === undefined) {
      ofA = new WeakMap();
      this.#made.set(a, ofA);
    }
    let found = ofA.get(b);
    if (found === undefined) {
      found = make();
      ofA.set(b, found);
    }
    return found;
  }
}
