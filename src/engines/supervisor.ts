import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { execPath } from 'node:process';
import { BenchError, didYouMean, nodeProgram, sleepMs } from '../core/index.ts';
import { cacheLayout, makeFolder } from './cache.ts';
import type { EngineContext } from './context.ts';
import { throwIfAborted } from './context.ts';
import type { InstalledEngine, StartOptions } from './engine.ts';
import { pickFreePort } from './free-port.ts';
import { readLogTail } from './log-tail.ts';
import { identifyProcess, isProcessAlive } from './process-identity.ts';
import { sendSignal } from './process-sweep.ts';
import type { SupervisedEngine, SupervisorOrder } from './supervised.ts';
import { listSupervised, readSupervised, removeSupervised, supervisedPaths } from './supervised.ts';

export interface SuperviseRequest {
  installed: InstalledEngine;
  options: Omit<StartOptions, 'logPath'>;
  idleTimeoutMs: number | null;
}

/**
 * Starts an engine that outlives this process, under a supervisor of its own, and waits until it
 * is ready. The supervisor ends it when it is asked to, or when it has been idle for too long;
 * the engine in turn dies with its supervisor.
 * @throws BenchError the engine's own start errors; `ENGINE_SUPERVISOR` when it did not come up.
 */
export async function startSupervised(
  ctx: EngineContext,
  request: SuperviseRequest,
): Promise<SupervisedEngine> {
  const cache = cacheLayout(ctx);
  await makeFolder(cache.run);
  const port = request.options.port || (await pickFreePort(request.options.host));
  const id = `${request.installed.engine}-${port}`;
  const paths = supervisedPaths(cache, id);
  const running = (await listSupervised(cache)).find((entry) => entry.id === id);
  if (running) {
    throw new BenchError('PREREQ_PORT', `Port ${port} is taken: "${id}" is running there.`, {
      hint: `Stop it with: bench engine stop ${id}`,
    });
  }
  const order: SupervisorOrder = {
    id,
    installed: request.installed,
    options: { ...request.options, port, logPath: paths.log },
    idleTimeoutMs: request.idleTimeoutMs,
  };
  await writeFile(paths.order, JSON.stringify(order, null, 2));

  const log = openSync(paths.supervisorLog, 'w');
  const child = spawn(execPath, [...nodeProgram('engines/supervisor-main'), paths.order], {
    detached: true,
    env: { ...ctx.env },
    // The pipe ends with this process: a supervisor whose starter dies before it is ready stops.
    stdio: ['pipe', log, log],
  });
  closeSync(log);
  child.on('error', () => {});
  child.stdin?.on('error', () => {});
  child.unref();
  const supervisor = identifyProcess(child.pid ?? -1);
  const deadlineUs = ctx.clock.nowUs() + (request.options.startupTimeoutMs + 15_000) * 1000;
  try {
    for (;;) {
      throwIfAborted(ctx);
      const state = await readSupervised(cache, id);
      if (state?.status === 'ready') return state;
      if (state?.status === 'failed') throw startError(state);
      if (!isProcessAlive(supervisor) || ctx.clock.nowUs() > deadlineUs) {
        const tail = (await readLogTail(paths.supervisorLog, 5)).join('\n');
        throw new BenchError('ENGINE_SUPERVISOR', `The supervisor of ${id} ended early.\n${tail}`);
      }
      await sleepMs(ctx.clock, 50, ctx.signal);
    }
  } catch (error) {
    sendSignal(supervisor.pid, 'SIGTERM');
    await removeSupervised(cache, id);
    // The error has said what it holds.
    await rm(paths.supervisorLog, { force: true });
    throw error;
  }
}

/**
 * Stops one by id or URL.
 * @throws BenchError `USAGE_UNKNOWN_RUNNING_ENGINE`, `ENGINE_SUPERVISOR` when it will not go.
 */
export async function stopSupervised(ctx: EngineContext, id: string): Promise<SupervisedEngine> {
  const cache = cacheLayout(ctx);
  const state = await requireSupervised(ctx, id);
  sendSignal(state.supervisor.pid, 'SIGTERM');
  const startUs = ctx.clock.nowUs();
  const limit = (ms: number) => ctx.clock.nowUs() - startUs > ms * 1000;
  while (isProcessAlive(state.supervisor)) {
    // The engine is tied to the supervisor's life: killing that one ends both.
    if (limit(15_000)) sendSignal(state.supervisor.pid, 'SIGKILL');
    if (limit(20_000)) throw new BenchError('ENGINE_SUPERVISOR', `${id} does not stop.`);
    await sleepMs(ctx.clock, 30, ctx.signal);
  }
  await removeSupervised(cache, state.id);
  return state;
}

/** The last lines of an engine's log; also of one that has ended. */
export async function readSupervisedLog(
  ctx: EngineContext,
  id: string,
  lines: number,
): Promise<string[]> {
  const path = supervisedPaths(cacheLayout(ctx), id).log;
  const tail = await readLogTail(path, lines);
  return tail.length > 0 ? tail : readLogTail((await requireSupervised(ctx, id)).logPath, lines);
}

async function requireSupervised(ctx: EngineContext, id: string): Promise<SupervisedEngine> {
  const running = await listSupervised(cacheLayout(ctx));
  const found = running.find((entry) => entry.id === id || entry.url === id);
  if (found) return found;
  const ids = running.map((entry) => entry.id);
  throw new BenchError(
    'USAGE_UNKNOWN_RUNNING_ENGINE',
    `No engine "${id}" is running.${didYouMean(id, ids)}`,
    { hint: ids.length > 0 ? `Running: ${ids.join(', ')}.` : 'None is running.' },
  );
}

function startError(state: SupervisedEngine): BenchError {
  const { code, message, hint } = state.error ?? {
    code: 'ENGINE_SUPERVISOR',
    message: 'unknown',
    hint: null,
  };
  return new BenchError(code, message, hint === null ? {} : { hint });
}
