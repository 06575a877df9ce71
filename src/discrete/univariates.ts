/** The increasing functions that couplings, autoregressive and elementwise transforms are made of. */
export { sigmoidal } from './sigmoidal.ts';
export { spline } from './spline.ts';
export { additive, affine } from './univariate.ts';
