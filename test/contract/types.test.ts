import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { expect, it } from 'vitest';
import * as liouville from '../../src/index.ts';
import { read, root } from '../support/repository.ts';
import type * as promised from './promised.d.ts';

/** Flows come from the library only, so that they may have more than was promised. */
type TakesFlows = 'fit' | 'save';
type Promised = Omit<typeof promised, 'LiouvilleError' | TakesFlows>;

/** Each value, where a value of the promised type is wanted. */
const values: { readonly [Name in keyof Promised]: Promised[Name] } = liouville;
const takingFlows: {
  readonly [Name in TakesFlows]: (
    flow: liouville.Flow,
    ...rest: Parameters<(typeof promised)[Name]> extends [unknown, ...infer Rest] ? Rest : never
  ) => ReturnType<(typeof promised)[Name]>;
} = liouville;

/** What scripts hand over has the promised type, what they get back may be taken for it. */
interface Directions {
  readonly given: readonly [
    (x: promised.EvaluateOptions) => liouville.EvaluateOptions,
    (x: promised.FitOptions) => liouville.FitOptions,
    (x: promised.BatchLike) => liouville.BatchLike,
    (x: promised.Matrix) => liouville.Matrix,
    (x: promised.EngineName) => liouville.EngineName,
    (x: promised.Precision) => liouville.Precision,
    (x: promised.Layer) => liouville.Layer,
    (x: promised.Activation) => liouville.Activation,
    (x: promised.ErrorCode) => liouville.ErrorCode,
  ];
  readonly got: readonly [
    (x: liouville.Matrix) => promised.Matrix,
    (x: liouville.Transformed) => promised.Transformed,
    (x: liouville.ParameterTable) => promised.ParameterTable,
    (x: liouville.Flow) => promised.Flow,
    (x: liouville.FitResult) => promised.FitResult,
    (x: liouville.RowStatus) => promised.RowStatus,
    (x: liouville.EngineName) => promised.EngineName,
  ];
}
const same = <T>(x: T): T => x;
const directions: Directions = {
  given: [same, same, same, same, same, same, same, same, same],
  got: [same, same, same, same, same, same, same],
};

it('every promised name is exported; the compiler holds the types against the promise', () => {
  const names = [...read('test/contract/promised.d.ts').matchAll(/^export (?:class|const|function) (\w+)/gm)];
  expect(names.length).toBe(14);
  const missing = names.map(([, name]) => name!).filter((name) => !(name in liouville));
  expect(missing).toEqual([]);
  expect(Object.values({ ...values, ...takingFlows })).not.toContain(undefined);
  expect([...directions.given, ...directions.got]).not.toContain(undefined);
});

it('the promise is the one beside the project', async ({ skip }) => {
  const beside = join(root, '../shared/contract.d.ts');
  if (!existsSync(beside)) return skip('../shared/contract.d.ts is not there');
  const settings = JSON.parse(read('.prettierrc.json')) as object;
  const theirs = await format(readFileSync(beside, 'utf8'), { ...settings, parser: 'typescript' });
  expect(read('test/contract/promised.d.ts')).toBe(theirs);
});
