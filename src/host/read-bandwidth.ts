import { freemem } from 'node:os';
import { Worker } from 'node:worker_threads';
import { type Clock, packageFile } from '../core/index.ts';

/** How fast this machine reads a working set of some size, again and again. */
export interface ReadBandwidth {
  /** Of the working set; less than asked for where that leaves no room. */
  bytes: number;
  threads: number;
  bytesPerS: number;
  /** Best of so many. */
  rounds: number;
}

export interface ReadBandwidthOptions {
  bytes: number;
  /** One for each CPU that may be used. */
  threads: number;
  rounds?: number;
  /** Of a round, about. */
  roundMs?: number;
}

/** More is in no cache that is built today, and reads no slower. */
const mostBytes = 2 ** 31;
const leastPart = 4096;

/**
 * Measures reading bandwidth on a working set that is split over threads: all read their parts as
 * often as fills a round, and the best round counts. A set that fits into a cache is read at the
 * cache's speed. Takes all CPUs for about half a second: only while nothing else is measured.
 */
export async function measureReadBandwidth(
  clock: Clock,
  { bytes, threads, rounds = 6, roundMs = 50 }: ReadBandwidthOptions,
): Promise<ReadBandwidth> {
  const part = Math.max(
    leastPart,
    Math.floor(Math.min(bytes, mostBytes, freemem() / 2) / Math.max(1, threads)),
  );
  const workers = Array.from({ length: Math.max(1, threads) }, () => startReader(part));
  const all = part * workers.length;
  /** Every thread so often; how long that took, seconds. */
  const readAll = async (passes: number) => {
    const startUs = clock.nowUs();
    await Promise.all(workers.map((one) => one.read(passes)));
    return (clock.nowUs() - startUs) / 1e6;
  };
  try {
    await Promise.all(workers.map(({ ready }) => ready));
    await readAll(1);
    const once = Math.max(1e-6, await readAll(1));
    // A first guess is mostly the way to the threads and back.
    const guess = Math.max(1, Math.round(roundMs / 4000 / once));
    const perPass = Math.max(1e-9, (await readAll(guess)) / guess);
    const passes = Math.max(1, Math.round(roundMs / 1000 / perPass));
    let best = 0;
    for (let round = 0; round < rounds; round++) {
      best = Math.max(best, (all * passes) / (await readAll(passes)));
    }
    return { bytes: all, threads: workers.length, bytesPerS: best, rounds };
  } finally {
    await Promise.all(workers.map((one) => one.end()));
  }
}

function startReader(bytes: number) {
  const worker = new Worker(packageFile('assets/read-memory.mjs'), {
    workerData: { bytes },
    execArgv: [],
  });
  const next = () =>
    new Promise<void>((resolve, reject) => {
      const onMessage = () => {
        worker.off('error', onError);
        resolve();
      };
      const onError = (error: Error) => {
        worker.off('message', onMessage);
        reject(error);
      };
      worker.once('message', onMessage);
      worker.once('error', onError);
    });
  return {
    ready: next(),
    read(passes: number): Promise<void> {
      const done = next();
      worker.postMessage(passes);
      return done;
    },
    async end(): Promise<void> {
      await worker.terminate();
    },
  };
}
