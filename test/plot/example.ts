import type { ComparisonResults, Difference, ModelResult } from '../../src/compare/results.ts';

/** The row of a model that did well; what is given replaces it. */
export function modelResult(changes: Partial<ModelResult> = {}): ModelResult {
  return {
    name: 'ffjord',
    parameters: 9224,
    learningRate: 0.01,
    testLogLikelihood: { mean: -2.4567, standardError: 0.0123 },
    klToTruth: 0.0627,
    klStandardError: 0.0045,
    reverseKl: { mean: 0.081, standardError: 0.0061, outsideSupport: 0 },
    densityRowsPerSecond: 1234.5,
    samplesPerSecond: 5678.9,
    nfe: { mean: 17.84, max: 26 },
    samplingNfe: { mean: 18.24, max: 25 },
    inverseError: { max: 1.234e-5, median: 3.21e-7 },
    twoSample: { energyDistance: 0.00223, pValue: 0.035, slicedWasserstein: 0.0456 },
    normalisation: 0.99987,
    massOutside: 0.0002,
    normalisationGrid: { intervals: 96, change: 2e-5, converged: true },
    trainSeconds: 12.345,
    secondsPerStep: 0.030863,
    steps: 400,
    bestValidation: 2.44,
    engine: 'reference',
    status: 'ok',
    seeds: null,
    ...changes,
  };
}

/** A row whose model failed before anything was measured. */
export function failedResult(name: string, message: string): ModelResult {
  return modelResult({
    name,
    parameters: null,
    learningRate: null,
    testLogLikelihood: { mean: null, standardError: null },
    klToTruth: null,
    klStandardError: null,
    reverseKl: null,
    densityRowsPerSecond: null,
    samplesPerSecond: null,
    nfe: null,
    samplingNfe: null,
    inverseError: { max: null, median: null },
    twoSample: null,
    normalisation: null,
    massOutside: null,
    normalisationGrid: null,
    trainSeconds: null,
    secondsPerStep: null,
    steps: 0,
    bestValidation: null,
    engine: null,
    status: 'failed',
    message,
  });
}

export function results(
  models: ModelResult[],
  name = 'moons',
  differences: Difference[] = [],
): ComparisonResults {
  return {
    schema: 1,
    data: {
      name,
      dim: 2,
      columns: ['x', 'y'],
      rows: { train: 50_000, validation: 5_000, test: 10_000 },
      entropy: 2.394,
      twoSample: { energyDistance: 0.00112, pValue: 0.4, slicedWasserstein: 0.0234 },
    },
    settings: {
      steps: 400,
      seconds: null,
      warmUp: 40,
      weightDecay: 0,
      ema: null,
      batch: 100,
      seed: 0,
      seeds: 1,
      precision: 'float64',
      threads: 1,
      engine: 'auto',
      learningRate: 0.02,
      solver: 'dopri5',
      stepSize: null,
      trainTolerance: 1e-3,
      tolerance: 1e-5,
      schedule: 'cosine',
      clipNorm: null,
      validateEvery: 40,
      validationRows: 500,
      testRows: 10_000,
      samples: 2000,
      inverseRows: 300,
      twoSample: { rows: 1000, permutations: 199, directions: 64 },
      quadrature: { intervals: { 1: 512, 2: 48 }, maxIntervals: { 1: 8192, 2: 96 }, tolerance: 1e-4 },
    },
    models,
    differences,
    versions: { liouville: '0.1.0', node: '20.0.0' },
    command: 'liouville compare --data moons',
  };
}
