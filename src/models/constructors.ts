import { ffjord } from '../cnf/index.ts';
import type { FfjordOptions } from '../cnf/index.ts';
import { gaussian, realNVP } from '../discrete/index.ts';
import type { RealNvpOptions } from '../discrete/index.ts';
import type { Flow, ModelOptions } from '../flow/index.ts';

type Options = Readonly<Record<string, unknown>>;

/** The constructor behind each `configuration.model`; each checks its options. */
export const constructors: Readonly<Record<string, (options: Options) => Flow>> = {
  ffjord: (options) => ffjord(options as unknown as FfjordOptions),
  gaussian: (options) => gaussian(options as unknown as ModelOptions),
  realnvp: (options) => realNVP(options as unknown as RealNvpOptions),
};
