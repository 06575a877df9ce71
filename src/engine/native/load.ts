import type * as fs from 'node:fs';
import { addonVersion } from './addon.ts';
import type { Addon, AddonInfo } from './addon.ts';

/** Why there is no native engine, and what would help. */
export interface Missing {
  readonly reason: string;
  readonly remedy: string;
}

export interface Loaded {
  readonly addon: Addon;
  readonly info: AddonInfo;
  /** The file that was loaded. */
  readonly path: string;
}

const rebuild = 'Run `npm rebuild liouville` (in a checkout: `npm run build:native`) and read what it says.';

let known: Loaded | Missing | undefined;

/**
 * Loads the addon, once: build/liouville.node, which is made when the package is installed, else the one that
 * comes with the package for this platform.
 *
 * Everything of Node is reached through `process`, so that a bundler for browsers finds nothing to complain of,
 * and a browser a reason.
 */
export function loadAddon(): Loaded | Missing {
  known ??= load();
  return known;
}

function load(): Loaded | Missing {
  const host = (globalThis as { process?: Partial<NodeJS.Process> }).process;
  if (host?.dlopen === undefined || !import.meta.url.startsWith('file:')) {
    return {
      reason: 'The native engine needs Node.js, with the package lying in a folder of its own.',
      remedy: "Use the engine 'wasm' or 'reference' here.",
    };
  }
  const root = new URL('../../../', import.meta.url);
  const files = host.getBuiltinModule?.('node:fs');
  const causes: string[] = [];
  for (const place of ['build/', `prebuilds/${host.platform}-${host.arch}/`]) {
    const path = decodeURIComponent(new URL(`${place}liouville.node`, root).pathname);
    if (files !== undefined && !files.existsSync(path)) continue;
    const loaded = open(path, (target) => host.dlopen!(target, path));
    if (typeof loaded !== 'string') return loaded;
    causes.push(loaded);
  }
  if (causes.length > 0) return { reason: `It could not be loaded (${causes.join('; ')}).`, remedy: rebuild };
  return whyNotBuilt(files, new URL('build/native.json', root));
}

/** The addon, or why it will not do. */
function open(path: string, fill: (target: { exports: object }) => void): Loaded | string {
  const target = { exports: {} };
  try {
    fill(target);
  } catch (error) {
    return (error as Error).message;
  }
  const addon = target.exports as Addon;
  const info = addon.info();
  if (info.version === addonVersion) return { addon, info, path };
  return `${path} was built from other sources: it has version ${info.version} of the interface, not ${addonVersion}`;
}

/** What the build script has noted. */
function whyNotBuilt(files: Pick<typeof fs, 'readFileSync'> | undefined, note: URL): Missing {
  try {
    const { reason, remedy } = JSON.parse(files?.readFileSync(note, 'utf8') ?? '{}') as Partial<Missing>;
    if (reason !== undefined && remedy !== undefined) return { reason, remedy };
  } catch {
    // There is no such note.
  }
  return { reason: 'It has not been built.', remedy: rebuild };
}
