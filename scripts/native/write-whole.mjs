import { renameSync, writeFileSync } from 'node:fs';

/**
 * Writes a file whole: another process that reads it meanwhile, such as a second build, sees all of the old one or all of
 * the new one.
 *
 * @param {string} path
 * @param {string} text
 */
export function writeWhole(path, text) {
  const made = `${path}-${process.pid}`;
  writeFileSync(made, text);
  renameSync(made, path);
}
