import type { ConstantNode, MathNode } from 'mathjs';
import { LiouvilleError } from '../errors.ts';
import { ops } from './functions.ts';
import { scalar } from './value.ts';
import type { Value } from './value.ts';

/** A formula as a traced function of the values that its names stand for. */
export type Formula = (variables: Readonly<Record<string, Value>>) => Value;

/** Longer texts are no formulas. */
const longest = 2000;

const constants: Readonly<Record<string, number>> = { pi: Math.PI, e: Math.E };

/** What formulas may call, of one argument each; all but `sum` entry by entry. */
const unary: Readonly<Record<string, (x: Value) => Value>> = {
  exp: ops.exp,
  expm1: ops.expm1,
  log: ops.log,
  log1p: ops.log1p,
  sqrt: ops.sqrt,
  square: ops.square,
  abs: ops.abs,
  sign: ops.sign,
  sin: ops.sin,
  cos: ops.cos,
  tan: (x) => ops.div(ops.sin(x), ops.cos(x)),
  sinh: (x) => ops.mul(0.5, ops.sub(ops.exp(x), ops.exp(ops.neg(x)))),
  cosh: (x) => ops.mul(0.5, ops.add(ops.exp(x), ops.exp(ops.neg(x)))),
  tanh: ops.tanh,
  erf: ops.erf,
  sigmoid: ops.sigmoid,
  softplus: ops.softplus,
  relu: ops.relu,
  sum: (x) => ops.sum(x, 'n'),
};

const binary: Readonly<Record<string, (a: Value, b: Value) => Value>> = {
  min: ops.min,
  max: ops.max,
  dot: (a, b) => ops.sum(ops.mul(a, b), 'n'),
};

/** By the names that mathjs gives to the operators. */
const operators: Readonly<Record<string, (a: Value, b: Value) => Value>> = {
  add: ops.add,
  subtract: ops.sub,
  multiply: ops.mul,
  divide: ops.div,
  smaller: ops.less,
  larger: (a, b) => ops.less(b, a),
};

/**
 * A formula such as `-x[1] + 0.5 * sin(2 pi t)`, parsed by mathjs and traced into values of a program: with + - * / ^,
 * < and >, `condition ? a : b`, entries x[1], x[2], ... of a variable, pi and e, and the functions exp, expm1, log,
 * log1p, sqrt, square, abs, sign, sin, cos, tan, sinh, cosh, tanh, erf, sigmoid, softplus, relu, sum, min, max, dot.
 * Everything works entry by entry on several numbers. Nothing is ever evaluated but these.
 *
 * @param variables the names that the formula may use.
 * @throws LiouvilleError 'invalid-argument', with the place in the text, for anything else.
 */
export async function formula(text: string, variables: readonly string[]): Promise<Formula> {
  const tree = await parseFormula('formula', text);
  const trace = translate(tree, { text, variables });
  return (values) => trace(values);
}

/**
 * The syntax tree of a text of mathjs.
 *
 * @param what the text is, for messages.
 * @throws LiouvilleError 'invalid-argument' for what is empty, too long, or no expression.
 */
export async function parseFormula(what: string, text: string): Promise<MathNode> {
  if (typeof text !== 'string' || text.trim() === '' || text.length > longest) {
    const came = typeof text === 'string' ? `${text.length} characters` : typeof text;
    throw new LiouvilleError(
      'invalid-argument',
      `${what}: expected a text of 1 to ${longest} characters; got ${came}.`,
    );
  }
  // Loaded when first needed: it is large.
  const { parse } = await import('mathjs/number');
  try {
    return parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new LiouvilleError('invalid-argument', `${what} '${text}': ${message}.`, { cause: error });
  }
}

interface Source {
  readonly text: string;
  readonly variables: readonly string[];
}

/** Checks the whole tree at once, so that what is refused is refused before anything is traced. */
function translate(node: MathNode, source: Source): Formula {
  switch (node.type) {
    case 'ParenthesisNode':
      return translate((node as unknown as { content: MathNode }).content, source);
    case 'ConstantNode':
      return literal((node as ConstantNode).value, source);
    case 'SymbolNode':
      return symbol((node as unknown as { name: string }).name, source);
    case 'OperatorNode':
      return operator(node as unknown as Call, source);
    case 'FunctionNode':
      return application(node as unknown as Application, source);
    case 'ConditionalNode': {
      const { condition, trueExpr, falseExpr } = node as unknown as Record<string, MathNode>;
      const [when, then, otherwise] = [condition!, trueExpr!, falseExpr!].map((x) => translate(x, source));
      return (values) => ops.where(when!(values), then!(values), otherwise!(values));
    }
    case 'AccessorNode':
      return entry(node as unknown as Accessor, source);
    default:
      throw refused(source, `${node.toString()} (${node.type})`, node.toString());
  }
}

