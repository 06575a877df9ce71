/**
 * What the conformance suite uses of vitest, for places where vitest cannot run: pages, and Node with other flags. A
 * bundler puts it in the place of vitest.
 */
import {
  ASYMMETRIC_MATCHERS_OBJECT,
  GLOBAL_EXPECT,
  JestAsymmetricMatchers,
  JestChaiExpect,
  JestExtend,
  chai,
  setState,
} from '@vitest/expect';
import type { ExpectStatic } from '@vitest/expect';

interface Case {
  readonly name: string;
  readonly run: () => unknown;
}

export interface Outcome {
  passed: number;
  skipped: string[];
  failed: string[];
}

const cases: Case[] = [];
const path: string[] = [];

export function describe(name: string, body: () => void): void {
  path.push(name);
  body();
  path.pop();
}
describe.each =
  <T>(list: readonly T[]) =>
  (name: string, body: (item: T) => void): void => {
    for (const item of list) describe(titleOf(name, item), () => body(item));
  };

export function test(name: string, body: (context: { skip: typeof skip }) => unknown): void {
  cases.push({ name: [...path, name].join(' > '), run: () => body({ skip }) });
}
test.each =
  <T>(list: readonly T[]) =>
  (name: string, body: (...item: unknown[]) => unknown): void => {
    for (const item of list) {
      test(titleOf(name, item), () => (Array.isArray(item) ? body(...(item as unknown[])) : body(item)));
    }
  };

function titleOf(name: string, item: unknown): string {
  const values = Array.isArray(item) ? [...(item as unknown[])] : [item];
  return name
    .replaceAll(/\$(\w+)/g, (_, key: string) => String((item as Record<string, unknown>)[key]))
    .replaceAll('%s', () => String(values.shift()));
}

class Skipped extends Error {}

function skip(reason = ''): never {
  throw new Skipped(reason);
}

chai.use(JestExtend);
chai.use(JestChaiExpect);
chai.use(JestAsymmetricMatchers);

export const expect = ((value: unknown) => chai.expect(value)) as ExpectStatic;
Object.assign(expect, chai.expect);
Object.defineProperty(globalThis, GLOBAL_EXPECT, { value: expect, writable: true, configurable: true });
setState({ assertionCalls: 0, isExpectingAssertions: false, environment: 'page' }, expect);
Object.assign(expect, (globalThis as unknown as Record<symbol, object>)[ASYMMETRIC_MATCHERS_OBJECT]);

/** What went wrong; chai shortens what was found, which here is all that there is to see. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { actual } = error as { actual?: unknown };
  return Array.isArray(actual) ? `${error.message} ${JSON.stringify(actual)}` : error.message;
}

/** Runs every test whose name is wanted, one after the other. */
export async function runAll(wanted = /./): Promise<Outcome> {
  const outcome: Outcome = { passed: 0, skipped: [], failed: [] };
  for (const { name, run } of cases.splice(0)) {
    if (!wanted.test(name)) continue;
    try {
      await run();
      outcome.passed++;
    } catch (error) {
      if (error instanceof Skipped) outcome.skipped.push(`${name}: ${error.message}`);
      else outcome.failed.push(`${name}: ${textOf(error)}`);
    }
  }
  return outcome;
}
