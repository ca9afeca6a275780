import type { Clock } from '../core/index.ts';
import { runLevel, stopRule } from '../driver/index.ts';
import type { Pacer, ThreadWatch } from '../host/index.ts';
import {
  type LevelRun,
  outputTokensOf,
  type PlannedRequest,
  type RequestRecord,
  type SendContext,
  type Sender,
} from '../model/index.ts';
import { createRecordPageBuilder } from '../records/index.ts';
import { createLagHistogram, type LagHistogram } from './lag-histogram.ts';
import type { FromWorker, WorkerFigures, WorkerLevel } from './messages.ts';
import { createDetailsPacker, type PackedDetails } from './pack-details.ts';
import { createStreamedPlan, type StreamedPlan } from './streamed-plan.ts';

export interface WorkerLevelDeps {
  pacer: Pacer;
  sender: Sender;
  post(message: FromWorker, transfer?: ArrayBuffer[]): void;
}

/** A level on an I/O thread: waits for its start, runs, tells what happened as it goes. */
export interface RunningLevel {
  readonly streamed: StreamedPlan;
  readonly inFlight: number;
  readonly inFlightMax: number;
  start(startUs: number | null): Promise<Omit<LevelRun, 'records'>>;
  /** Sends off what has ended, and how far the level is. */
  flush(): void;
  stop(reason: string): void;
  /** All threads' counted requests have ended. */
  release(): void;
  figures(): Pick<WorkerFigures, 'sendLag' | 'sendLagBuckets' | 'sent' | 'ranDry' | 'ranDryMaxMs'>;
}

/**
 * A page takes some tens of nanoseconds a request and value to finish, and a message some ten
 * microseconds: so much in one that neither is often, and no read waits for long.
 */
const requestsPerPage = 128;
const bytesPerPage = 48 * 1024;

export function createRunningLevel(level: WorkerLevel, deps: WorkerLevelDeps): RunningLevel {
  const { pacer, sender, post } = deps;
  const streamed = createStreamedPlan(level);
  const page = createRecordPageBuilder();
  const packer = createDetailsPacker(level.allTexts);
  const abort = new AbortController();
  const sendLag: LagHistogram = createLagHistogram();
  const open = level.load.kind === 'open';
  let details: PackedDetails[] = [];
  let sentSinceFlush = 0;
  let sent = 0;
  let inFlight = 0;
  let inFlightMax = 0;
  let ranDry = 0;
  let ranDryMaxMs = 0;
  let countedEnded = 0;
  let release = () => {};
  const released = new Promise<void>((resolve) => {
    release = resolve;
    abort.signal.addEventListener('abort', () => resolve(), { once: true });
  });

  async function bodyOf(index: number, signal: AbortSignal): Promise<Uint8Array | undefined> {
    const sinceUs = pacer.nowUs();
    ranDry += 1;
    flush();
    try {
      return await streamed.waitForBody(index, signal);
    } catch {
      // Aborted: the sender says so in the record.
      return undefined;
    } finally {
      ranDryMaxMs = Math.max(ranDryMaxMs, (pacer.nowUs() - sinceUs) / 1000);
    }
  }

  /** Kept by the driver in place of the whole record, which goes to the main thread. */
  async function finish(record: RequestRecord): Promise<RequestRecord> {
    if (open && record.sentUs !== null && level.load.maxConcurrency === null) {
      sendLag.add(Math.max(0, record.sentUs - record.intendedUs - record.connectUs));
    }
    const extra = packer.pack(record, page.requests);
    page.add(record);
    if (extra !== null) details.push(extra);
    if (page.requests >= requestsPerPage || page.size >= bytesPerPage) flush();
    if (record.counted) {
      countedEnded += 1;
      if (countedEnded === level.countedRequests && level.stride > 1) {
        flush();
        post({ kind: 'counted-ended' });
        // The other threads' counted requests must end under the same load.
        await released;
      }
    }
    const { index, outcome, error, endUs, counted } = record;
    const kept = { index, outcome, error, endUs, counted };
    return (level.budget === null ? kept : { ...kept, ...spendingOf(record) }) as RequestRecord;
  }

  const feeding: Sender = {
    transport: sender.transport,
    close: () => sender.close(),
    send(request: PlannedRequest, context: SendContext) {
      const body = streamed.takeBody(request.index);
      if (body) {
        context.body = body;
        return sender.send(request, context).then(finish);
      }
      return bodyOf(request.index, context.signal)
        .then((late) => {
          if (late) context.body = late;
          return sender.send(request, context);
        })
        .then(finish);
    },
  };

  function flush(): void {
    const chunks = { all: page.rows, coalesced: page.coalesced };
    const bytes = page.requests === 0 ? null : page.finish();
    const progress = {
      next: streamed.next,
      sent: sentSinceFlush,
      inFlight,
      page: bytes,
      details,
      chunks,
    };
    details = [];
    sentSinceFlush = 0;
    post({ kind: 'progress', progress }, bytes === null ? [] : [bytes.buffer]);
  }

  return {
    streamed,
    get inFlight() {
      return inFlight;
    },
    get inFlightMax() {
      return inFlightMax;
    },
    async start(startUs) {
      if (startUs !== null) await pacer.sleepUntil(startUs);
      const { records: _none, ...run } = await runLevel({
        plan: streamed.plan,
        level: level.level,
        clock: startUs === null ? pacer : startingAt(pacer, startUs),
        sender: feeding,
        originUs: level.originUs,
        idPrefix: level.idPrefix,
        signal: abort.signal,
        tail: level.tail,
        // They are in pages, which go to the main thread.
        keepRecords: false,
        breathe: createBreath(pacer),
        onSend(now) {
          sent += 1;
          sentSinceFlush += 1;
          inFlight = now;
          inFlightMax = Math.max(inFlightMax, now);
        },
        onRecord(_record, now) {
          inFlight = now;
        },
        ...(level.budget === null ? {} : { budget: level.budget }),
        ...(level.stopRule === null ? {} : { stopEarly: stopRule(level.stopRule) }),
      });
      flush();
      return run;
    },
    flush,
    stop(reason) {
      abort.abort(new Error(reason));
    },
    release: () => release(),
    figures: () => ({
      sendLag: sendLag.figures(),
      sendLagBuckets: [...sendLag.buckets],
      sent,
      ranDry,
      ranDryMaxMs,
    }),
  };
}

