import type { Attributes, CompiledProgram, Location, Op, Shape, Space } from '../../../program/index.ts';
import { size } from '../sizes.ts';
import { decode } from './decode.ts';
import type { Instruction } from './decode.ts';
import { elementwise } from './elementwise.ts';
import type { FunctionName } from './functions.ts';
import { eliminate, solveTriangle } from './linear.ts';
import { plus, text, times } from './memory.ts';
import type { Index, RowMemory } from './memory.ts';
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
  if (value.space === 'row') return memory.at(plus(value.offset, index));
  return `numbers[${text(plus(sharedBase(program, value.space) + value.offset, index))}]`;
}

/** Compiles the body of a program. */
export function compileBody(program: CompiledProgram, memory: RowMemory): Body {
  return new BodyCompiler(program, memory).run();
}

/** About how many multiplications a number of a result takes. */
function costOf(op: Op, out: Location, inputs: readonly Location[]): number {
  if (op === 'matmul') return size(inputs[1]!) / Math.max(out.n, 1);
  if (op === 'outerTotal') return inputs.length;
  return elementwise[op]?.calls === undefined ? 2 : 16;
}

/** Outputs of a product that are computed at a time: each operand is then read once for several. */
const [tileK, tileN] = [3, 4];

export class BodyCompiler {
  readonly writer = new Writer();
  readonly #program: CompiledProgram;
  readonly #memory: RowMemory;
  readonly #functions = new Set<FunctionName>();
  readonly #sums: RowSum[] = [];
  readonly #tables: number[] = [];
  #kept = 0;
  #cost = 0;

  constructor(program: CompiledProgram, memory: RowMemory) {
    this.#program = program;
    this.#memory = memory;
  }

  run(): Body {
    for (const instruction of decode(this.#program, this.#program.body)) this.#compile(instruction);
    return {
      source: this.writer.toString(),
      functions: this.#functions,
      sums: this.#sums,
      keptSize: this.#kept,
      tables: this.#tables,
      cost: this.#cost,
    };
  }

  read(value: Location, index: Index): string {
    return read(this.#program, this.#memory, value, index);
  }

  write(out: Location, index: Index, expression: string): void {
    this.writer.line(`${this.#memory.at(plus(out.offset, index))} = ${expression};`);
  }

  #compile({ op, out, inputs, attributes }: Instruction): void {
    const { writer } = this;
    const [x] = inputs;
    this.#cost += size(out) * costOf(op, out, inputs);
    const of = <P extends Op>(_op: P): Attributes[P] => attributes as Attributes[P];
    const expression = elementwise[op];
    if (expression !== undefined) {
      if (expression.calls !== undefined) this.#functions.add(expression.calls);
      this.#each(out, inputs, op === 'reshape', expression.of);
      return;
    }
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
        return this.#each(out, inputs, false, ([value]) => value!);
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
        return this.#multiply(out, x!, inputs[1]!, of(op).form);
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

  /** out(j, i) = expression of the operands at (j, i), axes of length 1 being repeated. */
  #each(
    out: Location,
    inputs: readonly Location[],
    flat: boolean,
    expression: (operands: readonly string[]) => string,
  ): void {
    const { writer } = this;
    const put = (at: Index, operands: readonly string[]): void => {
      const names = operands.map((operand) => {
        const name = writer.name('x');
        writer.line(`let ${name} = ${operand};`);
        return name;
      });
      this.write(out, at, expression(names));
    };
    const simple = flat || inputs.every((x) => (x.k === out.k && x.n === out.n) || size(x) === 1);
    if (simple) {
      writer.loop(size(out), (i) =>
        put(
          i,
          inputs.map((x) => this.read(x, size(x) === 1 ? 0 : i)),
        ),
      );
      return;
    }
    writer.loop(out.k, (j) =>
      writer.loop(out.n, (i) =>
        put(
          plus(times(j, out.n), i),
          inputs.map((x) => this.read(x, plus(x.k === 1 ? 0 : times(j, x.n), x.n === 1 ? 0 : i))),
        ),
      ),
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

  #multiply(out: Location, a: Location, b: Location, form: 'nt' | 'nn' | 'tn'): void {
    const inner = form === 'tn' ? a.k : a.n;
    const left = (j: Index, s: Index): Index =>
      form === 'tn' ? plus(times(s, a.n), j) : plus(times(j, a.n), s);
    const right = (i: Index, s: Index): Index =>
      form === 'nt' ? plus(times(i, b.n), s) : plus(times(s, b.n), i);
    const tile = (j: Index, height: number, i: Index, width: number): void => {
      const { writer } = this;
      const sum = writer.name('sum');
      for (let dj = 0; dj < height; dj++)
        for (let di = 0; di < width; di++) writer.line(`var ${sum}_${dj}_${di} = 0.0;`);
      writer.loop(inner, (s) => {
        const [l, r] = [writer.name('a'), writer.name('b')];
        for (let dj = 0; dj < height; dj++)
          writer.line(`let ${l}_${dj} = ${this.read(a, left(plus(j, dj), s))};`);
        for (let di = 0; di < width; di++)
          writer.line(`let ${r}_${di} = ${this.read(b, right(plus(i, di), s))};`);
        for (let dj = 0; dj < height; dj++)
          for (let di = 0; di < width; di++) writer.line(`${sum}_${dj}_${di} += ${l}_${dj} * ${r}_${di};`);
      });
      for (let dj = 0; dj < height; dj++)
        for (let di = 0; di < width; di++)
          this.write(out, plus(times(plus(j, dj), out.n), plus(i, di)), `${sum}_${dj}_${di}`);
    };
    this.#tiles(out.k, tileK, (j, height) =>
      this.#tiles(out.n, tileN, (i, width) => tile(j, height, i, width)),
    );
  }

  /** Cuts 0 ... count - 1 into tiles, and what is left. */
  #tiles(count: number, most: number, body: (start: Index, length: number) => void): void {
    const whole = count - (count % most);
    this.writer.loop(whole, (i) => body(i, most), { step: most, unrolled: 1 });
    if (whole < count) body(whole, count - whole);
  }

  /** Leaves a value for the sums over rows. */
  #keep(x: Location): Kept {
    const offset = this.#kept;
    this.#kept += size(x);
    this.writer.loop(size(x), (i) =>
      this.writer.line(`kept[(${text(plus(offset, i))}) * call.stride + lane] = ${this.read(x, i)};`),
    );
    return { offset, k: x.k, n: x.n };
  }
}
