/** The conformance suite on every build that runs here, started by whoever has loaded this. */
import { wasmEngine } from '../../src/engine/wasm/index.ts';
import { supportedBuilds } from '../../src/engine/wasm/support.ts';
import { conformance } from '../engine/conformance.ts';
import { describe, runAll } from './vitest-elsewhere.ts';
import type { Outcome } from './vitest-elsewhere.ts';

export interface Report extends Outcome {
  readonly builds: readonly string[];
}

/** @param wanted the builds to test; float64 is tested once, since it is the same in all. */
export async function runConformance(wanted: readonly string[]): Promise<Report> {
  const builds = supportedBuilds().filter((build) => wanted.includes(build));
  for (const [i, build] of builds.entries()) {
    const found = wasmEngine(build);
    if ('reason' in found) throw new Error(found.reason);
    describe(build, () => {
      if (i === 0) conformance(found.engine, 'wasm', { relative: 1e-12, sameSteps: true, threads: 2 });
      const narrow = { relative: 1e-5, sameSteps: false, precision: 'float32', threads: 2 } as const;
      conformance(found.engine, 'wasm', narrow);
    });
  }
  const outcome = await runAll();
  for (const build of builds) {
    const found = wasmEngine(build);
    if ('engine' in found) found.engine.dispose();
  }
  return { builds, ...outcome };
}

(globalThis as { runConformance?: typeof runConformance }).runConformance = runConformance;
