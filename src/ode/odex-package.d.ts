/**
 * What this library uses of the npm package odex 2.0.4. The package ships its TypeScript source, which does
 * not compile under strict options, and no declarations; `paths` in tsconfig.json leads here instead.
 */

export const Outcome: { readonly Converged: 0; readonly MaxStepsExceeded: 1; readonly EarlyReturn: 2 };

export class Solver {
  constructor(n: number);
  maxSteps: number;
  initialStepSize: number;
  denseOutput: boolean;
  relativeTolerance: number | number[];
  absoluteTolerance: number | number[];
  solve(
    f: (x: number, y: number[]) => number[],
    x: number,
    y0: number[],
    xEnd: number,
    afterStep: (
      step: number,
      xOld: number,
      x: number,
      y: number[],
      dense?: (component: number, x: number) => number,
    ) => boolean | undefined,
  ): { y: number[]; outcome: 0 | 1 | 2; nStep: number; nAccept: number };
}
