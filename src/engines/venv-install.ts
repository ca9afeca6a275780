import { join, relative } from 'node:path';
import { cacheLayout, installAtomically } from './cache.ts';
import type { EngineContext } from './context.ts';
import { installEnvironment } from './pip-environment.ts';
import { requirePython } from './python.ts';

export interface VenvOrder {
  /** Folder in the cache that holds the environment and its manifest. */
  target: string;
  /** `name==version`. */
  requirements: readonly string[];
  what: string;
  /** Over the network; null when not known. */
  totalBytes: number | null;
  /** Major and minor version at least: `[3, 10]`. */
  python: readonly [number, number];
  /** Proves that it works here before it is taken; returns its version, or throws. */
  prove(python: string): Promise<string>;
}

/** Packages from PyPI in a virtual environment of their own in the cache: whole, or not there. */
export async function installVenv(ctx: EngineContext, order: VenvOrder): Promise<void> {
  const { target, requirements, what, totalBytes } = order;
  const python = await requirePython(ctx, order.python, { needsPip: true });
  await installAtomically(cacheLayout(ctx), target, async (folder) => {
    const made = await installEnvironment(ctx, python, {
      folder: join(folder, 'venv'),
      ...{ requirements, what, totalBytes },
    });
    return {
      schema: 'inferencebench.install.v1',
      source: 'pypi',
      from: made.packages.join(' '),
      version: await order.prove(made.python),
      sha256: made.sha256,
      bytes: made.bytes,
      verified: false,
      entry: relative(folder, made.python),
    };
  });
}
