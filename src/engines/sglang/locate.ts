import type { EngineContext } from '../context.ts';
import type { LocateOptions } from '../engine.ts';
import { locateProgram, rejectedPrograms } from '../locate-program.ts';

export const engineId = 'sglang';

const search = {
  engine: engineId,
  program: 'sglang',
  package: 'sglang',
  orPython: true,
  hint: 'Give the `sglang` program, a Python that has the package, or the folder of the environment.',
};

/** Looks at `--engine-path`, then PATH: the program, else a Python that has the package. */
export const locateSglang = (ctx: EngineContext, options?: LocateOptions) =>
  locateProgram(ctx, search, options);

export const rejectedSglang = (ctx: EngineContext) => rejectedPrograms(ctx, search);
