import { freemem } from 'node:os';
import { type DoctorCheck, fail, ok, warn } from '../check.ts';
import type { EngineContext } from '../context.ts';
import type { InstalledEngine } from '../engine.ts';
import { commandFailure, runCommand } from '../run-command.ts';
import { importProbe } from './install.ts';
import { searchPath } from './locate.ts';

export async function checkMlx(
  ctx: EngineContext,
  installed: InstalledEngine | null,
): Promise<DoctorCheck[]> {
  if (installed === null) {
    const { rejected } = await searchPath(ctx);
    const seen = rejected.length > 0 ? rejected.join('; ') : 'no Python on PATH';
    const mlx = ctx.platform === 'darwin' ? 'mlx' : "'mlx[cpu]'";
    const hint = `Any Python from 3.11 with these will do: python3 -m pip install ${mlx} mlx-lm`;
    return [{ check: 'interpreters', ...warn(`Looked at: ${seen}.`, hint) }];
  }
  const tried = await runCommand(ctx, [installed.path, '-c', importProbe], {
    timeoutMs: 120_000,
    env: { HF_HUB_OFFLINE: '1', PYTHONDONTWRITEBYTECODE: '1' },
  });
  if (tried.code !== 0) {
    const hint = /libmlx|mlx\.core/.test(tried.stderr)
      ? "On Linux mlx needs a backend: pip install 'mlx[cpu]' (or mlx[cuda13]) into that Python."
      : 'Install what is missing into that Python, or leave --engine-path away.';
    return [{ check: 'imports', ...fail(`It does not load: ${commandFailure(tried)}`, hint) }];
  }
  const { device, architecture } = JSON.parse(tried.stdout.trim().split('\n').at(-1) ?? '{}');
  const gigabytes = (freemem() / 1e9).toFixed(1);
  const slow = /cpu/i.test(device)
    ? ' MLX is made for Apple GPUs: on a CPU it works, and is very slow.'
    : '';
  return [
    { check: 'imports', ...ok('mlx and mlx_lm.server load.') },
    {
      check: 'device',
      ...ok(
        `It computes on ${device} (${architecture}); ${gigabytes} GB of memory are free.${slow}`,
      ),
    },
  ];
}
