import { defineConfig } from 'vitest/config';
import { CountsReporter } from './test/support/counts-reporter.ts';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/fresh-build.ts'],
    reporters: ['default', new CountsReporter()],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
