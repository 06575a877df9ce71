import { aligned } from '../table.ts';
import type { Measurement } from './suite.ts';

/** Measurements for a terminal: a line for each piece of work, the numbers of threads side by side. */
export function measurementTable(measurements: readonly Measurement[]): string {
  const engines = [...new Set(measurements.map(({ engine }) => engine))];
  return engines
    .map((engine) => engineTable(measurements.filter((measurement) => measurement.engine === engine)))
    .join('\n\n');
}

function engineTable(measurements: readonly Measurement[]): string {
  const threads = [...new Set(measurements.map((measurement) => measurement.threads))];
  const lines = [
    [
      'workload',
      'task',
      ...threads.flatMap((n) => [n === 1 ? '1 thread' : `${n} threads`, 'middle half']),
      'rows/s',
      'evaluations',
    ],
    ...pieces(measurements).map((piece) => {
      const fastest = piece.at(-1)!;
      return [
        fastest.workload,
        fastest.task,
        ...piece.flatMap(({ median, quartiles: [low, high] }) => [
          time(median),
          `${time(low)}-${time(high)}`,
        ]),
        Number((fastest.rows / fastest.median).toPrecision(3)).toLocaleString('en'),
        fastest.nfe === null ? '-' : fastest.nfe.mean.toFixed(1),
      ];
    }),
  ];
  const { engine, precision } = measurements[0]!;
  return `${engine}, ${precision}: median and middle half of the runs\n${aligned(lines, 2)}`;
}

/** What was measured for the same work, with one number of threads after the other. */
function pieces(measurements: readonly Measurement[]): Measurement[][] {
  const found = new Map<string, Measurement[]>();
  for (const measurement of measurements) {
    const key = `${measurement.workload} ${measurement.task}`;
    found.set(key, [...(found.get(key) ?? []), measurement]);
  }
  return [...found.values()];
}

/** Three digits with the unit that suits them. */
function time(seconds: number): string {
  if (seconds >= 1) return `${seconds.toPrecision(3)} s`;
  return seconds >= 1e-3 ? `${(seconds * 1e3).toPrecision(3)} ms` : `${(seconds * 1e6).toPrecision(3)} us`;
}
