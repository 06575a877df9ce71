import { cnfFm, ffjord, otflow } from '../cnf/index.ts';
import type { FfjordOptions, OtFlowOptions } from '../cnf/index.ts';
import {
  gaussian,
  glow,
  iaf,
  maf,
  nice,
  nsf,
  nsfAr,
  planarFlow,
  radialFlow,
  realNVP,
  sylvesterFlow,
} from '../discrete/index.ts';
import type {
  GlowOptions,
  LayeredOptions,
  MafOptions,
  NiceOptions,
  NsfOptions,
  RealNvpOptions,
  SylvesterFlowOptions,
} from '../discrete/index.ts';
import type { Flow, ModelOptions } from '../flow/index.ts';

type Options = Readonly<Record<string, unknown>>;

/** The constructor behind each `configuration.model`; each checks its options. */
export const constructors: Readonly<Record<string, (options: Options) => Flow>> = {
  'cnf-fm': (options) => cnfFm(options as unknown as FfjordOptions),
  ffjord: (options) => ffjord(options as unknown as FfjordOptions),
  otflow: (options) => otflow(options as unknown as OtFlowOptions),
  gaussian: (options) => gaussian(options as unknown as ModelOptions),
  glow: (options) => glow(options as unknown as GlowOptions),
  iaf: (options) => iaf(options as unknown as MafOptions),
  maf: (options) => maf(options as unknown as MafOptions),
  nice: (options) => nice(options as unknown as NiceOptions),
  nsf: (options) => nsf(options as unknown as NsfOptions),
  'nsf-ar': (options) => nsfAr(options as unknown as NsfOptions),
  planar: (options) => planarFlow(options as unknown as LayeredOptions),
  radial: (options) => radialFlow(options as unknown as LayeredOptions),
  sylvester: (options) => sylvesterFlow(options as unknown as SylvesterFlowOptions),
  realnvp: (options) => realNVP(options as unknown as RealNvpOptions),
};
