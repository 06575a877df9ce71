import { LiouvilleError } from '../errors.ts';
import { cnfFm, cnfOfFormulas, ffjord, otflow } from '../cnf/index.ts';
import type { FfjordOptions, FormulaCnfOptions, OtFlowOptions } from '../cnf/index.ts';
import {
  gaussian,
  glow,
  iaf,
  maf,
  naf,
  nice,
  nsf,
  nsfAr,
  planarFlow,
  radialFlow,
  realNVP,
  residualFlow,
  sylvesterFlow,
} from '../discrete/index.ts';
import type {
  GlowOptions,
  LayeredOptions,
  MafOptions,
  NafOptions,
  NiceOptions,
  NsfArOptions,
  NsfOptions,
  RealNvpOptions,
  ResidualFlowOptions,
  SylvesterFlowOptions,
} from '../discrete/index.ts';
import type { Flow, ModelOptions } from '../flow/index.ts';

type Options = Readonly<Record<string, unknown>>;

/** The constructor behind each `configuration.model`; each checks its options. */
export const constructors: Readonly<Record<string, (options: Options) => Flow | Promise<Flow>>> = {
  cnf: () => {
    throw new LiouvilleError(
      'invalid-argument',
      'field: a traced function is not in a file; make the flow again and set its parameters.',
    );
  },
  'cnf-formulas': async (options) => cnfOfFormulas(options as unknown as FormulaCnfOptions),
  'cnf-fm': (options) => cnfFm(options as unknown as FfjordOptions),
  ffjord: (options) => ffjord(options as unknown as FfjordOptions),
  otflow: (options) => otflow(options as unknown as OtFlowOptions),
  gaussian: (options) => gaussian(options as unknown as ModelOptions),
  glow: (options) => glow(options as unknown as GlowOptions),
  iaf: (options) => iaf(options as unknown as MafOptions),
  maf: (options) => maf(options as unknown as MafOptions),
  naf: (options) => naf(options as unknown as NafOptions),
  nice: (options) => nice(options as unknown as NiceOptions),
  nsf: (options) => nsf(options as unknown as NsfOptions),
  'nsf-ar': (options) => nsfAr(options as unknown as NsfArOptions),
  planar: (options) => planarFlow(options as unknown as LayeredOptions),
  radial: (options) => radialFlow(options as unknown as LayeredOptions),
  sylvester: (options) => sylvesterFlow(options as unknown as SylvesterFlowOptions),
  residual: (options) => residualFlow(options as unknown as ResidualFlowOptions),
  realnvp: (options) => realNVP(options as unknown as RealNvpOptions),
};
