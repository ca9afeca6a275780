import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CacheLayout } from './cache.ts';
import { makeFolder } from './cache.ts';
import type { InstalledEngine, StartOptions } from './engine.ts';
import type { ProcessIdentity } from './process-identity.ts';
import { isProcessAlive } from './process-identity.ts';

/** What the supervisor is asked to do; a file, since it outlives whoever asks. */
export interface SupervisorOrder {
  id: string;
  installed: InstalledEngine;
  options: StartOptions;
  /** Stop after so long without a request; null = never. */
  idleTimeoutMs: number | null;
}

/** `run/<id>.json`: one engine that `engine start` left running. */
export interface SupervisedEngine {
  schema: 'inferencebench.supervised.v1';
  id: string;
  engine: string;
  version: string;
  model: string;
  modelPath: string;
  /** `http://host:port/v1`. */
  url: string;
  status: 'starting' | 'ready' | 'failed';
  /** Of the engine; null while it starts. */
  pid: number | null;
  supervisor: ProcessIdentity;
  slots: number;
  readyMs: number | null;
  /** Wall clock, milliseconds since the epoch. */
  startedAtMs: number;
  idleTimeoutMs: number | null;
  logPath: string;
  commandLine: readonly string[];
  bodyDefaults: Readonly<Record<string, unknown>>;
  error: { code: string; message: string; hint: string | null } | null;
}

export function supervisedPaths(cache: CacheLayout, id: string) {
  return {
    order: join(cache.run, `${id}.order.json`),
    state: join(cache.run, `${id}.json`),
    log: join(cache.run, `${id}.log`),
    supervisorLog: join(cache.run, `${id}.supervisor.log`),
  };
}

/** Readers see the old state or the new one, never half of it. */
export async function writeSupervised(cache: CacheLayout, state: SupervisedEngine): Promise<void> {
  await makeFolder(cache.run);
  const path = supervisedPaths(cache, state.id).state;
  await writeFile(`${path}.new`, `${JSON.stringify(state, null, 2)}\n`);
  await rename(`${path}.new`, path);
}

export async function readSupervised(
  cache: CacheLayout,
  id: string,
): Promise<SupervisedEngine | null> {
  try {
    const state = JSON.parse(await readFile(supervisedPaths(cache, id).state, 'utf8'));
    return state.schema === 'inferencebench.supervised.v1' ? state : null;
  } catch {
    return null;
  }
}

/** Forgets an engine; its logs stay for `engine logs`. */
export async function removeSupervised(cache: CacheLayout, id: string): Promise<void> {
  const paths = supervisedPaths(cache, id);
  await rm(paths.state, { force: true });
  await rm(paths.order, { force: true });
}

/** Those whose supervisor is alive; the files of dead ones are cleared away. */
export async function listSupervised(cache: CacheLayout): Promise<SupervisedEngine[]> {
  const names = await readdir(cache.run).catch(() => []);
  const running: SupervisedEngine[] = [];
  for (const name of names.toSorted((a, b) => a.localeCompare(b))) {
    const id = /^(.+)(?<!\.order)\.json$/.exec(name)?.[1];
    const state = id === undefined ? null : await readSupervised(cache, id);
    if (!state) continue;
    if (isProcessAlive(state.supervisor)) running.push(state);
    else await removeSupervised(cache, state.id);
  }
  return running;
}

/** Engine whose log was written last, also of one that has been stopped; null without any. */
export async function newestLog(cache: CacheLayout): Promise<string | null> {
  let newest: { id: string; atMs: number } | null = null;
  for (const name of await readdir(cache.run).catch(() => [])) {
    const id = /^(.+)(?<!\.supervisor)\.log$/.exec(name)?.[1];
    if (id === undefined) continue;
    const { mtimeMs } = await stat(supervisedPaths(cache, id).log);
    if (newest === null || mtimeMs > newest.atMs) newest = { id, atMs: mtimeMs };
  }
  return newest?.id ?? null;
}
