import type { OperationValue, Value } from './value.ts';

/**
 * The order of a program's row instructions. Products with the same shared matrix (a layer and its tangents)
 * come next to each other where no dependence forbids it, so that an engine can load each weight once for
 * all of them. Otherwise every value is computed right before it is first needed, which keeps few alive.
 */
export function schedule(nodes: readonly OperationValue[]): OperationValue[] {
  const groups = new Groups(nodes);
  const last = new Map<string, OperationValue>();
  for (const node of nodes) {
    const key = sharedMatrix(node);
    if (key === null) continue;
    const before = last.get(key);
    if (before === undefined || !groups.join(before, node)) last.set(key, node);
  }
  return groups.inOrder();
}

/** What products must have in common to be joined, or null for everything else. */
function sharedMatrix(node: OperationValue): string | null {
  if (node.op !== 'matmul') return null;
  const [a, b] = node.inputs;
  const { form } = node.attributes as { form: string };
  return a!.level === 'row' && b!.level !== 'row' && form !== 'tn' ? `${form} ${b!.id}` : null;
}

/** So many rows of products are run together at most: all of them are held at once. */
const mostJoined = 96;

/** Instructions in groups that are run without a break; at first each by itself. */
class Groups {
  readonly #nodes: readonly OperationValue[];
  readonly #members = new Map<OperationValue, readonly OperationValue[]>();

  constructor(nodes: readonly OperationValue[]) {
    this.#nodes = nodes;
    for (const node of nodes) this.#members.set(node, [node]);
  }

  /** Joins a node to the group of another one, unless it grows too large or could not be ordered any more. */
  join(to: OperationValue, node: OperationValue): boolean {
    const group = this.#members.get(to)!;
    if (this.#dependent(this.#members.get(node)!, group)) return false;
    const joined = [...group, node];
    if (joined.reduce((sum, { k }) => sum + k, 0) > mostJoined) return false;
    for (const member of joined) this.#members.set(member, joined);
    return true;
  }

  /** Every group after those that it depends on, each as late as possible. */
  inOrder(): OperationValue[] {
    const done = new Set<readonly OperationValue[]>();
    const order: OperationValue[] = [];
    const visit = (root: OperationValue): void => {
      const path = [this.#members.get(root)!];
      for (let group = path.at(-1); group !== undefined; group = path.at(-1)) {
        const waiting = this.#inputsOf(group).find((x) => !done.has(x));
        if (waiting !== undefined && !done.has(group)) {
          path.push(waiting);
          continue;
        }
        if (!done.has(group)) order.push(...group);
        done.add(group);
        path.pop();
      }
    };
    const used = new Set<Value>(this.#nodes.flatMap((node) => node.inputs));
    for (const node of this.#nodes) if (!used.has(node)) visit(node);
    for (const node of this.#nodes) visit(node);
    return order;
  }

  /** Does one of two groups depend on the other? */
  #dependent(a: readonly OperationValue[], b: readonly OperationValue[]): boolean {
    return this.#reaches(a, b) || this.#reaches(b, a);
  }

  #reaches(from: readonly OperationValue[], target: readonly OperationValue[]): boolean {
    const seen = new Set<readonly OperationValue[]>();
    const waiting = this.#inputsOf(from);
    for (let group = waiting.pop(); group !== undefined; group = waiting.pop()) {
      if (group === target) return true;
      if (seen.has(group)) continue;
      seen.add(group);
      waiting.push(...this.#inputsOf(group));
    }
    return false;
  }

  #inputsOf(group: readonly OperationValue[]): (readonly OperationValue[])[] {
    const found = new Set<readonly OperationValue[]>();
    for (const node of group) {
      for (const x of node.inputs) {
        const members = x.kind === 'operation' ? this.#members.get(x) : undefined;
        if (members !== undefined && members !== group) found.add(members);
      }
    }
    return [...found];
  }
}
