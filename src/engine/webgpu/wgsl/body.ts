import type { Attributes, CompiledProgram, Location, Op, Shape, Space } from '../../../program/index.ts';
import { size } from '../sizes.ts';
import { chainsOf } from './chains.ts';
import type { Chain } from './chains.ts';
import { decode } from './decode.ts';
import type { Instruction } from './decode.ts';
import { elementwise } from './elementwise.ts';
import type { FunctionName } from './functions.ts';
import { eliminate, solveTriangle } from './linear.ts';
import { plus, text, times } from './memory.ts';
import type { Index, Range, RowMemory } from './memory.ts';
import { multiply, panelBytes, panelDeclaration } from './multiply.ts';
import { Writer } from './writer.ts';

/** A sum over rows, of products a^T b of values that the body leaves for it, or of one value. */
export interface RowSum {
  readonly out: Location;
  /** Where in what a row leaves the operands lie; `b` is null for the sum of a value itself. */
  readonly terms: readonly { readonly a: Kept; readonly b: Kept | null }[];
}

/** A value that a row leaves for the sums over rows. */
export interface Kept extends Shape {
  readonly offset: number;
}

/** The body of a program as statements that work on the memory of a row. */
export interface Body {
  readonly source: string;
  readonly functions: ReadonlySet<FunctionName>;
  readonly sums: readonly RowSum[];
  /** Numbers that a row leaves for the sums. */
  readonly keptSize: number;
  /** Indices of ops that move numbers, which are read behind the numbers that rows share. */
  readonly tables: readonly number[];
  /** About how many multiplications a row takes. */
  readonly cost: number;
  /** Bytes that it shares with the rows of its workgroup, and how they are declared. */
  readonly shared: number;
  readonly declaration: string;
}

/** The spaces that all rows share, in the order in which they lie in one buffer. */
const sharedSpaces: readonly Space[] = ['constant', 'trained', 'state', 'prologue'];

/** Where a space begins among the numbers that rows share; `tables` follow at the end. */
export function sharedBase({ sizes }: CompiledProgram, space: Space | 'tables'): number {
  const before = space === 'tables' ? sharedSpaces : sharedSpaces.slice(0, sharedSpaces.indexOf(space));
  return before.reduce((sum, each) => sum + sizes[each], 0);
}

/** An expression for a number of a value, wherever the value lies. */
export function read(program: CompiledProgram, memory: RowMemory, value: Location, index: Index): string {
  if (value.space === 'row') return memory.at(rangeOf(value), index);
  return `numbers[${text(plus(sharedBase(program, value.space) + value.offset, index))}]`;
}

/** Where the numbers of a value of a row lie. */
export function rangeOf(value: Location): Range {
  return { offset: value.offset, size: size(value) };
}

/** How a body is written. */
export interface BodyOptions {
  /** Whether parameters go through the memory of a workgroup, all of whose invocations then have to come to the body together. */
  readonly staged: boolean;
  /** An expression: whether the row takes part in the sums. Without it all rows do. */
  readonly keeping?: string;
}

/** Compiles the body of a program. */
export function compileBody(program: CompiledProgram, memory: RowMemory, options: BodyOptions): Body {
  return new BodyCompiler(program, memory, options).run();
}

/** About how many multiplications a number of a result takes. */
function costOf(op: Op, out: Location, inputs: readonly Location[]): number {
  if (op === 'matmul') return size(inputs[1]!) / Math.max(out.n, 1);
  if (op === 'outerTotal') return inputs.length;
  return elementwise[op]?.calls === undefined ? 2 : 16;
}

export class BodyCompiler {
  readonly writer: Writer;
  readonly #program: CompiledProgram;
  readonly #memory: RowMemory;
  readonly #options: BodyOptions;
  readonly #functions = new Set<FunctionName>();
  readonly #sums: RowSum[] = [];
  readonly #tables: number[] = [];
  #kept = 0;
  #cost = 0;
  #shares = false;

  constructor(program: CompiledProgram, memory: RowMemory, options: BodyOptions) {
    this.#program = program;
    this.#memory = memory;
    this.#options = options;
    // Software adapters compile slowly, and their arrays are as near as their variables.
    this.writer = new Writer(options.staged ? 4 : 2);
  }

