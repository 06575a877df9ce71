import { expect } from 'vitest';
import { LiouvilleError } from '../../src/errors.ts';
import type { ErrorCode } from '../../src/errors.ts';

/** Calls what must throw, and checks the code and the words of what is thrown. */
export function expectRefused(call: () => unknown, code: ErrorCode, message: RegExp): void {
  let thrown: unknown = null;
  try {
    call();
  } catch (error) {
    thrown = error;
  }
  expect(thrown, 'something is thrown').toBeInstanceOf(LiouvilleError);
  expect((thrown as LiouvilleError).message).toMatch(message);
  expect((thrown as LiouvilleError).code).toBe(code);
}

/** The same for what must reject. */
export async function expectRejected(
  call: Promise<unknown>,
  code: ErrorCode,
  message: RegExp,
): Promise<void> {
  let thrown: unknown = null;
  try {
    await call;
  } catch (error) {
    thrown = error;
  }
  expectRefused(
    () => {
      throw thrown;
    },
    code,
    message,
  );
}
