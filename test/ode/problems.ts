import type { OdeField } from '../../src/ode/index.ts';

/** An initial value problem that tests share. */
export interface Problem {
  name: string;
  field: OdeField;
  t0: number;
  t1: number;
  y0: number[];
  /** The solution at t1 where it is known in closed form. */
  exact?: (t: number) => number[];
}

/** y' = y^2 cos t: nonlinear, non-autonomous, y = 1 / (1.2 - sin t). */
export const riccati: Problem = {
  name: "y' = y^2 cos t",
  field: (t, y, dydt) => {
    dydt[0] = y[0]! * y[0]! * Math.cos(t);
  },
  t0: 0,
  t1: 8.5,
  y0: [1 / 1.2],
  exact: (t) => [1 / (1.2 - Math.sin(t))],
};

/** A damped pendulum with a periodic force. */
export const pendulum: Problem = {
  name: 'forced pendulum',
  field: (t, y, dydt) => {
    dydt[0] = y[1]!;
    dydt[1] = -9.81 * Math.sin(y[0]!) - 0.1 * y[1]! + 0.5 * Math.cos(2 * t);
  },
  t0: 0,
  t1: 10,
  y0: [1, 0.2],
};

/** Two bodies on an ellipse, from the pericentre; Kepler's equation gives the solution. */
export function twoBodies(eccentricity: number): Problem {
  const minor = Math.sqrt(1 - eccentricity ** 2);
  return {
    name: 'two bodies',
    field: (_t, y, dydt) => {
      const cube = (y[0]! * y[0]! + y[1]! * y[1]!) ** 1.5;
      dydt[0] = y[2]!;
      dydt[1] = y[3]!;
      dydt[2] = -y[0]! / cube;
      dydt[3] = -y[1]! / cube;
    },
    t0: 0,
    t1: 10,
    y0: [1 - eccentricity, 0, 0, Math.sqrt((1 + eccentricity) / (1 - eccentricity))],
    exact: (t) => {
      let anomaly = t;
      for (let i = 0; i < 50; i++) {
        anomaly -= (anomaly - eccentricity * Math.sin(anomaly) - t) / (1 - eccentricity * Math.cos(anomaly));
      }
      const [cos, sin] = [Math.cos(anomaly), Math.sin(anomaly)];
      const radius = 1 - eccentricity * cos;
      return [cos - eccentricity, minor * sin, -sin / radius, (minor * cos) / radius];
    },
  };
}

/** The Arenstorf orbit, the example that comes with Hairer and Wanner's DOPRI5. Periodic. */
export const arenstorf: Problem = {
  name: 'Arenstorf orbit',
  field: (_t, y, dydt) => {
    const moon = 0.012277471;
    const earth = 1 - moon;
    const toEarth = ((y[0]! + moon) ** 2 + y[1]! ** 2) ** 1.5;
    const toMoon = ((y[0]! - earth) ** 2 + y[1]! ** 2) ** 1.5;
    dydt[0] = y[2]!;
    dydt[1] = y[3]!;
    dydt[2] = y[0]! + 2 * y[3]! - (earth * (y[0]! + moon)) / toEarth - (moon * (y[0]! - earth)) / toMoon;
    dydt[3] = y[1]! - 2 * y[2]! - (earth * y[1]!) / toEarth - (moon * y[1]!) / toMoon;
  },
  t0: 0,
  t1: 17.0652165601579625588917206249,
  y0: [0.994, 0, 0, -2.00158510637908252240537862224],
};

/** The same problem from the other end. */
export function reversed(problem: Problem, end: ArrayLike<number>): Problem {
  const { name, field, t0, t1, y0 } = problem;
  return { name: `${name}, backward`, field, t0: t1, t1: t0, y0: Array.from(end), exact: () => y0 };
}

/** The largest |a_i - b_i|. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i]! - b[i]!));
  return largest;
}
