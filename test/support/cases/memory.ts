import { constant, ops, trace } from '../../../src/program/index.ts';
import type { Program, Scope, Value } from '../../../src/program/index.ts';
import { between } from '../numbers.ts';
import { drawn, withDerivatives } from './case.ts';
import type { ProgramCase } from './case.ts';

/** Programs that go wrong when two values share a register too early or too long. */
const programs: Readonly<Record<string, (scope: Scope) => Program>> = {
  'slices of slices': () =>
    trace('slices', { x: 8 }, ({ x }) => {
      const outer = ops.slice(ops.exp(x), 1, 6);
      const inner = ops.slice(outer, 2, 3);
      const last = ops.slice(inner, 1, 1);
      return { y: ops.concat([ops.neg(inner), ops.mul(outer, last)]), last };
    }),

  'reshaped views': () =>
    trace('views', { x: 12 }, ({ x }) => {
      const y = ops.sin(x);
      const square = ops.reshape(y, { k: 3, n: 4 });
      const part = ops.slice(square, 1, 2);
      const flat = ops.reshape(ops.slice(y, 2, 6), { k: 3, n: 2 });
      return { z: ops.mul(part, flat), w: ops.reshape(square, { k: 4, n: 3 }) };
    }),

  'a view lives on after its value': () =>
    trace('outliving', { x: 6 }, ({ x }) => {
      const y = ops.exp(x);
      const view = ops.slice(y, 0, 3);
      const z = ops.neg(y);
      const overwriting = ops.square(z);
      return { out: ops.add(ops.slice(overwriting, 3, 3), view) };
    }),

  'a value meets a number of itself': () =>
    trace('itself', { x: 4 }, ({ x }) => {
      const y = ops.exp(x);
      const first = ops.sub(y, ops.slice(y, 1, 1));
      const z = ops.cos(first);
      const second = ops.div(ops.slice(z, 0, 1), ops.add(3, ops.slice(z, 2, 1)));
      const w = ops.tanh(ops.add(z, second));
      return { y: ops.where(ops.less(ops.slice(w, 3, 1), 0), w, ops.mul(w, ops.slice(w, 0, 1))) };
    }),

  'a value meets itself': () =>
    trace('twice', { x: 4 }, ({ x }) => {
      const y = ops.exp(x);
      const z = ops.mul(y, y);
      const w = ops.sub(z, ops.reshape(ops.reshape(z, { k: 2, n: 2 }), { k: 1, n: 4 }));
      return { y: ops.add(w, ops.max(z, ops.mul(z, 0.5))) };
    }),

  'a value meets a narrower and a wider one': () =>
    trace('widening', { x: 3, m: { k: 2, n: 3 } }, ({ x, m }) => {
      const row = ops.exp(x);
      const wide = ops.mul(row, ops.sin(m));
      const column = ops.sum(wide, 'n');
      const again = ops.add(ops.mul(wide, column), row);
      return { y: again, z: ops.sum(ops.square(again), 'k') };
    }),

  'values of many sizes': () =>
    trace('sizes', { x: 4 }, ({ x }) => {
      const living: Value[] = [ops.sin(x)];
      let y: Value = ops.exp(x);
      for (let i = 1; i < 8; i++) {
        y = ops.concat([ops.cos(ops.take(y, [0, y.n - 1])), ops.mul(y, 0.5)]);
        living.push(ops.slice(ops.tanh(y), i % 3, 2 + (i % 4)));
        if (i % 2 === 0) y = ops.take(y, [1, 3, 2, 0, 4]);
      }
      return { y: ops.concat(living.toReversed()), last: ops.sum(y, 'n') };
    }),

  'outputs that are no results': (scope) =>
    trace('outputs', { x: 3, unused: 2, m: { k: 2, n: 2 } }, ({ x, m }) => {
      const weight = scope.parameter('weight', { k: 2, n: 2 }, drawn(between(-1, 1)));
      const y = ops.square(x);
      return {
        input: x,
        partOfInput: ops.slice(x, 1, 2),
        reshapedInput: ops.reshape(m, { k: 1, n: 4 }),
        constant: constant([1, 2, 3, 4], { k: 2, n: 2 }),
        parameter: weight,
        ofParameters: ops.mul(weight, weight),
        once: y,
        twice: y,
        part: ops.slice(y, 0, 2),
        zero: ops.mul(y, 0),
      };
    }),

  'an output that is read again': () =>
    trace('kept', { x: 3 }, ({ x }) => {
      const y = ops.exp(x);
      const z = ops.neg(y);
      return { y, z, w: ops.square(ops.add(ops.mul(z, 2), ops.slice(y, 0, 1))) };
    }),

  'no inputs': (scope) =>
    trace('none', {}, () => {
      const time = scope.parameter('time', { k: 1, n: 2 }, drawn(between(0.5, 1)));
      return { time: ops.square(time), one: constant([1], { k: 1, n: 1 }) };
    }),

  'parts without features': () =>
    trace('empty', { x: 3 }, ({ x }) => {
      const nothing = ops.slice(x, 3, 0);
      const y = ops.concat([nothing, ops.exp(x), ops.tanh(nothing), ops.pad(nothing, 1, 0)]);
      return { y, sum: ops.add(ops.sum(ops.mul(nothing, ops.sum(x, 'n')), 'n'), 1) };
    }),
};

export const memoryCases: readonly ProgramCase[] = Object.entries(programs)
  .map(([name, build]): ProgramCase => ({ name, trace: build, rows: 3, smooth: true }))
  .flatMap(withDerivatives);
