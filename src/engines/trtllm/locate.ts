import type { EngineContext } from '../context.ts';
import type { LocateOptions } from '../engine.ts';
import { locateProgram } from '../locate-program.ts';

export const engineId = 'trtllm';

/** Looks at `--engine-path`, then PATH. */
export const locateTrtllm = (ctx: EngineContext, options?: LocateOptions) =>
  locateProgram(
    ctx,
    {
      engine: engineId,
      program: 'trtllm-serve',
      package: 'tensorrt_llm',
      orPython: false,
      hint: 'Give the `trtllm-serve` program, or the folder of the environment that holds it.',
    },
    options,
  );
