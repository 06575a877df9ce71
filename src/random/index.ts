/** Counter-based random numbers: every draw is a pure function of (seed, stream, index). */
export { philox4x32 } from './philox.ts';
export { hashName, namedStream } from './names.ts';
export {
  fillNormal,
  fillRademacher,
  fillUniform,
  integerBelow,
  normal,
  permutation,
  rademacher,
  uniform,
} from './draws.ts';
