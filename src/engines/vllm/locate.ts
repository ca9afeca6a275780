import type { EngineContext } from '../context.ts';
import type { LocateOptions } from '../engine.ts';
import { locateProgram } from '../locate-program.ts';

export const engineId = 'vllm';

/** Looks at `--engine-path`, then PATH. `bench` does not install it. */
export const locateVllm = (ctx: EngineContext, options?: LocateOptions) =>
  locateProgram(
    ctx,
    {
      engine: engineId,
      program: 'vllm',
      package: 'vllm',
      orPython: false,
      hint: 'Give the `vllm` program, or the folder of the environment that holds it.',
    },
    options,
  );
