import { cnfOfFormulas } from '../../../dist/cnf/index.js';
import { list } from './words.mjs';

const x = Float64Array.of(0.5, -1.5);

/**
 * A field written as formulas, one on each line, and the density of a row under it.
 * @returns {import('./targets.mjs').Target}
 */
export function formula() {
  return {
    words: list(
      `
      x t x[1] x[2] c pi e i Infinity NaN true null 1e308 1e-320 64 + - * / ^ .^ % ! < > == ? :
      = ; ( ) [ ] exp( log( tan( sinh( erf( sum( dot( max(x, softplus( sqrt( sign( (((
      import("fs") evaluate("1") parse("1") 1:3 zeros(1e9) factorial(1e9) x.constructor
      x["constructor"] __proto__ constructor hasOwnProperty 0x10 0b1 ^64 ^-64 ^1e9 "text" # √ ∞
      end ans to mod
    `,
      "'",
      '\n',
      'f(x) = x',
      '[1, 2; 3, 4]',
      'range(1, 1e9)',
      '{a: 1}',
      '2 cm',
      '\\',
      'not ',
    ),
    async take(bytes) {
      const formulas = new TextDecoder().decode(bytes).split('\n');
      const flow = await cnfOfFormulas({ dim: 2, formulas });
      const row = { data: x, rows: 1, cols: 2 };
      const how = /** @type {const} */ ({
        engine: 'reference',
        solver: 'euler',
        stepSize: 1,
        onFailure: 'report',
      });
      await flow.logProb(row, how);
      if (flow.parameters.count > 0) throw new Error('a formula has no parameters');
    },
  };
}
