import { ops } from '../program/index.ts';
import type { Value } from '../program/index.ts';

/** Halvings of the bracket, after which Newton's method needs two steps to reach rounding. */
const halvings = 26;

/**
 * The root a of a + c tanh(s a + b) = y, where c s > -1 makes the left side increasing; all [1, n], entry by entry.
 * It lies within |c| of y: 26 halvings leave 3e-8 |c|, and two Newton steps take that to the rounding of the
 * precision, unless the slope there is nearly zero (an error e in y then is one of e / slope in a).
 *
 * The last step is differentiable: it has the derivatives of the root by c, s, b and y (implicit function theorem).
 */
export function tanhRoot(y: Value, c: Value, s: Value, b: Value): Value {
  const [fixedY, fixedC, fixedS, fixedB] = [y, c, s, b].map((x) => ops.stopGradient(x)) as [
    Value,
    Value,
    Value,
    Value,
  ];
  const residual = (a: Value): Value =>
    ops.sub(ops.add(a, ops.mul(fixedC, ops.tanh(ops.add(ops.mul(fixedS, a), fixedB)))), fixedY);
  const reach = ops.abs(fixedC);
  let middle = fixedY;
  let width = reach;
  for (let i = 0; i < halvings; i++) {
    width = ops.mul(0.5, width);
    middle = ops.sub(middle, ops.mul(ops.sign(residual(middle)), width));
  }
  const slopeAt = (a: Value): Value => {
    const t = ops.tanh(ops.add(ops.mul(fixedS, a), fixedB));
    return ops.add(1, ops.mul(ops.mul(fixedC, fixedS), ops.sub(1, ops.square(t))));
  };
  const near = ops.stopGradient(ops.sub(middle, ops.div(residual(middle), slopeAt(middle))));
  const rest = ops.sub(ops.add(near, ops.mul(c, ops.tanh(ops.add(ops.mul(s, near), b)))), y);
  return ops.sub(near, ops.div(rest, slopeAt(near)));
}
