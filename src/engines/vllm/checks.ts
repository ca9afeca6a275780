import { type DoctorCheck, ok, warn } from '../check.ts';
import type { EngineContext } from '../context.ts';
import type { InstalledEngine } from '../engine.ts';
import { checkGpu } from '../gpu-check.ts';
import { isCpuBuild } from './command.ts';
import { compilerObstacle } from './compiler.ts';

/** Whether there is a device for the build that was found. */
export async function checkVllm(
  ctx: EngineContext,
  installed: InstalledEngine | null,
): Promise<DoctorCheck[]> {
  if (installed === null) return [];
  if (isCpuBuild(installed)) {
    const obstacle = await compilerObstacle(ctx, installed);
    const kernels =
      obstacle === null
        ? ok('torch can compile kernels for it.')
        : warn(
            `It is started with --enforce-eager: it cannot compile kernels, since ${obstacle}.`,
            'Install a C++ compiler and the headers of its Python (on Debian: g++ python3-dev).',
          );
    return [
      { check: 'device', ...ok('This build computes on the CPU.') },
      { check: 'kernels', ...kernels },
    ];
  }
  const hint =
    'Install the driver, or take the CPU build: bench engine install vllm, with no other vllm on PATH.';
  return [await checkGpu(ctx, { program: 'This build', hint, amd: true })];
}
