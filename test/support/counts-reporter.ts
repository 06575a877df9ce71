import { writeFileSync, writeSync } from 'node:fs';
import type { SerializedError } from 'vitest';
import type { Reporter, TestModule, TestSuite, Vitest } from 'vitest/node';

/** How a run ended. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/**
 * Ends a run with the line `N passed, N failed` (and `, N skipped`), after everything else that is printed.
 *
 * A failure is whatever makes the run fail: a test, a file or a suite whose hooks or collection threw, an error
 * outside any test, a file that never finished, a run without tests. Skipped tests are listed with their reasons.
 * The line is also written to the file that LIOUVILLE_TEST_COUNTS names.
 */
export class CountsReporter implements Reporter {
  #counts: Counts = { passed: 0, failed: 0, skipped: 0 };

  onInit(vitest: Vitest): void {
    if (vitest.config.watch) return;
    process.once('exit', (code) => {
      // Vitest itself may fail for a reason that belongs to no test, such as its set-up.
      if (code !== 0 && this.#counts.failed === 0) this.#counts.failed = 1;
      const line = formatCounts(this.#counts);
      const file = process.env['LIOUVILLE_TEST_COUNTS'];
      if (file !== undefined && file !== '') writeFileSync(file, `${line}\n`);
      writeSync(1, `${line}\n`);
    });
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly SerializedError[]): void {
    this.#counts = countModules(modules, unhandledErrors);
    for (const line of modules.flatMap(skippedTests)) process.stdout.write(`${line}\n`);
  }
}

/** The counts of a finished run. */
export function countModules(
  modules: readonly TestModule[],
  unhandledErrors: readonly SerializedError[],
): Counts {
  const counts: Counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
  for (const module of modules) {
    const suites: readonly (TestModule | TestSuite)[] = [module, ...module.children.allSuites()];
    counts.failed += suites.filter((suite) => suite.errors().length > 0).length;
    let unfinished = false;
    for (const test of module.children.allTests()) {
      const { state } = test.result();
      if (state === 'pending') unfinished = true;
      else counts[state]++;
    }
    if (unfinished || module.state() === 'queued' || module.state() === 'pending') counts.failed++;
  }
  return counts;
}

/** The last line of a run. */
export function formatCounts({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function skippedTests(module: TestModule): string[] {
  return [...module.children.allTests('skipped')].map((test) => {
    const result = test.result();
    const reason = result.state === 'skipped' ? result.note : undefined;
    return `skipped: ${module.relativeModuleId} > ${test.fullName} (${reason ?? 'no reason given'})`;
  });
}
