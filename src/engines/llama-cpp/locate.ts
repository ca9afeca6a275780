import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchError } from '../../core/index.ts';
import { cacheLayout, readManifest } from '../cache.ts';
import type { EngineContext } from '../context.ts';
import type { InstalledEngine, LocateOptions } from '../engine.ts';
import { findExecutables, isExecutable } from '../find-executable.ts';
import { commandFailure, runCommand } from '../run-command.ts';
import { release, serverWheel } from './pins.ts';

export const engineId = 'llama.cpp';
const serverName = 'llama-server';

/** Looks at `--engine-path`, then PATH, then the cache. */
export async function locateLlamaCpp(
  ctx: EngineContext,
  options: LocateOptions = {},
): Promise<InstalledEngine | null> {
  if (options.enginePath !== undefined) return atEnginePath(ctx, options.enginePath);
  for (const path of await findExecutables(ctx, serverName)) {
    const version = await probeServer(ctx, path);
    if (version.ok) return binary(path, version.text, 'path');
  }
  return (await locateRelease(ctx)) ?? locateWheel(ctx);
}

/** Servers on PATH that do not run here: `path: why`. */
export async function rejectedServers(ctx: EngineContext): Promise<string[]> {
  const rejected: string[] = [];
  for (const path of await findExecutables(ctx, serverName)) {
    const version = await probeServer(ctx, path);
    if (!version.ok) rejected.push(`${path}: --version failed: ${version.text}`);
  }
  return rejected;
}

export function releaseFolder(ctx: EngineContext): string {
  return join(cacheLayout(ctx).engines, engineId, `github-release-${release.tag}`);
}

export function wheelFolder(ctx: EngineContext): string {
  return join(cacheLayout(ctx).engines, engineId, `pypi-${serverWheel.version}`);
}

export async function locateRelease(ctx: EngineContext): Promise<InstalledEngine | null> {
  const folder = releaseFolder(ctx);
  const manifest = await readManifest(folder);
  if (!manifest) return null;
  return binary(join(folder, manifest.entry), manifest.version, manifest.source);
}

export async function locateWheel(ctx: EngineContext): Promise<InstalledEngine | null> {
  const folder = wheelFolder(ctx);
  const manifest = await readManifest(folder);
  if (!manifest) return null;
  const version = `${serverWheel.name} ${manifest.version}`;
  return { engine: engineId, version, source: manifest.source, path: folder, kind: 'wheel' };
}

async function atEnginePath(ctx: EngineContext, path: string): Promise<InstalledEngine> {
  const refuse = (reason: string): BenchError =>
    new BenchError('PREREQ_ENGINE_PATH', `--engine-path ${path}: ${reason}.`, {
      hint: `Give the path of ${serverName}, or of a folder that holds it.`,
    });
  const found = await stat(path).catch(() => null);
  if (!found) throw refuse('no such file or folder');
  const server = found.isDirectory() ? await findServer(path) : path;
  if (server === null) {
    const isWheel = await stat(join(path, 'xllamacpp', '__init__.py')).catch(() => null);
    if (!isWheel) throw refuse(`there is no ${serverName} in it`);
    return { engine: engineId, version: 'xllamacpp', source: 'engine-path', path, kind: 'wheel' };
  }
  const version = await probeServer(ctx, server);
  if (!version.ok) throw refuse(`"${server} --version" failed: ${version.text}`);
  return binary(server, version.text, 'engine-path');
}

/** The server executable in a folder, at most three levels down. */
export async function findServer(folder: string, depth = 3): Promise<string | null> {
  const direct = join(folder, serverName);
  if (await isExecutable(direct)) return direct;
  if (depth === 0) return null;
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const below = entry.isDirectory()
      ? await findServer(join(folder, entry.name), depth - 1)
      : null;
    if (below !== null) return below;
  }
  return null;
}

/** Runs it: an executable whose libraries are missing is none. */
export async function probeServer(
  ctx: EngineContext,
  path: string,
): Promise<{ ok: boolean; text: string }> {
  const result = await runCommand(ctx, [path, '--version'], { timeoutMs: 20_000 });
  if (result.code !== 0) return { ok: false, text: commandFailure(result) };
  const version = /version:\s*(\S+)/.exec(result.stdout + result.stderr)?.[1];
  return { ok: true, text: version === undefined ? 'unknown' : version.replace(/^(?=\d)/, 'b') };
}

function binary(path: string, version: string, source: string): InstalledEngine {
  return { engine: engineId, version, source, path, kind: 'binary' };
}
