import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { diagnose } from '../../engine/index.ts';
import type { Diagnosis } from '../../engine/index.ts';
import { threadsOf } from '../arguments.ts';
import type { Io } from '../io.ts';
import { versions } from '../versions.ts';

interface Report extends Diagnosis {
  threads: number;
  versions: Record<string, string>;
}

/** `liouville doctor`: which engines are here, which not and why, and what would help. */
export function addDoctor(program: Command, io: Io): void {
  program
    .command('doctor')
    .description('Show which engines are present, why others are not, and what would help.')
    .option('--json', 'print one JSON document')
    .action(({ json = false }: { json?: boolean }) => {
      const report: Report = {
        ...diagnose(),
        threads: threadsOf(io.env) ?? availableParallelism(),
        versions: versions(),
      };
      io.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : text(report));
    });
}

function text({ engines, chosen, threads, versions }: Report): string {
  const width = Math.max(...engines.map(({ name }) => name.length));
  const lines = engines.flatMap(({ name, available, reason, remedy }) => {
    const state = available
      ? `available${name === chosen ? ', chosen' : ''}`
      : `not available: ${reason ?? 'unknown reason'}`;
    const help = available || remedy === undefined ? [] : [`${' '.repeat(width)}  ${remedy}`];
    return [`${name.padEnd(width)}  ${state}`, ...help];
  });
  const facts = Object.entries({ threads, ...versions }).map(
    ([name, value]) => `${name.padEnd(width)}  ${value}`,
  );
  return ['Engines', ...lines, '', 'Here', ...facts, ''].join('\n');
}