/** What a budget needs of a record. */
function spendingOf(record: RequestRecord) {
  const { sentUs, inputTokensAsked, outputTokensAsked, inputTokensUsage } = record;
  const outputTokensUsage = outputTokensOf(record);
  return { sentUs, inputTokensAsked, outputTokensAsked, inputTokensUsage, outputTokensUsage };
}

/** The same clock, but the first look at it shows the instant that all threads agreed on. */
function startingAt(clock: Clock, startUs: number): Clock {
  let first = true;
  return {
    nowUs() {
      if (!first) return clock.nowUs();
      first = false;
      return startUs;
    },
    wallMs: () => clock.wallMs(),
    sleepUntil: (atUs, signal) => clock.sleepUntil(atUs, signal),
  };
}

/**
 * Naps, microseconds, from so many socket events a second on; down again below half of that. A
 * stamp is at most a nap late: longer ones where the core would otherwise have no time to spare.
 */
const polls = [
  { abovePerS: 10_000, napUs: 100 },
  { abovePerS: 30_000, napUs: 200 },
];

/** Switches the pacer's polling by the thread's load; tells for how long it was on. */
export function createPollSwitch(pacer: Pick<Pacer, 'setPolling'>): {
  look(watch: Pick<ThreadWatch, 'eventsPerS'>): void;
  share(): number;
} {
  let step = -1;
  let looks = 0;
  let looksOn = 0;
  return {
    look(watch) {
      looks += 1;
      if (step >= 0) looksOn += 1;
      const perS = watch.eventsPerS() ?? 0;
      const wanted = polls.findLastIndex(
        ({ abovePerS }, i) => perS > (i <= step ? abovePerS / 2 : abovePerS),
      );
      if (wanted === step) return;
      step = wanted;
      pacer.setPolling(polls[step]?.napUs ?? 0);
    },
    share: () => (looks === 0 ? 0 : looksOn / looks),
  };
}

/** Longest burst of sends between two looks at the sockets, microseconds: a read waits no longer. */
const longestBurstUs = 500;

/** Null while a burst of sends is short; then a promise of the event loop's next turn. */
function createBreath(clock: Pick<Clock, 'nowUs'>): () => Promise<void> | null {
  let sinceUs: number | null = null;
  return () => {
    const now = clock.nowUs();
    if (sinceUs === null) {
      sinceUs = now;
      setImmediate(() => {
        sinceUs = null;
      });
      return null;
    }
    if (now - sinceUs < longestBurstUs) return null;
    return new Promise((resolve) => setImmediate(resolve));
  };
}
