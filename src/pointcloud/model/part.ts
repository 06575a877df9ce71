import { LiouvilleError } from '../../errors.ts';
import { partsOf } from '../../flow/call.ts';
import { createFlow, keyOf } from '../../flow/index.ts';
import type { Flow, FlowConfiguration } from '../../flow/index.ts';
import { constructors } from '../../models/constructors.ts';
import { partOf } from '../../program/index.ts';
import type { ModelTables } from '../../program/index.ts';

/** A flow that is a part of a model: its parameters lie in the model's own arrays, below its name. */
export interface Part {
  readonly flow: Flow;
  readonly configuration: FlowConfiguration;
  /** Copies the parameters of the flow that was given, when all parts of the model have been made. */
  fill(): void;
}

/**
 * Makes a part of a flow, or of a model's name and options.
 *
 * @throws LiouvilleError 'unknown-name', 'invalid-argument' and 'shape-mismatch', naming the part.
 */
export function createPart(
  name: string,
  given: Flow | FlowConfiguration,
  dims: { readonly dim: number; readonly contextDim: number },
  tables: ModelTables,
): Part {
  const isFlow = 'parameters' in given;
  const original = isFlow ? given : construct(name, given, dims);
  const { dim, contextDim } = original;
  if (dim !== dims.dim || contextDim !== dims.contextDim) {
    throw new LiouvilleError(
      'shape-mismatch',
      `${name}: expected a flow of ${dims.dim} features with a context of ${dims.contextDim}; got ${dim} with ${contextDim}.`,
    );
  }
  const { transform, base } = partsOf(original);
  const { name: model, configuration } = original;
  const flow = createFlow({ name: model, transform, base, configuration, tables: partOf(tables, name) });
  return {
    flow,
    configuration: isFlow ? configuration : { model: given.model, options: { ...given.options } },
    fill() {
      if (!isFlow) return;
      for (const table of ['parameters', 'state'] as const) {
        for (const array of given[table].names()) flow[table].set(array, given[table].get(array).data);
      }
    },
  };
}

function construct(
  name: string,
  { model, options }: FlowConfiguration,
  dims: { readonly dim: number; readonly contextDim: number },
): Flow {
  const make = constructors[keyOf(name, model, constructors)]!;
  const made = make({ ...options, ...dims });
  if (made instanceof Promise) {
    throw new LiouvilleError('invalid-argument', `${name}: expected a flow in place of the name '${model}'.`);
  }
  return made;
}
