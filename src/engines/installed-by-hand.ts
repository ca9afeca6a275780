import { BenchError } from '../core/index.ts';
import type { EngineContext } from './context.ts';
import type { Engine, InstalledEngine } from './engine.ts';

export interface HandInstall {
  title: string;
  /** Where it is to be had: `PyPI`, `a container image`. */
  from: string;
  /** The command, in words: `python3 -m pip install sglang, in an environment of its own`. */
  how: string;
  /** What to put on PATH or give as `--engine-path` afterwards. */
  program: string;
  locate(ctx: EngineContext): Promise<InstalledEngine | null>;
  /** `path: why` of what is there and not taken. */
  rejected(ctx: EngineContext): Promise<string[]>;
}

/** `sources` and `install` of an engine that the user has to install: GBs, chosen by GPU and driver. */
export function installedByHand(order: HandInstall): Pick<Engine, 'sources' | 'install'> {
  const { title, from, how, program } = order;
  const unavailable = `bench does not install it: ${how}`;
  return {
    sources: () => Promise.resolve([{ what: title, from, bytes: null, unavailable }]),
    async install(ctx) {
      const found = await order.locate(ctx);
      if (found) return found;
      const rejected = await order.rejected(ctx);
      const state = rejected.length === 0 ? 'not on PATH' : `not usable (${rejected.join('; ')})`;
      throw new BenchError('PREREQ_ENGINE', `${title} is ${state}, and ${unavailable}.`, {
        hint: `Then put ${program} on PATH, or give --engine-path.`,
      });
    },
  };
}
