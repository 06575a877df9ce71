import { extname } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { unknownName } from '../../errors.ts';
import { writeBytesAtomically, writeTable } from '../../files/index.ts';
import { solve, solverNames } from '../../ode/index.ts';
import { baseLayout, packed, svgOf } from '../../plot/index.ts';
import { textField } from '../../system/index.ts';
import * as argument from '../arguments.ts';
import { exit } from '../io.ts';
import type { Io } from '../io.ts';
import { checkOutputFile } from '../output-file.ts';

interface Flags {
  start: number[];
  from: number;
  to: number;
  parameter?: Record<string, number>;
  solver: string;
  rtol: number;
  atol: number;
  stepSize?: number;
  points: number;
  phase?: boolean;
  out?: string;
  json?: boolean;
}

const examples = `
Examples:
  liouville ode "[y[1], mu*(1-y[0]^2)*y[1]-y[0]]" --parameter mu=5 --start 2,0 --to 30 --out vanderpol.svg
  liouville ode "[10*(y[1]-y[0]), y[0]*(28-y[2])-y[1], y[0]*y[1]-8/3*y[2]]" --start 1,1,1 --to 40 --phase --out lorenz.svg
  liouville ode "[-1000*(y[0]-cos(t))]" --start 0 --to 10 --solver rodas5p --out stiff.csv

Formulas are in t, y[0], y[1], ... and the parameters.`;

/** `liouville ode`: the solution of a field given as text, as numbers or drawn. */
export function addOde(program: Command, io: Io, end: (status: number) => void): void {
  program
    .command('ode')
    .description('Solve a differential equation given as text, and draw or write its solution.')
    .argument('<field>', 'dy/dt, a list of formulas such as "[y[1], -y[0]]"')
    .requiredOption('--start <numbers>', 'y at the beginning, with commas', numbers)
    .requiredOption('--to <t>', 'where to end', number)
    .option('--from <t>', 'where to begin', number, 0)
    .option('--parameter <name=value>', 'a parameter of the field; may be repeated', parameter)
    .option('--solver <name>', 'the method', solver, 'dopri5')
    .option('--rtol <x>', 'relative tolerance', argument.positive, 1e-6)
    .option('--atol <x>', 'absolute tolerance', argument.positive, 1e-6)
    .option('--step-size <h>', 'fixed steps of this size', argument.positive)
    .option('--points <n>', 'how many points of the solution are drawn or written', argument.count, 1000)
    .option('--phase', 'draw y[1] against y[0] instead of all against t')
    .option('--out <file>', 'an .svg, .csv or .npy file')
    .option('--json', 'print one JSON document')
    .addHelpText('after', examples)
    .action(async (text: string, flags: Flags) => {
      const { start, from, to, out, points, phase = false, json = false } = flags;
      if (out !== undefined) await checkOutputFile('--out', out, ['.svg', '.csv', '.npy']);
      const system = await textField(text, flags.parameter);
      if (start.length !== system.dim) {
        throw new InvalidArgumentError(
          `--start: expected ${system.dim} numbers, one for each formula; got ${start.length}.`,
        );
      }
      const { solver: method, rtol, atol, stepSize } = flags;
      const stiff = method === 'rodas5p' || method === 'kvaerno5';
      const times = Array.from({ length: points + 1 }, (_, i) =>
        i === points ? to : from + (i / points) * (to - from),
      );
      const solution = solve(system.field(), start, from, to, {
        solver: method,
        rtol,
        atol,
        maxSteps: 1_000_000,
        ...(stepSize !== undefined && { stepSize }),
        ...(stiff && { jacobian: system.jacobian() }),
        ...(out !== undefined && { times, ...(method !== 'odex' && { interpolate: true }) }),
      });
      if (out !== undefined) await write(out, times, solution.at!, phase);
      io.stdout.write(report(solution, json));
      end(exit.ok);
    });
}

async function write(out: string, times: number[], states: Float64Array[], phase: boolean): Promise<void> {
  const dim = states[0]!.length;
  const names = Array.from({ length: dim }, (_, i) => `y[${i}]`);
  if (extname(out).toLowerCase() !== '.svg') {
    const data = Float64Array.from(states.flatMap((y, row) => [times[row]!, ...y]));
    await writeTable(out, { data, rows: states.length, cols: dim + 1 }, ['t', ...names]);
    return;
  }
  const column = (i: number) => packed(states.map((y) => y[i]!));
  const line = (name: string, x: unknown, y: unknown) => ({
    type: 'scatter',
    mode: 'lines',
    name,
    x,
    y,
    line: { width: 1.2 },
  });
  const drawn = phase && dim > 1;
  const data = drawn
    ? [line('solution', column(0), column(1))]
    : names.map((name, i) => line(name, packed(times), column(i)));
  const layout = {
    ...baseLayout(),
    showlegend: !drawn,
    xaxis: { title: { text: drawn ? names[0] : 't' } },
    yaxis: { title: { text: drawn ? names[1] : 'y' } },
  };
  const svg = svgOf({ data, layout }, { width: 720, height: 420 });
  await writeBytesAtomically(out, new TextEncoder().encode(svg));
}

function report({ t, y, steps, rejected, nfe, stiffSince }: ReturnType<typeof solve>, json: boolean): string {
  const facts = { t, y: [...y], steps, rejected, nfe, ...(stiffSince !== undefined && { stiffSince }) };
  if (json) return `${JSON.stringify(facts)}\n`;
  const suspicion =
    stiffSince === undefined
      ? ''
      : `The field seems to be stiff since t = ${stiffSince}: try --solver rodas5p.\n`;
  return (
    `y(${t}) = ${[...y].join(', ')}\n` +
    `${steps} steps, ${rejected} rejected, ${nfe} evaluations of the field\n${suspicion}`
  );
}

function number(text: string): number {
  const value = text.trim() === '' ? NaN : Number(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError('Expected a number.');
  return value;
}

function numbers(text: string): number[] {
  return text.split(',').map(number);
}

function parameter(text: string, before: Record<string, number> = {}): Record<string, number> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Expected a name and its value, such as mu=5.');
  return { ...before, [text.slice(0, at).trim()]: number(text.slice(at + 1)) };
}

function solver(text: string): string {
  if (!solverNames.includes(text)) throw unknownName('solver', text, solverNames);
  return text;
}
