import { build } from '../../scripts/build.mjs';

/**
 * Runs once before the tests: those that start the built program never meet an old one. Type errors are left to
 * `npm run typecheck`.
 */
export function setup(): void {
  if (!build({ quiet: true })) {
    process.stderr.write('src/ has type errors (npm run typecheck lists them); the tests run nevertheless\n');
  }
}