interface Call {
  readonly fn: string;
  readonly args: readonly MathNode[];
}

interface Application {
  readonly fn: MathNode & { readonly name?: string };
  readonly args: readonly MathNode[];
}

interface Accessor {
  readonly object: MathNode & { readonly name?: string };
  readonly index: { readonly dimensions: readonly MathNode[] };
}

function literal(value: unknown, source: Source): Formula {
  if (typeof value === 'number' && Number.isFinite(value)) return () => scalar(value);
  throw refused(source, `the value ${String(value)}`, String(value));
}

function symbol(name: string, source: Source): Formula {
  if (source.variables.includes(name)) return (values) => values[name]!;
  if (Object.hasOwn(constants, name)) {
    const value = constants[name]!;
    return () => scalar(value);
  }
  throw refused(source, `the name '${name}'`, name);
}

function operator({ fn, args }: Call, source: Source): Formula {
  const parts = args.map((x) => translate(x, source));
  const [a, b] = parts as [Formula, Formula];
  if (fn === 'unaryMinus') return (values) => ops.neg(a(values));
  if (fn === 'unaryPlus') return a;
  if (fn === 'pow') return power(a, b, args[1]!);
  const apply = Object.hasOwn(operators, fn) ? operators[fn] : undefined;
  if (apply === undefined || parts.length !== 2) throw refused(source, `the operator '${fn}'`, fn);
  return (values) => apply(a(values), b(values));
}

/** Whole powers by products, which negative numbers have too; all others by the logarithm. */
function power(base: Formula, exponent: Formula, node: MathNode): Formula {
  const value = wholeNumber(node);
  if (value === null || Math.abs(value) > 64) {
    return (values) => ops.exp(ops.mul(exponent(values), ops.log(base(values))));
  }
  return (values) => {
    const x = base(values);
    const result = product(x, Math.abs(value));
    return value < 0 ? ops.reciprocal(result) : result;
  };
}

function product(x: Value, count: number): Value {
  if (count === 0) return ops.add(ops.mul(0, x), 1);
  if (count === 1) return x;
  const half = ops.square(product(x, Math.floor(count / 2)));
  return count % 2 === 0 ? half : ops.mul(half, x);
}

function wholeNumber(node: MathNode): number | null {
  if (node.type === 'ParenthesisNode') return wholeNumber((node as unknown as { content: MathNode }).content);
  if (node.type === 'OperatorNode' && (node as unknown as Call).fn === 'unaryMinus') {
    const inner = wholeNumber((node as unknown as Call).args[0]!);
    return inner === null ? null : -inner;
  }
  const value = node.type === 'ConstantNode' ? (node as ConstantNode).value : null;
  return typeof value === 'number' && Number.isInteger(value) ? value : null;
}

function application({ fn, args }: Application, source: Source): Formula {
  const name = fn.type === 'SymbolNode' ? fn.name! : fn.toString();
  const parts = args.map((x) => translate(x, source));
  if (fn.type === 'SymbolNode' && Object.hasOwn(unary, name) && parts.length === 1) {
    return (values) => unary[name]!(parts[0]!(values));
  }
  if (fn.type === 'SymbolNode' && Object.hasOwn(binary, name) && parts.length === 2) {
    return (values) => binary[name]!(parts[0]!(values), parts[1]!(values));
  }
  throw refused(source, `the function '${name}' of ${parts.length}`, name);
}

/** x[i], counted from 1. */
function entry({ object, index }: Accessor, source: Source): Formula {
  const [place] = index.dimensions;
  const i = index.dimensions.length === 1 && place !== undefined ? wholeNumber(place) : null;
  const { name } = object;
  if (object.type !== 'SymbolNode' || i === null || i < 1 || !source.variables.includes(name!)) {
    throw refused(source, `an entry that is not a variable's`, '[');
  }
  return (values) => {
    const x = values[name!]!;
    if (i <= x.n) return ops.slice(x, i - 1, 1);
    throw refused(source, `${name}[${i}] where ${name} has ${x.n} entries`, `${name}[`);
  };
}

function refused({ text, variables }: Source, what: string, near: string): LiouvilleError {
  const at = text.indexOf(near);
  const place = at === -1 ? '' : ` at character ${at + 1}`;
  const names = [...variables, ...Object.keys(constants)].join(', ');
  const functions = [...Object.keys(unary), ...Object.keys(binary)].join(', ');
  return new LiouvilleError(
    'invalid-argument',
    `formula '${text}'${place}: expected numbers, + - * / ^ < > ? :, the names ${names}, or the functions ${functions}; got ${what}.`,
  );
}
