import { LinearisedMethod } from './linearised.ts';
import type { Jacobian } from './linearised.ts';
import type { OdeField } from './types.ts';

const GAMMA = 0.21193756319429014;

const A = [
  [],
  [3],
  [2.849394379747939, 0.45842242204463923],
  [-6.954028509809101, 2.489845061869568, -10.358996098473584],
  [2.8029986275628964, 0.5072464736228206, -0.3988312541770524, -0.04721187230404641],
  [-7.502846399306121, 2.561846144803919, -11.627539656261098, -0.18268767659942256, 0.030198172008377946],
  [-7.502846399306121, 2.561846144803919, -11.627539656261098, -0.18268767659942256, 0.030198172008377946, 1],
  [
    -7.502846399306121, 2.561846144803919, -11.627539656261098, -0.18268767659942256, 0.030198172008377946, 1,
    1,
  ],
] as const;

const C = [
  [],
  [-14.155112264123755],
  [-17.97296035885952, -2.859693295451294],
  [147.12150275711716, -1.41221402718213, 71.68940251302358],
  [165.43517024871676, -0.4592823456491126, 42.90938336958603, -5.961986721573306],
  [24.854864614690072, -3.0009227002832186, 47.4931110020768, 5.5814197821558125, -0.6610691825249471],
  [
    30.91273214028599, -3.1208243349937974, 77.79954646070892, 34.28646028294783, -19.097331116725623,
    -28.087943162872662,
  ],
  [
    37.80277123390563, -3.2571969029072276, 112.26918849496327, 66.9347231244047, -40.06618937091002,
    -54.66780262877968, -9.48861652309627,
  ],
] as const;

const c = [
  0, 0.6358126895828704, 0.4095798393397535, 0.9769306725060716, 0.4288403609558664, 1, 1, 1,
] as const;

const d = [
  0.21193756319429014, -0.42387512638858027, -0.3384627126235924, 1.8046452872882734, 2.325825639765069, 0, 0,
  0,
] as const;

const INTERPOLANT = [
  [
    25.948786856663858, -2.5579724845846235, 10.433815404888879, -2.3679251022685204, 0.524948541321073,
    1.1241088310450404, 0.4272876194431874, -0.17202221070155493,
  ],
  [
    -9.91568850695171, -0.9689944594115154, 3.0438037242978453, -24.495224566215796, 20.176138334709044,
    15.98066361424651, -6.789040303419874, -6.710236069923372,
  ],
  [
    11.419903575922262, 2.8879645146136994, 72.92137995996029, 80.12511834622643, -52.072871366152654,
    -59.78993625266729, -0.15582684282751913, 4.883087185713722,
  ],
] as const;

const STAGES = 8;

/** The coefficients of the form without products of the Jacobian; the rows of `interpolant` are p, q and r. */
export interface RodasCoefficients {
  readonly gamma: number;
  readonly a: readonly (readonly number[])[];
  readonly C: readonly (readonly number[])[];
  readonly c: readonly number[];
  readonly d: readonly number[];
  readonly interpolant: readonly (readonly number[])[];
}

export const rodas5pCoefficients: RodasCoefficients = {
  gamma: GAMMA,
  a: A,
  C,
  c,
  d,
  interpolant: INTERPOLANT,
};

/**
 * Rodas5P: a Rosenbrock method of order 5 with an embedded one of order 4, L-stable and stiffly accurate, in the form
 * without products of the Jacobian J = df/dy:
 *
 *   (I/(h gamma) - J) u_i = f(t_n + c_i h, y_n + sum_{j<i} a_ij u_j) + sum_{j<i} (C_ij/h) u_j + h d_i df/dt,
 *   y_{n+1} = y_n + sum_j a_8j u_j + u_8,   error estimate u_8.
 *
 * One factorisation a step, eight evaluations of the field and one for df/dt. Its interpolant has order 4.
 *
 * G. Steinebach, Construction of Rosenbrock-Wanner method Rodas5P and numerical benchmarks within the Julia
 * Differential Equations package, BIT Numerical Mathematics 63 (2023) 27; Hairer, Wanner II, IV.7.
 */
export class Rodas5P extends LinearisedMethod {
  readonly errorOrder = 5;
  private readonly u: Float64Array[];
  private readonly state: Float64Array;
  private readonly ft: Float64Array;

  constructor(field: OdeField, y0: ArrayLike<number>, t0: number, jacobian?: Jacobian) {
    super(field, y0, t0, 4, jacobian);
    this.u = Array.from({ length: STAGES }, () => new Float64Array(y0.length));
    this.state = new Float64Array(y0.length);
    this.ft = new Float64Array(y0.length);
  }

  protected compute(h: number, tNext: number): void {
    const { y, next, u, state, ft, slope } = this;
    const n = y.length;
    this.factorise(1 / (h * GAMMA));
    this.timeDerivative(h, ft);
    for (let i = 0; i < STAGES; i++) {
      const right = u[i]!;
      if (i === 0) right.set(slope);
      else {
        for (let m = 0; m < n; m++) {
          let sum = y[m]!;
          for (let j = 0; j < i; j++) sum += A[i]![j]! * u[j]![m]!;
          state[m] = sum;
        }
        this.evaluate(c[i] === 1 ? tNext : this.t + c[i]! * h, state, right);
      }
      for (let m = 0; m < n; m++) {
        let sum = 0;
        for (let j = 0; j < i; j++) sum += C[i]![j]! * u[j]![m]!;
        right[m]! += sum / h + h * d[i]! * ft[m]!;
      }
      this.solve(right);
    }
    for (let m = 0; m < n; m++) {
      next[m] = state[m]! + u[STAGES - 1]![m]!;
      this.error[m] = u[STAGES - 1]![m]!;
    }
  }

  /** (1 - theta) y_n + theta (y_{n+1} + (1 - theta) (p + theta q + theta^2 r)), in powers of theta. */
  protected override makePiece(before: Float64Array): void {
    const { coefficients, u, y } = this;
    const n = y.length;
    for (let m = 0; m < n; m++) {
      const [p, q, r] = INTERPOLANT.map((row) =>
        row.reduce((sum: number, weight, j) => sum + weight * u[j]![m]!, 0),
      ) as [number, number, number];
      const powers = [before[m]!, y[m]! - before[m]! + p, q - p, r - q, -r];
      powers.forEach((value, power) => (coefficients[power * n + m] = value));
    }
  }
}
