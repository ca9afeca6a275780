import { createHash } from 'node:crypto';
import { type ClientTarget, urlsOf } from '../client/index.ts';
import { readBacklog, watchThread } from '../host/index.ts';
import type { Finding, LoadFigures } from '../model/index.ts';
import { createLagHistogram } from './lag-histogram.ts';
import type { WorkerFigures } from './messages.ts';

interface FedBodies {
  made: number;
  bytes: number;
  sha256: string | null;
}

/** Collects what the client says of itself during one level; watches the main thread meanwhile. */
export interface LevelFigures {
  /** @param coalesced those that came with the same network read as another */
  addChunks(all: number, coalesced: number): void;
  addThread(figures: WorkerFigures): void;
  finish(transport: string, bodies: readonly FedBodies[]): LoadFigures;
  findings(figures: LoadFigures): Finding[];
  stop(): void;
}

const backlogEveryMs = 500;
/** The kernel walks through all of its tables for it, some milliseconds of a core each time. */
const looksApart = 4;

export function createLevelFigures(options: {
  target: Pick<ClientTarget, 'url' | 'urls'>;
  helpersLowered: number;
  /** How far the run's clock itself may be off CLOCK_MONOTONIC, microseconds. */
  originErrorUs: number;
}): LevelFigures {
  const main = watchThread('main');
  const threads: WorkerFigures[] = [];
  const chunks = { all: 0, coalesced: 0 };
  let unreadBytesMax: number | null = null;
  const ports = [...new Set(urlsOf(options.target).map(portOf))];
  const look = async () => {
    const found = await Promise.all(ports.map(readBacklog));
    if (found.every((backlog) => backlog === null)) return;
    const unread = found.reduce((sum, backlog) => sum + (backlog?.unreadBytes ?? 0), 0);
    unreadBytesMax = Math.max(unreadBytesMax ?? 0, unread);
  };
  let turns = 0;
  const timer = setInterval(() => {
    // A short level gets one look as well, a long one no more than it needs.
    if (turns++ % looksApart === 0) void look();
  }, backlogEveryMs);
  timer.unref();

  return {
    addChunks(all, coalesced) {
      chunks.all += all;
      chunks.coalesced += coalesced;
    },
    addThread(figures) {
      threads.push(figures);
    },
    finish(transport, bodies) {
      const sendLag = createLagHistogram();
      for (const thread of threads) sendLag.merge(thread.sendLagBuckets, thread.sendLag.maxMs);
      const sum = (of: (thread: WorkerFigures) => number) =>
        threads.reduce((total, thread) => total + of(thread), 0);
      return {
        transport,
        ioThreads: threads
          .map(({ thread }) => ({
            ...thread,
            clockErrorUs: thread.clockErrorUs + options.originErrorUs,
          }))
          .sort((x, y) => (x.name < y.name ? -1 : 1)),
        mainThread: main.read(),
        helpersLowered: options.helpersLowered,
        sendLag: sendLag.figures(),
        sent: sum((thread) => thread.sent),
        socketsMax: sum(({ thread }) => thread.socketsMax),
        inFlightMax: sum(({ thread }) => thread.inFlightMax),
        socketsMissing: sum(({ thread }) => thread.socketsMissing),
        coalescedShare: chunks.all === 0 ? null : chunks.coalesced / chunks.all,
        unreadBytesMax,
        bodies: {
          made: bodies.reduce((total, own) => total + own.made, 0),
          bytes: bodies.reduce((total, own) => total + own.bytes, 0),
          sha256: joinHashes(bodies),
          ranDry: sum((thread) => thread.ranDry),
          ranDryMaxMs: Math.max(0, ...threads.map((thread) => thread.ranDryMaxMs)),
        },
      };
    },
    findings({ bodies, sent }) {
      if (bodies.ranDry === 0) return [];
      return [
        {
          code: 'plan-ran-dry',
          severity: 'warning',
          message: `${bodies.ranDry} of ${sent} requests were not made when they were due (the longest wait was ${bodies.ranDryMaxMs.toFixed(1)} ms): the client's main thread was too slow, not the server. Their latencies from the intended time include the wait. Shorten the prompts or lower the rate.`,
        },
      ];
    },
    stop() {
      clearInterval(timer);
      main.stop();
    },
  };
}

function joinHashes(bodies: readonly FedBodies[]): string | null {
  const [first, ...more] = bodies.map((own) => own.sha256);
  if (first === undefined || first === null || more.includes(null)) return null;
  if (more.length === 0) return first;
  return createHash('sha256')
    .update([first, ...more].join('\n'))
    .digest('hex');
}

function portOf(url: string): number {
  const { port, protocol } = new URL(url);
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}
