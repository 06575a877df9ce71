/** PointFlow: distributions over shapes, each a distribution over points. */
export { evidence } from './evidence.ts';
export type { Evidence, EvidenceOptions } from './evidence.ts';
export { fitPointFlow } from './fit.ts';
export type { FitPointFlowOptions } from './fit.ts';
export {
  cloudPath,
  decodeLatents,
  encodeClouds,
  interpolateLatents,
  reconstructClouds,
  sampleClouds,
  sampleLatents,
} from './generate.ts';
export type { DrawOptions, Posterior } from './generate.ts';
export { loadPointFlow } from './load.ts';
export { pointFlowObjective } from './objective.ts';
export type { PartObjective, PointFlowObjectiveOptions } from './objective.ts';
export type { PartOptions, PointFlowOptions } from './options.ts';
export { pointFlow } from './point-flow.ts';
export type { PointFlow } from './point-flow.ts';
