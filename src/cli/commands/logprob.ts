import { Option } from 'commander';
import type { Command } from 'commander';
import { checkTable } from '../../data/check.ts';
import { selectColumns, toyNames } from '../../data/index.ts';
import { LiouvilleError } from '../../errors.ts';
import { readTable, writeColumn } from '../../files/index.ts';
import type { Table } from '../../files/index.ts';
import * as argument from '../arguments.ts';
import { checkFile, tellNotes } from '../dataset.ts';
import { addEvaluationOptions, evaluationOf, surroundingsOf } from '../evaluation.ts';
import type { EvaluationFlags } from '../evaluation.ts';
import { exit } from '../io.ts';
import type { Io } from '../io.ts';
import { anomalyText, readLabels, reportAnomalies, takeLabels } from '../labels.ts';
import type { LabelFlags } from '../labels.ts';
import { checkOutputFile, refuseInput } from '../output-file.ts';
import { openRun, standardised } from '../run.ts';

interface Flags extends EvaluationFlags, LabelFlags {
  run: string;
  data: string;
  key?: string;
  out: string;
  json?: boolean;
}

const examples = `
Examples:
  liouville logprob --run runs/measured --data new.csv --out scores.csv
  liouville logprob --run runs/measured --data new.npz --key x --tolerance 1e-7 --precision float64 --out scores.npy
  liouville logprob --run runs/measured --data mixed.csv --label-column anomaly --out scores.csv

Natural logarithms of the density of the data as given, one for each row. A row whose computation failed is NaN.
With labels, 1 for an anomaly and 0 for a normal row, low densities are taken as signs of anomalies, and the area under the
ROC curve is printed with its standard error.`;

/** `liouville logprob`: the log-density of rows under a trained model. */
export function addLogProb(program: Command, io: Io, end: (status: number) => void): void {
  const command = program
    .command('logprob')
    .description('The log-likelihood of each row of a file under a trained model, in nats.')
    .requiredOption('--run <folder>', 'a run of train, or of compare', argument.path)
    .requiredOption('--data <file>', 'rows with the columns that the model was trained on')
    .option('--key <name>', 'which array of a file that holds several')
    .requiredOption('--out <file>', 'an .npy or .csv file')
    .addOption(
      new Option('--label-column <name>', 'column of the data that is 1 for anomalies, else 0').conflicts(
        'labels',
      ),
    )
    .option('--labels <file>', 'the same in a file of its own')
    .option('--labels-key <name>', 'which array of that file, where it holds several')
    .option('--json', 'print one JSON document');
  addEvaluationOptions(command)
    .addHelpText('after', examples)
    .action(async (flags: Flags) => {
      await runLogProb(flags, io);
      end(exit.ok);
    });
}

async function runLogProb(flags: Flags, io: Io): Promise<void> {
  await checkOutputFile('--out', flags.out);
  await refuseInput('--out', flags.out, flags.data);
  const { flow, columns, standardisation, logDet } = await openRun(flags.run);
  const { table, labels } = await rowsOf(flags, columns, io);
  const options = { ...evaluationOf(flags), ...surroundingsOf(io), onFailure: 'report' } as const;
  const logProb = await flow.logProb(standardised(table.matrix, standardisation), options);
  const data = logProb.map((value) => value + logDet);
  const anomalies = labels === null ? null : reportAnomalies(labels, data);
  await writeColumn(flags.out, data, 'logProb');
  const failed = data.reduce((sum, value) => sum + (Number.isNaN(value) ? 1 : 0), 0);
  if (failed > 0) {
    const rows = `${failed} of ${data.length} ${data.length === 1 ? 'row' : 'rows'}`;
    io.stderr.write(`liouville: ${rows} could not be computed and are NaN; --precision float64 may help.\n`);
  }
  if (flags.json === true) {
    const sound = data.filter((value) => !Number.isNaN(value));
    const report = {
      schema: 1,
      rows: data.length,
      failed,
      meanLogProb: sound.length === 0 ? null : sound.reduce((sum, value) => sum + value, 0) / sound.length,
      anomalies: anomalies && { method: 'DeLong', ...anomalies },
    };
    io.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  } else if (anomalies !== null) {
    io.stdout.write(`${anomalyText(anomalies)}\n`);
  }
}

/** The columns of the file that the model was trained on, and which rows are anomalies, where that is said. */
async function rowsOf(
  { data, key, ...flags }: Flags,
  columns: readonly string[],
  io: Io,
): Promise<{ table: Table; labels: number[] | null }> {
  checkFile('--data', data, (path) => {
    const hint = toyNames.includes(path) ? ' Toys have no file; liouville compare measures with them.' : '';
    return new LiouvilleError('invalid-argument', `--data: there is no file '${path}'.${hint}`);
  });
  const { notes, ...all } = await readTable(data, key === undefined ? {} : { key });
  const { rest, labels } = takeLabels(flags, all);
  const table = selectColumns(rest, columns, '--data');
  checkTable(table);
  tellNotes({ notes }, io);
  return { table, labels: labels ?? (await readLabels(flags, table.matrix.rows)) };
}
