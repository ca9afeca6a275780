import { stat } from 'node:fs/promises';
import { type DoctorCheck, fail, ok } from './check.ts';
import type { EngineContext } from './context.ts';
import { listNvidiaGpus } from './nvidia-gpus.ts';

/**
 * Whether there is a GPU for a program that cannot do without.
 * @param program as the message names it: `This build`
 * @param hint what to do where there is none
 */
export async function checkGpu(
  ctx: EngineContext,
  { program, hint, amd }: { program: string; hint: string; amd: boolean },
): Promise<DoctorCheck> {
  const { gpus, problem } = await listNvidiaGpus(ctx);
  if (gpus.length > 0) {
    return { check: 'device', ...ok(`nvidia-smi lists ${gpus.join(', ')}.`) };
  }
  if (amd && (await stat('/dev/kfd').catch(() => null)) !== null) {
    return { check: 'device', ...ok('There is an AMD GPU (/dev/kfd).') };
  }
  const why = problem?.includes('ENOENT') === true ? 'it is not on PATH' : problem;
  const message = `${program} needs a GPU, and nvidia-smi names none (${why}).`;
  return { check: 'device', ...fail(message, hint) };
}
