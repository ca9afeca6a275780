import { type DoctorCheck, ok } from '../check.ts';
import type { EngineContext } from '../context.ts';
import type { InstalledEngine } from '../engine.ts';
import { checkGpu } from '../gpu-check.ts';
import { isCpuBuild } from './command.ts';

/** Whether there is a device for the build that was found. */
export async function checkVllm(
  ctx: EngineContext,
  installed: InstalledEngine | null,
): Promise<DoctorCheck[]> {
  if (installed === null) return [];
  if (isCpuBuild(installed)) return [{ check: 'device', ...ok('This build computes on the CPU.') }];
  const hint = 'Install the driver, or take the CPU build, whose version ends in +cpu.';
  return [await checkGpu(ctx, { program: 'This build', hint, amd: true })];
}
