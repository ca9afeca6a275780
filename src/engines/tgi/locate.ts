import type { EngineContext } from '../context.ts';
import type { LocateOptions } from '../engine.ts';
import { locateProgram, rejectedPrograms } from '../locate-program.ts';

export const engineId = 'tgi';

const search = {
  engine: engineId,
  program: 'text-generation-launcher',
  package: null,
  orPython: false,
  hint: 'Give the `text-generation-launcher` program, or the folder that holds it.',
};

/** Looks at `--engine-path`, then PATH. The launcher is written in Rust: it is asked itself. */
export const locateTgi = (ctx: EngineContext, options?: LocateOptions) =>
  locateProgram(ctx, search, options);

export const rejectedTgi = (ctx: EngineContext) => rejectedPrograms(ctx, search);
