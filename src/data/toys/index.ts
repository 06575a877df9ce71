import { checkerboard } from './checkerboard.ts';
import { moons, swissroll } from './curves.ts';
import type { ToyDefinition } from './definition.ts';
import { eightGaussians } from './eight-gaussians.ts';
import { pinwheel } from './pinwheel.ts';
import { circles, rings } from './rings.ts';
import { siggraph } from './siggraph.ts';
import { spirals } from './spirals.ts';

/** The toys by the names of the FFJORD code (lib/toy_data.py), and a word. */
export const definitions: Readonly<Record<string, ToyDefinition>> = Object.freeze({
  moons,
  circles,
  rings,
  pinwheel,
  swissroll,
  '8gaussians': eightGaussians,
  checkerboard,
  '2spirals': spirals,
  siggraph,
});
