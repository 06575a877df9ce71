import { duration } from './progress.ts';
import type { Outcome, Preparation } from './training.ts';

const endings: Readonly<Record<string, string>> = {
  steps: 'all steps taken',
  seconds: 'time used up',
  patience: 'no better validation for a while',
};

/** What a training came to, in a few lines. */
export function summary({ plan, data }: Preparation, outcome: Outcome, folder: string): string {
  const { steps, seconds, ended, validation, test } = outcome;
  const how =
    ended === 'closed form' ? 'in closed form' : `${steps} steps in ${duration(seconds)}, ${endings[ended]}`;
  const rows = `${test.rows} rows`;
  return [
    `${plan.model} on ${data.name}: ${how}`,
    `log-likelihood, nats a row: validation ${validation.toFixed(3)}, test ${test.mean.toFixed(3)} +- ${test.standardError.toFixed(3)} (${rows})`,
    `Run: ${folder}`,
    '',
  ].join('\n');
}
