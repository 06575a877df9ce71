import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ComparisonData, ComparisonSettings, ModelRun } from '../compare/index.ts';
import { finite } from '../compare/index.ts';
import { writeBytesAtomically } from '../files/index.ts';
import { save } from '../train/index.ts';
import { versions } from './versions.ts';

/**
 * Writes what a model became: `config.json` (how it was made and trained, and how its coordinates follow from those
 * of the data), `model.safetensors` and `metrics.jsonl` (one line for each step, losses in nats of the data as given).
 */
export async function writeRunFolder(
  folder: string,
  { result, flow, history }: ModelRun,
  data: ComparisonData,
  settings: ComparisonSettings,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { mean, scale } = data.standardiser;
  const config = {
    model: result.name,
    configuration: flow?.configuration ?? null,
    data: { name: data.name, columns: data.columns },
    // A row x of the data is (x - mean) / scale for the model.
    standardisation: { mean: Array.from(mean), scale: Array.from(scale) },
    settings,
    result,
    versions: versions(),
  };
  await writeText(join(folder, 'config.json'), `${JSON.stringify(finite(config), null, 2)}\n`);
  await writeText(
    join(folder, 'metrics.jsonl'),
    history.map((entry) => `${JSON.stringify(finite(entry))}\n`).join(''),
  );
  if (flow !== null) await save(flow, join(folder, 'model.safetensors'));
}

/** Writes a text file as a whole or not at all. */
export async function writeText(path: string, text: string): Promise<void> {
  await writeBytesAtomically(path, new TextEncoder().encode(text));
}
