import { nodeModule } from './wasm/platform.ts';

/** What is used of a `require` of Node. */
interface Require {
  (name: string): unknown;
  resolve(name: string): string;
}

/**
 * Whether Node finds an optional package. Undefined where there is no Node, or this file has become part of a bundle
 * that cannot tell: there only an import shows it.
 */
export function isInstalled(name: string): boolean | undefined {
  const find = requireHere();
  if (find === undefined) return undefined;
  try {
    find.resolve(name);
    return true;
  } catch (error) {
    const { code } = error as { code?: unknown };
    // It is there, and can be imported only.
    if (code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return true;
    return code === 'MODULE_NOT_FOUND' ? false : undefined;
  }
}

/** Node's `require` as seen from here, which no bundler notices. */
export function requireHere(): Require | undefined {
  const module = nodeModule<{ createRequire(from: string): Require }>('node:module');
  try {
    return module?.createRequire(import.meta.url);
  } catch {
    return undefined;
  }
}
