import { compile } from '../../program/index.ts';
import type { Program } from '../../program/index.ts';
import type { Tableau } from '../../ode/index.ts';
import { pullbackPlan } from './wgsl/pullback-kernel.ts';
import type { PullbackPlan } from './wgsl/pullback-kernel.ts';
import { runPlan } from './wgsl/run-kernel.ts';
import type { RunPlan } from './wgsl/run-kernel.ts';
import { solvePlan } from './wgsl/solve-kernel.ts';
import type { SolvePlan } from './wgsl/solve-kernel.ts';

/** The kernels of programs as they are written for one kind of device; each is written once, while its program lives. */
export class Plans {
  readonly #staged: boolean;
  readonly #runs = new WeakMap<Program, RunPlan>();
  readonly #solves = new WeakMap<Program, Map<Tableau, SolvePlan>>();
  readonly #pullbacks = new WeakMap<Program, Map<Tableau, PullbackPlan>>();

  /** @param staged whether parameters go through the memory of a workgroup. */
  constructor(staged: boolean) {
    this.#staged = staged;
  }

  run(program: Program): RunPlan {
    return once(this.#runs, program, () => runPlan(program, this.#staged));
  }

  solve(field: Program, tableau: Tableau): SolvePlan {
    const known = once(this.#solves, field, () => new Map<Tableau, SolvePlan>());
    return once(known, tableau, () => solvePlan(compile(field), tableau, this.#staged));
  }

  /** @param transposed what takes cotangents of the field back. */
  pullback(transposed: Program, tableau: Tableau): PullbackPlan {
    const known = once(this.#pullbacks, transposed, () => new Map<Tableau, PullbackPlan>());
    return once(known, tableau, () => pullbackPlan(compile(transposed), tableau, this.#staged));
  }
}

function once<K extends object, V>(
  known: { get(key: K): V | undefined; set(key: K, value: V): unknown },
  key: K,
  make: () => V,
): V {
  let found = known.get(key);
  if (found === undefined) {
    found = make();
    known.set(key, found);
  }
  return found;
}
