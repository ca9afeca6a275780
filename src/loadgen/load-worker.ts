import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { createSender } from '../client/index.ts';
import {
  calibrateThread,
  countSockets,
  createPacer,
  readThreadId,
  type ThreadWatch,
  tightenSleeps,
  watchThread,
} from '../host/index.ts';
import type { IoThreadFigures, LagFigures } from '../model/index.ts';
import { createLagHistogram, type LagHistogram } from './lag-histogram.ts';
import type { FromWorker, ToWorker, WorkerSettings } from './messages.ts';
import { createStampLateness, latenessOf } from './stamp-lateness.ts';
import { toWireError } from './wire-error.ts';
import { createPollSwitch, createRunningLevel, type RunningLevel } from './worker-level.ts';

/** How often the main thread hears of a level, beside every page that is full. */
const flushMs = 200;

/**
 * The entry of an I/O thread: sockets, pacing and the driver's loop, with nothing else on its event
 * loop. Everything heavy or shared (bodies, tokens, files, people) stays with the main thread.
 */
function main(port: MessagePort, settings: WorkerSettings): void {
  const post = (message: FromWorker, transfer: ArrayBuffer[] = []) =>
    port.postMessage(message, transfer);
  const fail = (error: unknown) => post({ kind: 'failed', error: toWireError(error) });
  const sleepsTightened = tightenSleeps(readThreadId());
  const origin = calibrateThread();
  let lags: LagHistogram = createLagHistogram();
  let turns: LagHistogram = createLagHistogram();
  let lateness = createStampLateness();
  const pacer = createPacer({
    offsetUs: Number(origin.hrNs - settings.originHrNs) / 1000,
    onLag: (us) => lags.add(us),
    onTurn: (us) => turns.add(us),
    onAway: (us) => lateness.add(us),
  });
  const sender = createSender(settings.target, { clock: pacer }, settings.transport);
  let level: RunningLevel | null = null;

  async function run(running: RunningLevel, startUs: number | null): Promise<void> {
    const watch: ThreadWatch = watchThread(settings.name);
    const polls = createPollSwitch(pacer);
    const nappedUs = pacer.napUs();
    lags = createLagHistogram();
    turns = createLagHistogram();
    lateness = createStampLateness();
    let socketsMax = 0;
    let socketsMissing = 0;
    const look = () => {
      running.flush();
      polls.look(watch);
      const sockets = countSockets();
      socketsMax = Math.max(socketsMax, sockets);
      socketsMissing = Math.max(socketsMissing, running.inFlight - sockets);
    };
    const timer = setInterval(look, flushMs);
    try {
      const ended = await running.start(startUs);
      look();
      const own = watch.read(pacer.napUs() - nappedUs);
      const thread: IoThreadFigures = {
        ...own,
        stampLateP99Ms: Math.max(
          lateness.quantileMs(0.99, own.wallMs),
          latenessOf(watch.stalls()).quantileMs(0.99, own.wallMs),
          wakeLateMs(own.loopDelayP99Ms, lags.figures()),
        ),
        pacerLag: lags.figures(),
        turn: turns.figures(),
        pollingShare: polls.share(),
        clockErrorUs: origin.errorUs,
        sleepsTightened,
        socketsMax,
        inFlightMax: running.inFlightMax,
        socketsMissing,
      };
      post({ kind: 'ended', run: ended, figures: { thread, ...running.figures() } });
    } finally {
      clearInterval(timer);
      pacer.setPolling(0);
      watch.stop();
      level = null;
    }
  }

  async function handle(message: ToWorker): Promise<void> {
    switch (message.kind) {
      case 'prepare':
        await sender.prepare?.(message.inFlight);
        return post({ kind: 'prepared', id: message.id });
      case 'level':
        level = createRunningLevel(message.level, { pacer, sender, post });
        return undefined;
      case 'rows':
        return level?.streamed.addRows(message.rows);
      case 'bodies':
        return level?.streamed.addBodies(message.bodies);
      case 'start':
        return level ? run(level, message.startUs) : undefined;
      case 'stop':
        return level?.stop(message.reason);
      case 'release':
        return level?.release();
      case 'close':
        await sender.close();
        post({ kind: 'closed' });
        return port.close();
    }
  }

  port.on('message', (message: ToWorker) => void handle(message).catch(fail));
  post({ kind: 'ready', transport: sender.transport });
}

/** Timers count whole milliseconds: so late they are on an idle machine. */
const timerRoundingMs = 1;
/** Sends that a p99 takes. */
const enoughLags = 100;

/**
 * How late the thread wakes, p99: an idle thread sleeps until a byte comes, and a byte that wakes
 * it waits for a core as a timer does, at that very moment and not at a random one.
 */
function wakeLateMs(loopDelayP99Ms: number | null, lag: LagFigures): number {
  const byTimers = Math.max(0, (loopDelayP99Ms ?? 0) - timerRoundingMs);
  return lag.count < enoughLags ? byTimers : Math.max(byTimers, lag.p99Ms ?? 0);
}

if (parentPort) {
  const port = parentPort;
  try {
    main(port, workerData as WorkerSettings);
  } catch (error) {
    port.postMessage({ kind: 'failed', error: toWireError(error) } satisfies FromWorker);
  }
}
