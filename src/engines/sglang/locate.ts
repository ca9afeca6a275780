import type { EngineContext } from '../context.ts';
import type { LocateOptions } from '../engine.ts';
import { locateProgram } from '../locate-program.ts';

export const engineId = 'sglang';

/** Looks at `--engine-path`, then PATH: the program, else a Python that has the package. */
export const locateSglang = (ctx: EngineContext, options?: LocateOptions) =>
  locateProgram(
    ctx,
    {
      engine: engineId,
      program: 'sglang',
      package: 'sglang',
      orPython: true,
      hint: 'Give the `sglang` program, a Python that has the package, or the folder of the environment.',
    },
    options,
  );
