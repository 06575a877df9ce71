import { defineConfig } from 'vitest/config';
import { CountsReporter } from './test/support/counts-reporter.ts';

const HOUR = 60 * 60 * 1000;

/** The slow evidence: `npm run verify`. Its numbers are the point, so every test is shown with its output. */
export default defineConfig({
  test: {
    include: ['test/**/*.verify.ts'],
    globalSetup: ['test/support/fresh-build.ts'],
    reporters: [['default', { summary: false }], new CountsReporter()],
    testTimeout: 2 * HOUR,
    hookTimeout: HOUR,
    // One at a time: a measurement does not share the machine.
    fileParallelism: false,
  },
});
