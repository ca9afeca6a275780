import type { EngineContext } from '../context.ts';
import type { LocateOptions } from '../engine.ts';
import { locateProgram, rejectedPrograms } from '../locate-program.ts';

export const engineId = 'trtllm';

const search = {
  engine: engineId,
  program: 'trtllm-serve',
  package: 'tensorrt_llm',
  orPython: false,
  hint: 'Give the `trtllm-serve` program, or the folder of the environment that holds it.',
};

/** Looks at `--engine-path`, then PATH. */
export const locateTrtllm = (ctx: EngineContext, options?: LocateOptions) =>
  locateProgram(ctx, search, options);

export const rejectedTrtllm = (ctx: EngineContext) => rejectedPrograms(ctx, search);