  run(): Body {
    const outputs = this.#program.outputs.map(({ location }) => location);
    for (const part of chainsOf(decode(this.#program, this.#program.body), outputs)) {
      if ('chain' in part) this.#chain(part);
      else this.#compile(part);
    }
    return {
      source: this.writer.toString(),
      functions: this.#functions,
      sums: this.#sums,
      keptSize: this.#kept,
      tables: this.#tables,
      cost: this.#cost,
      shared: this.#shares ? panelBytes : 0,
      declaration: this.#shares ? panelDeclaration : '',
    };
  }

  get staged(): boolean {
    return this.#options.staged;
  }

  /** Notes that the body works with the memory of its workgroup. */
  share(): void {
    this.#shares = true;
  }

  read(value: Location, index: Index): string {
    return read(this.#program, this.#memory, value, index);
  }

  write(out: Location, index: Index, expression: string): void {
    this.writer.line(`${this.#memory.at(rangeOf(out), index)} = ${expression};`);
  }

  #compile({ op, out, inputs, attributes }: Instruction): void {
    const { writer } = this;
    const [x] = inputs;
    this.#count(op, out, inputs);
    const of = <P extends Op>(_op: P): Attributes[P] => attributes as Attributes[P];
    const expression = elementwise[op];
    if (expression !== undefined) return this.#each(out, inputs, expression.of);
    switch (op) {
      case 'slice':
        return this.#move(out, x!, 0, of(op).start, out.n);
      case 'pad':
        writer.loop(size(out), (i) => this.write(out, i, '0.0'));
        return this.#move(out, x!, of(op).before, 0, x!.n);
      case 'concat': {
        let start = 0;
        for (const part of inputs) {
          this.#move(out, part, start, 0, part.n);
          start += part.n;
        }
        return;
      }
      case 'broadcast':
        return this.#each(out, inputs, ([value]) => value!);
      case 'transpose':
        writer.loop(out.k, (j) =>
          writer.loop(out.n, (i) =>
            this.write(out, plus(times(j, out.n), i), this.read(x!, plus(times(i, x!.n), j))),
          ),
        );
        return;
      case 'take':
        return this.#indexed(of(op).indices, (i, index) =>
          writer.loop(out.k, (j) =>
            this.write(out, plus(times(j, out.n), i), this.read(x!, plus(times(j, x!.n), index))),
          ),
        );
      case 'scatter':
        writer.loop(size(out), (i) => this.write(out, i, '0.0'));
        return this.#indexed(of(op).indices, (i, index) =>
          writer.loop(out.k, (j) => {
            const at = plus(times(j, out.n), index);
            this.write(out, at, `${this.read(out, at)} + ${this.read(x!, plus(times(j, x!.n), i))}`);
          }),
        );
      case 'sum':
        return this.#reduce(out, x!, of(op).axis, '0.0', (total, value) => `${total} + ${value}`);
      case 'largest':
        return this.#reduce(
          out,
          x!,
          of(op).axis,
          '-infinity()',
          (most, value) => `larger(${most}, ${value})`,
        );
      case 'cumsum':
        return this.#cumsum(out, x!, of(op).reverse);
      case 'matmul':
        return multiply(this, out, x!, inputs[1]!, of(op).form);
      case 'triangularSolve':
        return solveTriangle(this, out, x!, inputs[1]!, of(op));
      case 'inverseLogDet':
        this.#functions.add('log');
        return eliminate(this, out, x!);
      case 'total':
        this.#sums.push({ out, terms: [{ a: this.#keep(x!), b: null }] });
        return;
      case 'outerTotal': {
        const kept = inputs.map((value) => this.#keep(value));
        const terms = kept.flatMap((a, i) => (i % 2 === 0 ? [{ a, b: kept[i + 1]! }] : []));
        this.#sums.push({ out, terms });
        return;
      }
      default:
        throw new Error(`The WebGPU engine has no code for the op ${op}.`);
    }
  }

