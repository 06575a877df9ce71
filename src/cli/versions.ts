import { readFileSync } from 'node:fs';

/** The programs that a result depends on, by name. */
export function versions(): Record<string, string> {
  return {
    liouville: liouvilleVersion(),
    node: process.versions.node,
    platform: `${process.platform} ${process.arch}`,
  };
}

/** The version of this package. */
export function liouvilleVersion(): string {
  const manifest = new URL('../../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  return version;
}
