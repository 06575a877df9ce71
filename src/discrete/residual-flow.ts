import { actNorm, chain, depth, widths } from '../flow/index.ts';
import type { Flow, ModelOptions } from '../flow/index.ts';
import { discreteModel } from './model.ts';
import { residual } from './residual.ts';

/** Options of `residualFlow`. */
export interface ResidualFlowOptions extends ModelOptions {
  /** Residual blocks; default 8. */
  readonly layers?: number;
  /** Widths of the hidden layers of each block; default [64, 64]. */
  readonly hidden?: readonly number[];
  /** What the residual of a block changes distances by at most; default 0.9. */
  readonly coefficient?: number;
}

/**
 * A residual flow (Chen, Behrmann, Duvenaud, Jacobsen, NeurIPS 2019): actNorm and invertible residual blocks in turn.
 *
 * @throws LiouvilleError 'invalid-argument' or 'unknown-name', naming the option.
 */
export function residualFlow(options: ResidualFlowOptions): Flow {
  return discreteModel('residual', options, ['layers', 'hidden', 'coefficient'], (dim, contextDim) => {
    const hidden = widths('hidden', options.hidden ?? [64, 64]);
    const { coefficient = 0.9 } = options;
    const blocks = Array.from({ length: depth('layers', options.layers ?? 8) }, () => [
      actNorm({ dim }),
      residual({ dim, contextDim, hidden, coefficient }),
    ]);
    return chain(blocks.flat());
  });
}