  #count(op: Op, out: Location, inputs: readonly Location[]): void {
    this.#cost += size(out) * costOf(op, out, inputs);
    const calls = elementwise[op]?.calls;
    if (calls !== undefined) this.#functions.add(calls);
  }

  /** Ops whose operands lie at the place of the result: one loop, in which what passes between them stays in registers. */
  #chain({ chain, stored }: Chain): void {
    const { writer } = this;
    for (const { op, out, inputs } of chain) this.#count(op, out, inputs);
    writer.loop(size(chain[0]!.out), (i) => {
      const known = new Map<string, string>();
      const nameOf = (value: Location): string => {
        const key = `${value.space} ${value.offset} ${size(value)}`;
        const name = known.get(key) ?? writer.name('x');
        if (!known.has(key)) writer.line(`let ${name} = ${this.read(value, size(value) === 1 ? 0 : i)};`);
        known.set(key, name);
        return name;
      };
      chain.forEach(({ op, out, inputs }, at) => {
        const expression = elementwise[op]!.of(inputs.map(nameOf));
        const name = writer.name('x');
        writer.line(`let ${name} = ${expression};`);
        known.set(`${out.space} ${out.offset} ${size(out)}`, name);
        if (stored[at]) this.write(out, i, name);
      });
    });
  }

  /** out(j, i) = expression of the operands at (j, i), axes of length 1 being repeated. */
  #each(
    out: Location,
    inputs: readonly Location[],
    expression: (operands: readonly string[]) => string,
  ): void {
    const { writer } = this;
    const operand = (x: Location, j: Index, i: Index): string => {
      const name = writer.name('x');
      writer.line(`let ${name} = ${this.read(x, plus(x.k === 1 ? 0 : times(j, x.n), x.n === 1 ? 0 : i))};`);
      return name;
    };
    writer.loop(out.k, (j) =>
      writer.loop(out.n, (i) => {
        const operands = inputs.map((x) => operand(x, j, i));
        this.write(out, plus(times(j, out.n), i), expression(operands));
      }),
    );
  }

  /** Copies `count` features, from `from` on, to `to` on. */
  #move(out: Location, x: Location, to: number, from: number, count: number): void {
    this.writer.loop(x.k, (j) =>
      this.writer.loop(count, (i) =>
        this.write(out, plus(times(j, out.n), plus(to, i)), this.read(x, plus(times(j, x.n), plus(from, i)))),
      ),
    );
  }

  /** body(i, indices[i]) for all i; the indices of long lists are read from a table. */
  #indexed(indices: readonly number[], body: (i: Index, index: Index) => void): void {
    if (indices.length <= 8) {
      indices.forEach((index, i) => body(i, index));
      return;
    }
    const base = sharedBase(this.#program, 'tables') + this.#tables.length;
    this.#tables.push(...indices);
    this.writer.loop(indices.length, (i) => {
      const index = this.writer.name('index');
      this.writer.line(`let ${index} = u32(numbers[${text(plus(base, i))}]);`);
      body(i, index);
    });
  }

  #reduce(
    out: Location,
    x: Location,
    axis: 'k' | 'n',
    start: string,
    combine: (so: string, far: string) => string,
  ): void {
    const { writer } = this;
    const [terms, stride, step] = axis === 'k' ? [x.k, x.n, 1] : [x.n, 1, x.n];
    writer.loop(size(out), (i) => {
      const result = writer.name('sum');
      writer.line(`var ${result} = ${start};`);
      writer.loop(terms, (j) =>
        writer.line(`${result} = ${combine(result, this.read(x, plus(times(i, step), times(j, stride))))};`),
      );
      this.write(out, i, result);
    });
  }

  #cumsum(out: Location, x: Location, reverse: boolean): void {
    const { writer } = this;
    writer.loop(out.k, (j) => {
      const running = writer.name('sum');
      writer.line(`var ${running} = 0.0;`);
      writer.loop(out.n, (step) => {
        const i = !reverse ? step : typeof step === 'number' ? out.n - 1 - step : `(${out.n - 1}u - ${step})`;
        const at = plus(times(j, out.n), i);
        writer.line(`${running} += ${this.read(x, at)};`);
        this.write(out, at, running);
      });
    });
  }

  /** Leaves a value for the sums over rows. */
  #keep(x: Location): Kept {
    const offset = this.#kept;
    this.#kept += size(x);
    const { keeping } = this.#options;
    const value = (i: Index): string => {
      return keeping === undefined ? this.read(x, i) : `select(0.0, ${this.read(x, i)}, ${keeping})`;
    };
    this.writer.loop(size(x), (i) =>
      this.writer.line(`kept[(${text(plus(offset, i))}) * call.stride + lane] = ${value(i)};`),
    );
    return { offset, k: x.k, n: x.n };
  }
}
