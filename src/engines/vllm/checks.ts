import { stat } from 'node:fs/promises';
import { type DoctorCheck, fail, ok } from '../check.ts';
import type { EngineContext } from '../context.ts';
import type { InstalledEngine } from '../engine.ts';
import { runCommand } from '../run-command.ts';
import { isCpuBuild } from './command.ts';

/** Whether there is a device for the build that was found. */
export async function checkVllm(
  ctx: EngineContext,
  installed: InstalledEngine | null,
): Promise<DoctorCheck[]> {
  if (installed === null) return [];
  if (isCpuBuild(installed)) return [{ check: 'device', ...ok('This build computes on the CPU.') }];
  const listed = await runCommand(ctx, ['nvidia-smi', '-L'], { timeoutMs: 20_000 });
  const gpus = listed.stdout.split('\n').filter((line) => line.startsWith('GPU '));
  if (listed.code === 0 && gpus.length > 0) {
    const names = gpus.map((line) => line.replace(/ \(UUID.*$/, '')).join(', ');
    return [{ check: 'device', ...ok(`nvidia-smi lists ${names}.`) }];
  }
  if ((await stat('/dev/kfd').catch(() => null)) !== null) {
    return [{ check: 'device', ...ok('There is an AMD GPU (/dev/kfd).') }];
  }
  const why = listed.problem ?? 'it lists none';
  return [
    {
      check: 'device',
      ...fail(
        `This build needs a GPU, and nvidia-smi names none (${why}).`,
        'Install the driver, or take the CPU build, whose version ends in +cpu.',
      ),
    },
  ];
}
