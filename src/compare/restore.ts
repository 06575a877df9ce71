import { chooseEngine } from '../engine/index.ts';
import { namesIn, readBytes } from '../files/index.ts';
import { load } from '../models/index.ts';
import { readCheckpoint, runFiles } from '../train/index.ts';
import type { HistoryEntry } from '../train/index.ts';
import type { Surroundings, Trained } from './contestant.ts';

/**
 * A model that was trained to the end before; null where the folder holds none. Throws what reading a checkpoint and a
 * model throws.
 */
export async function restore(
  folder: string,
  { data, evaluate }: Pick<Surroundings, 'data' | 'evaluate'>,
): Promise<Trained | null> {
  if (!(await isBegun(folder))) return null;
  const { counters } = await readCheckpoint(folder);
  if (counters.ended === null) return null;
  const { bestValidation, seconds } = counters;
  return {
    flow: await load(`${folder}/${runFiles.model}`),
    history: await readHistory(`${folder}/${runFiles.metrics}`),
    engine: chooseEngine(evaluate.engine).name,
    seconds,
    bestValidation: bestValidation === null ? null : bestValidation - data.standardiser.logDet,
  };
}

/** Whether there is a checkpoint to go on from. */
export async function isBegun(folder: string): Promise<boolean> {
  return (await namesIn(folder)).includes(runFiles.checkpoint);
}

async function readHistory(path: string): Promise<HistoryEntry[]> {
  const text = new TextDecoder().decode(await readBytes(path));
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as HistoryEntry);
}
