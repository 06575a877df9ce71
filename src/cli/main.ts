#!/usr/bin/env node
import { main } from './program.ts';
import { stopOnSignals } from './stop.ts';

const stop = stopOnSignals(process);
// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});

const { stdout, stderr, env } = process;
const status = await main(process.argv.slice(2), { stdout, stderr, env, signal: stop.signal });
process.exitCode = stop.statusOf(status);
