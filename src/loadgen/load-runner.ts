import { buildBody, type ClientTarget, type Transport } from '../client/index.ts';
import type { Clock } from '../core/index.ts';
import type { LoadOptions } from '../driver/index.ts';
import { calibrateThread, lowerHelperThreads } from '../host/index.ts';
import type { LevelRun, LoadFigures, RequestRecord } from '../model/index.ts';
import { openRecordPage, viewsOf } from '../records/index.ts';
import { createLevelFigures } from './level-figures.ts';
import type { FromWorker } from './messages.ts';
import { unpackDetails } from './pack-details.ts';
import { createPlanFeed, type PlanFeed } from './plan-feed.ts';
import { joinRuns, neverStarted, splitLevel, threadsFor } from './split-level.ts';
import { startWorkerThread, type WorkerThread } from './worker-thread.ts';

export interface LoadRunnerOptions {
  target: ClientTarget;
  /** Default `auto`: the sender with the least cost that the target allows. */
  transport?: Transport;
  /**
   * This thread's monotonic clock, the run's: its zero must be that of `performance.now()`
   * (`createMonotonicClock`). Every stamp of every thread is on it.
   */
  clock: Clock;
  /** I/O threads; more than one pays only where cores are free. Default 1. */
  ioThreads?: number;
  /** Most bytes of bodies made ahead of their sends; default 256 MiB. */
  lookAheadBytes?: number;
}

/** One level, and what the client measured of itself meanwhile. */
export interface LoadedRun extends LevelRun {
  client: LoadFigures;
}

/** Runs levels in I/O threads of their own, so that nothing done in this thread moves a stamp. */
export interface LoadRunner {
  readonly transport: string;
  /**
   * The contract of driver's `runLevel`: never rejects for anything that the server does, ends as
   * `partial` when aborted. `onSend` and `onRecord` are called in batches, some every 200 ms.
   * Records are views of pages (`src/records/`), whose fields are getters.
   * @throws BenchError `CLIENT_THREAD_DIED`; records so far have gone to `onRecord`
   */
  runLevel(options: LoadOptions): Promise<LoadedRun>;
  /** Opens so many connections, shared out over the threads. */
  prepare(inFlight: number): Promise<void>;
  close(): Promise<void>;
  /** Of the levels so far, in order. */
  figures(): readonly LoadFigures[];
  /** For tests of what happens then: ends the I/O threads as a crash would. */
  kill(): Promise<void>;
}

/** Time for the start signal to reach all threads, where several have to start together. */
const startLeadUs = 10_000;

