import type { ComparisonResults, ModelResult } from '../../src/compare/results.ts';

/** The row of a model that did well; what is given replaces it. */
export function modelResult(changes: Partial<ModelResult> = {}): ModelResult {
  return {
    name: 'ffjord',
    parameters: 9224,
    testLogLikelihood: { mean: -2.4567, standardError: 0.0123 },
    klToTruth: 0.0627,
    densityRowsPerSecond: 1234.5,
    samplesPerSecond: 5678.9,
    nfe: { mean: 17.84, max: 26 },
    inverseError: { max: 1.234e-5 },
    normalisation: 0.99987,
    massOutside: 0.0002,
    normalisationGrid: { intervals: 96, change: 2e-5, converged: true },
    trainSeconds: 12.345,
    secondsPerStep: 0.030863,
    steps: 400,
    bestValidation: 2.44,
    engine: 'reference',
    status: 'ok',
    ...changes,
  };
}

/** A row whose model failed before anything was measured. */
export function failedResult(name: string, message: string): ModelResult {
  return modelResult({
    name,
    parameters: null,
    testLogLikelihood: { mean: null, standardError: null },
    klToTruth: null,
    densityRowsPerSecond: null,
    samplesPerSecond: null,
    nfe: null,
    inverseError: { max: null },
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

export function results(models: ModelResult[], name = 'moons'): ComparisonResults {
  return {
    schema: 1,
    data: {
      name,
      dim: 2,
      columns: ['x', 'y'],
      rows: { train: 50_000, validation: 5_000, test: 10_000 },
      entropy: 2.394,
    },
    settings: {
      steps: 400,
      batch: 100,
      seed: 0,
      precision: 'float64',
      threads: 1,
      engine: 'auto',
      learningRate: 0.02,
      trainTolerance: 1e-3,
      tolerance: 1e-5,
      schedule: 'cosine',
      clipNorm: null,
      validateEvery: 40,
      validationRows: 500,
      testRows: 10_000,
      samples: 2000,
      inverseRows: 300,
      quadrature: { intervals: { 1: 512, 2: 48 }, maxIntervals: { 1: 8192, 2: 96 }, tolerance: 1e-4 },
    },
    models,
    versions: { liouville: '0.1.0', node: '20.0.0' },
  };
}
