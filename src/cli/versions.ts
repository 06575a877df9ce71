import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** The programs that a result depends on, by name, and the machine that its times belong to. */
export function versions(): Record<string, string> {
  return {
    liouville: liouvilleVersion(),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
    processor: processor(),
  };
}

/** How many cores of which kind. */
function processor(): string {
  const cores = cpus();
  return `${cores.length} x ${cores[0]?.model.trim() ?? 'unknown'}`;
}

/** The version of this package. */
export function liouvilleVersion(): string {
  const manifest = new URL('../../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return version;
}