/** Starts the I/O threads. @throws BenchError `USAGE_ENDPOINT`, `CLIENT_THREAD_DIED` */
export async function createLoadRunner(options: LoadRunnerOptions): Promise<LoadRunner> {
  const { target, clock, transport = 'auto', ioThreads = 1 } = options;
  const lookAheadBytes = options.lookAheadBytes ?? 256 * 1024 * 1024;
  const helpersLowered = lowerHelperThreads();
  const origin = calibrateThread();
  const starting = Array.from({ length: Math.max(1, ioThreads) }, (_, i) =>
    startWorkerThread({ name: `io-${i}`, target, transport, originHrNs: origin.hrNs }),
  );
  const threads = await allOrNone(starting);
  const broken = Promise.race(threads.map((thread) => thread.broken));
  broken.catch(() => undefined);
  const allFigures: LoadFigures[] = [];
  let prepares = 0;
  let busy = false;

  async function runLevel(load: LoadOptions): Promise<LoadedRun> {
    if (busy) throw new Error('one level at a time');
    busy = true;
    const used = threads.slice(0, threadsFor(load, threads.length));
    const figures = createLevelFigures({ target, helpersLowered, originErrorUs: origin.errorUs });
    const records: RequestRecord[] = [];
    const inFlight = used.map(() => 0);
    const levels = splitLevel(load, used.length);
    const feeds = used.map((thread, i) =>
      openFeed(load, thread, levels[i]?.countedRequests ?? 0, i),
    );
    let held = 0;

    const take = (i: number, progress: Extract<FromWorker, { kind: 'progress' }>['progress']) => {
      inFlight[i] = progress.inFlight;
      const now = inFlight.reduce((sum, n) => sum + n, 0);
      for (let n = 0; n < progress.sent; n++) load.onSend?.(now);
      if (progress.page !== null) {
        const views = viewsOf(openRecordPage(progress.page));
        for (const packed of progress.details) {
          const view = views[packed.row];
          if (view) unpackDetails(view, packed);
        }
        figures.addChunks(progress.chunks.all, progress.chunks.coalesced);
        for (const view of views) {
          records.push(view);
          load.onRecord?.(view, now);
        }
      }
      feeds[i]?.consumed(progress.next);
    };
    const stopAll = (reason: string) => {
      for (const thread of used) thread.post({ kind: 'stop', reason });
    };
    const ended = used.map(
      (thread, i) =>
        new Promise<Omit<LevelRun, 'records'>>((resolve) => {
          thread.listen((message) => {
            if (message.kind === 'progress') take(i, message.progress);
            else if (message.kind === 'counted-ended') {
              held += 1;
              if (held === used.length) for (const own of used) own.post({ kind: 'release' });
            } else if (message.kind === 'ended') {
              figures.addThread(message.figures);
              // Evidence that one thread saw ends the level for all of them.
              if (message.run.findings.length > 0) stopAll('the level is over');
              resolve(message.run);
            }
          });
        }),
    );
    const onAbort = () => {
      for (const feed of feeds) feed.stop();
      stopAll('interrupted');
    };
    load.signal.addEventListener('abort', onAbort, { once: true });
    try {
      used.forEach((thread, i) => {
        const level = levels[i];
        if (level) thread.post({ kind: 'level', level });
      });
      if (load.signal.aborted) onAbort();
      await Promise.race([Promise.all(feeds.map((feed) => feed.prime())), broken]);
      if (load.signal.aborted) {
        const client = figures.finish(
          used[0]?.transport ?? '',
          feeds.map((feed) => feed.figures()),
        );
        return { ...neverStarted(load, clock.nowUs()), client };
      }
      const startUs = used.length > 1 ? clock.nowUs() + startLeadUs : null;
      for (const thread of used) thread.post({ kind: 'start', startUs });
      const runs = await Promise.race([Promise.all(ended), broken]);
      const client = figures.finish(
        used[0]?.transport ?? '',
        feeds.map((feed) => feed.figures()),
      );
      allFigures.push(client);
      const run = joinRuns(load, runs, records);
      return { ...run, findings: [...run.findings, ...figures.findings(client)], client };
    } finally {
      busy = false;
      figures.stop();
      for (const feed of feeds) feed.stop();
      load.signal.removeEventListener('abort', onAbort);
    }
  }

  function openFeed(load: LoadOptions, thread: WorkerThread, counted: number, i: number): PlanFeed {
    const stride = threadsFor(load, threads.length);
    return createPlanFeed({
      plan: load.plan,
      offset: i,
      stride,
      counted,
      tail: load.tail,
      clock,
      budgetBytes: lookAheadBytes / stride,
      takesMessages: target.api === 'chat',
      makeBody: (request, prompt) => JSON.stringify(buildBody(target, request, prompt)),
      onRows: (rows) =>
        thread.post({ kind: 'rows', rows }, [
          rows.intendedUs.buffer,
          rows.inputTokens.buffer,
          rows.outputTokens.buffer,
        ]),
      onBodies: (bodies) =>
        thread.post({ kind: 'bodies', bodies }, [bodies.bytes.buffer, bodies.ends.buffer]),
    });
  }

  return {
    transport: threads[0]?.transport ?? '',
    runLevel,
    async prepare(inFlight) {
      const id = ++prepares;
      const prepared = threads.map(
        (thread, i) =>
          new Promise<void>((resolve) => {
            thread.listen((message) => {
              if (message.kind === 'prepared' && message.id === id) resolve();
            });
            const share = Math.max(0, Math.ceil((inFlight - i) / threads.length));
            thread.post({ kind: 'prepare', id, inFlight: share });
          }),
      );
      await Promise.race([Promise.all(prepared), broken]);
    },
    async close() {
      await Promise.all(threads.map((thread) => thread.close()));
    },
    figures: () => allFigures,
    async kill() {
      await Promise.all(threads.map((thread) => thread.kill()));
    },
  };
}

/** Threads that came up while another failed must not live on. */
async function allOrNone(starting: readonly Promise<WorkerThread>[]): Promise<WorkerThread[]> {
  const settled = await Promise.allSettled(starting);
  const threads = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = settled.find((one) => one.status === 'rejected');
  if (!failed) return threads;
  await Promise.all(threads.map((thread) => thread.close()));
  throw failed.reason;
}
