import { stat } from 'node:fs/promises';
import { type DoctorCheck, fail, ok } from './check.ts';
import type { EngineContext } from './context.ts';
import { runCommand } from './run-command.ts';

/**
 * Whether there is a GPU for a program that cannot do without.
 * @param program as the message names it: `This build`
 * @param hint what to do where there is none
 */
export async function checkGpu(
  ctx: EngineContext,
  { program, hint, amd }: { program: string; hint: string; amd: boolean },
): Promise<DoctorCheck> {
  const listed = await runCommand(ctx, ['nvidia-smi', '-L'], { timeoutMs: 20_000 });
  const gpus = listed.stdout.split('\n').filter((line) => line.startsWith('GPU '));
  if (listed.code === 0 && gpus.length > 0) {
    const names = gpus.map((line) => line.replace(/ \(UUID.*$/, '')).join(', ');
    return { check: 'device', ...ok(`nvidia-smi lists ${names}.`) };
  }
  if (amd && (await stat('/dev/kfd').catch(() => null)) !== null) {
    return { check: 'device', ...ok('There is an AMD GPU (/dev/kfd).') };
  }
  const why = listed.problem ?? 'it lists none';
  const message = `${program} needs a GPU, and nvidia-smi names none (${why}).`;
  return { check: 'device', ...fail(message, hint) };
}
