import { readFile } from 'node:fs/promises';
import process from 'node:process';
import { BenchError, isBenchError, messageOf } from '../core/index.ts';
import { cacheLayout } from './cache.ts';
import { createEntryContext } from './entry-context.ts';
import { engines } from './index.ts';
import { identifyProcess } from './process-identity.ts';
import type { SupervisedEngine, SupervisorOrder } from './supervised.ts';
import { readSupervised, removeSupervised, writeSupervised } from './supervised.ts';
import { watchEngine } from './supervisor-loop.ts';

/**
 * A program of its own: `node supervisor-main.js ORDER.json`. Holds one engine until SIGTERM,
 * its end or its idle timeout; keeps the registry file that `bench engine list` reads.
 */
async function supervise(orderPath: string): Promise<void> {
  const order: SupervisorOrder = JSON.parse(await readFile(orderPath, 'utf8'));
  const stopAsked = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => stopAsked.abort(new BenchError('INTERRUPTED', 'Stopped.')));
  }
  let isAwaited = true;
  process.stdin.on('end', () => {
    if (isAwaited) stopAsked.abort(new BenchError('INTERRUPTED', 'Whoever asked for it is gone.'));
  });
  process.stdin.resume();
  const ctx = { ...createEntryContext(() => {}), signal: stopAsked.signal };
  const cache = cacheLayout(ctx);
  const engine = engines.get(order.installed.engine);
  const { options } = order;
  const starting: SupervisedEngine = {
    schema: 'inferencebench.supervised.v1',
    id: order.id,
    engine: engine.id,
    version: order.installed.version,
    model: options.modelName,
    modelPath: options.modelPath,
    url: `http://${options.host}:${options.port}/v1`,
    status: 'starting',
    pid: null,
    supervisor: identifyProcess(process.pid),
    slots: options.slots,
    readyMs: null,
    startedAtMs: ctx.clock.wallMs(),
    idleTimeoutMs: order.idleTimeoutMs,
    logPath: options.logPath,
    commandLine: [],
    bodyDefaults: {},
    error: null,
  };
  await writeSupervised(cache, starting);
  try {
    const running = await engine.start(ctx, order.installed, options);
    // Whoever waits for it leaves once it reads this.
    isAwaited = false;
    await writeSupervised(cache, {
      ...starting,
      status: 'ready',
      url: running.baseUrl,
      pid: running.pid,
      slots: running.slots,
      readyMs: running.readyMs,
      commandLine: running.commandLine,
      bodyDefaults: running.bodyDefaults,
    });
    const why = await watchEngine(ctx, running, order.idleTimeoutMs, stopAsked.signal);
    const receipt = await running.stop();
    process.stdout.write(`${why}: ${JSON.stringify(receipt)}\n`);
    // A successor of the same id may have written its own by now.
    const current = await readSupervised(cache, order.id);
    if (current?.supervisor.pid === process.pid) await removeSupervised(cache, order.id);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    const code = isBenchError(error) ? error.code : 'ENGINE_SUPERVISOR';
    const hint = isBenchError(error) ? (error.hint ?? null) : null;
    const failed = { code, message: messageOf(error), hint };
    if (stopAsked.signal.aborted) await removeSupervised(cache, order.id);
    else await writeSupervised(cache, { ...starting, status: 'failed', error: failed });
    process.exitCode = 1;
  }
}

await supervise(process.argv[2] ?? '');
// Handles of a stopped engine must not keep this process.
process.exit();
