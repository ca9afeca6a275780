import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import { BenchError, entryPoint, messageOf, runsFromSource } from '../core/index.ts';
import type { FromWorker, ToWorker, WorkerSettings } from './messages.ts';
import { fromWireError } from './wire-error.ts';

/** The main thread's end of an I/O thread. */
export interface WorkerThread {
  readonly name: string;
  readonly transport: string;
  post(message: ToWorker, transfer?: ArrayBuffer[]): void;
  /** Hears all further messages; the previous listener no longer does. */
  listen(onMessage: (message: FromWorker) => void): void;
  /** Rejects when the thread fails or dies; never resolves. */
  readonly broken: Promise<never>;
  /** Hangs up and ends the thread; may be called again. */
  close(): Promise<void>;
  /** Ends the thread at once, as a crash would. */
  kill(): Promise<void>;
}

const closeTimeoutMs = 2000;

/**
 * Starts an I/O thread and waits until it can take load.
 * @throws BenchError what its sender threw (`USAGE_ENDPOINT`), `CLIENT_THREAD_DIED`
 */
export async function startWorkerThread(settings: WorkerSettings): Promise<WorkerThread> {
  const worker = new Worker(entryUrl(), {
    name: settings.name,
    workerData: settings,
    // Loaders of the process (tsx, vitest) are not for this thread, inspectors neither.
    execArgv: [],
  });
  let listener: ((message: FromWorker) => void) | null = null;
  let closing = false;
  let transport = '';
  let hearClosed = () => {};
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  const { promise: broken, reject: breakWith } = rejectable();
  const ready = new Promise<void>((resolve) => {
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'failed') breakWith(fromWireError(message.error));
      else if (message.kind === 'ready') {
        transport = message.transport;
        resolve();
      } else if (message.kind === 'closed') hearClosed();
      else listener?.(message);
    });
  });
  worker.once('error', (error) => breakWith(threadDied(settings.name, messageOf(error), error)));
  worker.once('exit', (code) => {
    if (!closing) breakWith(threadDied(settings.name, `it ended with code ${code}`));
  });
  const terminate = async () => {
    closing = true;
    await worker.terminate();
  };
  try {
    await Promise.race([ready, broken]);
  } catch (error) {
    await terminate();
    throw error;
  }

  return {
    name: settings.name,
    transport,
    post: (message, transfer = []) => worker.postMessage(message, transfer),
    listen(onMessage) {
      listener = onMessage;
    },
    broken,
    async close() {
      if (closing) return ended;
      closing = true;
      const closed = new Promise<void>((resolve) => {
        hearClosed = resolve;
      });
      worker.postMessage({ kind: 'close' } satisfies ToWorker);
      const timer = setTimeout(hearClosed, closeTimeoutMs);
      await Promise.race([closed, ended]);
      clearTimeout(timer);
      await terminate();
    },
    async kill() {
      await worker.terminate();
    },
  };
}

function threadDied(name: string, why: string, cause?: unknown): BenchError {
  return new BenchError('CLIENT_THREAD_DIED', `I/O thread ${name} of the client died: ${why}.`, {
    hint: 'What was measured before is saved. Out of memory? Lower the rate or the output length; else report it.',
    cause,
  });
}

function rejectable(): { promise: Promise<never>; reject(error: Error): void } {
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<never>((_, no) => {
    reject = no;
  });
  // Whoever waits hears of it; until somebody waits it is not unhandled.
  promise.catch(() => undefined);
  return { promise, reject };
}

/** The published package is plain JavaScript; a checkout runs TypeScript through tsx. */
function entryUrl(): URL {
  const entry = entryPoint('loadgen/load-worker');
  if (!runsFromSource) return entry;
  // Node 20 applies `--import tsx` to the first thread only: the loader is registered from within.
  const tsx = `file://${createRequire(import.meta.url)
    .resolve('tsx/esm/api')
    .replace(/\.cjs$/, '.mjs')}`;
  const script = `import { register } from ${JSON.stringify(tsx)}; register(); await import(${JSON.stringify(entry.href)});`;
  return new URL(`data:text/javascript,${encodeURIComponent(script)}`);
}
