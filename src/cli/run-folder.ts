import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ComparisonData, ComparisonSettings, ModelRun } from '../compare/index.ts';
import { finite } from '../compare/index.ts';
import { writeBytesAtomically } from '../files/index.ts';
import { save } from '../train/index.ts';
import { versions } from './versions.ts';

const files = { config: 'config.json', metrics: 'metrics.jsonl', model: 'model.safetensors' } as const;

/** The folder of a comparison's runs, within its own. */
export const RUNS = 'runs';

/** Where a model's run goes: `runs/MODEL`, and `runs/MODEL-seed-3` for the further seeds. */
export function runFolder(out: string, model: string, seed: number, first: number): string {
  return join(out, RUNS, seed === first ? model : `${model}-seed-${seed}`);
}

/**
 * Writes what a model became: `config.json` (how it was made and trained, and how its coordinates follow from those
 * of the data), `model.safetensors` and `metrics.jsonl` (one line for each step, losses in nats of the data as given).
 */
export async function writeRunFolder(
  folder: string,
  { result, flow, history, seed }: ModelRun,
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
    seed,
    result,
    versions: versions(),
  };
  await writeText(
    join(folder, files.metrics),
    history.map((entry) => `${JSON.stringify(finite(entry))}\n`).join(''),
  );
  if (flow !== null) await save(flow, join(folder, files.model));
  // Last, since it says that the others are whole.
  await writeText(join(folder, files.config), `${JSON.stringify(finite(config), null, 2)}\n`);
}

/** Writes a text file as a whole or not at all. */
export async function writeText(path: string, text: string): Promise<void> {
  await writeBytesAtomically(path, new TextEncoder().encode(text));
}
