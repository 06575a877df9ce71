/** A potential U of the plane: the density exp(-U) up to a factor. */
export interface Energy {
  readonly description: string;
  /** U(x), for `formula(text, ['x'])`. */
  readonly text: string;
  /** log of the integral of exp(-U), by quadrature, to 4 digits. */
  readonly logNormaliser: number;
}

const wave = 'sin(pi * x[1] / 2)';
const bump = '3 * exp(-0.5 * ((x[1] - 1) / 0.6)^2)';
const step = '3 * sigmoid((x[1] - 1) / 0.3)';

/** -log(exp(-a) + exp(-b)), without underflow. */
function either(a: string, b: string): string {
  return `${a} - softplus(${a} - ${b})`;
}

function ridge(shift: string, width: number): string {
  return `0.5 * ((x[2] - ${wave}${shift}) / ${width})^2`;
}

/** What keeps the waves, which go on for ever, between -4 and 4. */
const walls = '0.5 * (relu(abs(x[1]) - 4) / 0.2)^2';

/**
 * The four test energies of Rezende and Mohamed (Variational Inference with Normalizing Flows, ICML 2015, table 1), as
 * formulas. The paper shows them on [-4, 4]^2; the last three do not fall off along x[1], so that they have no integral:
 * here walls at -4 and 4 are added to them.
 *
 * @example
 * const U = await formula(energies.crescents.text, ['x']);
 * await fit(flow, anyRows, { objective: reverseKL((x) => ops.neg(U({ x }))) });
 */
export const energies = {
  crescents: {
    description: 'two crescents, the halves of a ring',
    text: `0.5 * ((sqrt(x[1]^2 + x[2]^2) - 2) / 0.4)^2 + ${either('0.5 * ((x[1] - 2) / 0.6)^2', '0.5 * ((x[1] + 2) / 0.6)^2')}`,
    logNormaliser: 1.8775,
  },
  wave: {
    description: 'a ridge along a sine',
    text: `${ridge('', 0.4)} + ${walls}`,
    logNormaliser: 2.1429,
  },
  fork: {
    description: 'a sine that parts around x[1] = 1 and joins again',
    text: `${either(ridge('', 0.35), ridge(` + ${bump}`, 0.35))} + ${walls}`,
    logNormaliser: 2.7025,
  },
  branch: {
    description: 'a sine that parts at x[1] = 1',
    text: `${either(ridge('', 0.4), ridge(` + ${step}`, 0.35))} + ${walls}`,
    logNormaliser: 2.7715,
  },
} as const satisfies Readonly<Record<string, Energy>>;
