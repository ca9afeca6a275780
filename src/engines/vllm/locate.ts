import { open } from 'node:fs/promises';
import { atEnginePath } from '../at-engine-path.ts';
import type { EngineContext } from '../context.ts';
import type { InstalledEngine, LocateOptions } from '../engine.ts';
import { findExecutables } from '../find-executable.ts';
import { commandFailure, runCommand } from '../run-command.ts';

export const engineId = 'vllm';

/** Looks at `--engine-path`, then PATH. `bench` does not install it. */
export async function locateVllm(
  ctx: EngineContext,
  options: LocateOptions = {},
): Promise<InstalledEngine | null> {
  if (options.enginePath !== undefined) {
    return atEnginePath(options.enginePath, {
      inside: ['bin/vllm', 'vllm'],
      what: 'vllm',
      hint: 'Give the `vllm` program, or the folder of the environment that holds it.',
      async look(path) {
        const version = await probeVersion(ctx, path);
        return version.ok ? installed(path, version.text, 'engine-path') : version.text;
      },
    });
  }
  for (const path of await findExecutables(ctx, 'vllm')) {
    const version = await probeVersion(ctx, path);
    if (version.ok) return installed(path, version.text, 'path');
  }
  return null;
}

const metadata = "from importlib import metadata; print(metadata.version('vllm'))";

/**
 * The version that the environment's packages name: `vllm --version` imports torch, which takes
 * many seconds, and on a machine without a device it may not come to the answer at all.
 */
async function probeVersion(
  ctx: EngineContext,
  path: string,
): Promise<{ ok: boolean; text: string }> {
  const python = await interpreterOf(path);
  if (python !== null) {
    const asked = await runCommand(ctx, [python, '-c', metadata], { timeoutMs: 20_000 });
    if (asked.code === 0 && asked.stdout.trim() !== '') {
      return { ok: true, text: asked.stdout.trim() };
    }
  }
  const result = await runCommand(ctx, [path, '--version'], { timeoutMs: 120_000 });
  if (result.code !== 0) return { ok: false, text: commandFailure(result) };
  const version = /\d+\.\d+\S*/.exec(result.stdout + result.stderr)?.[0];
  return version === undefined
    ? { ok: false, text: `"${path} --version" names no version` }
    : { ok: true, text: version };
}

/** What `#!` names, when that is a Python. */
async function interpreterOf(path: string): Promise<string | null> {
  const file = await open(path).catch(() => null);
  if (file === null) return null;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(512), 0, 512, 0);
    const first = buffer.subarray(0, bytesRead).toString('latin1').split('\n')[0] ?? '';
    return /^#!\s*(\S*python[\d.]*)\s*$/.exec(first)?.[1] ?? null;
  } finally {
    await file.close();
  }
}

function installed(path: string, version: string, source: string): InstalledEngine {
  return { engine: engineId, version, source, path, kind: 'binary' };
}
