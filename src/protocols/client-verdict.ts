import type {
  ClientErrorMs,
  ClientVerdict,
  IoThreadFigures,
  LoadFigures,
  MetricValues,
} from '../model/index.ts';

export interface VerdictInput {
  figures: LoadFigures;
  /** The level's metrics. */
  values: MetricValues;
  /** Requests that the plan wanted sent by the end of the level; null in an open-ended one. */
  planned: number | null;
  /** Requests in flight that were asked for at once; null in an open loop. */
  inFlightPlanned: number | null;
  /** Requests that failed for want of something on this machine: files, ports, memory. */
  failedHere: { count: number; error: string | null };
  /** Any chunk held more than one token: then ITL percentiles near 0 are what was sent. */
  severalTokensPerChunk: boolean;
  /** Why fewer were sent, when that was not the client: interrupt, early stop, failures. */
  cutShort: boolean;
}

/**
 * May the client have distorted this level? Decided from what its threads measured about
 * themselves during that very level.
 *
 * Error bounds, milliseconds, at p99: a byte is stamped late by as long as the loop was away from
 * its sockets (`stampLateP99Ms`: work, naps, garbage collection, waits for a core), plus the
 * clock's own error. ITL and service latencies carry that; response latencies carry the send lag
 * on top.
 *
 * ok: every bound <= max(1 ms, 5 % of its metric's p50). bottleneck: a bound > max(5 ms, 25 %) in
 * a level of at least 10 s, or sends, bodies, sockets or requests in flight under 97 % of plan
 * because of the client, or sends that fell behind the schedule. Between: degraded.
 */
export function judgeClient(input: VerdictInput): ClientVerdict {
  const { figures } = input;
  const worst = worstThread(figures);
  const stampMs = worst === null ? null : stampErrorMs(worst);
  const sendMs = figures.sendLag.p99Ms ?? figures.sendLag.maxMs ?? 0;
  const errorMs: ClientErrorMs = {
    ttft: stampMs === null ? null : stampMs + sendMs,
    ttftService: stampMs,
    itl: stampMs,
    e2e: stampMs === null ? null : stampMs + sendMs,
  };
  const causes = [
    ...shortfalls(input),
    ...bunched(input, worst),
    ...backlogged(input, worst),
    ...bounds(input, errorMs, worst, sendMs),
  ];
  const bottleneck = causes.find((cause) => cause.verdict === 'bottleneck');
  const cause = bottleneck ?? causes[0];
  return cause === undefined
    ? { verdict: 'ok', reason: healthy(errorMs), errorMs }
    : { verdict: cause.verdict, reason: cause.reason, errorMs };
}

interface Cause {
  verdict: 'degraded' | 'bottleneck';
  reason: string;
}

const enoughShare = 0.97;
/** In a shorter level one hiccup of the machine is its p99: it is shown, and condemns nothing. */
const settledMs = 10_000;

/**
 * The schedule was not kept: half of the sends were late by 3 % of the level's time, and by half a
 * second at least. One hiccup of the machine does not do that, however short the level.
 */
export function sendsFellBehind({ sendLag, ioThreads }: LoadFigures): boolean {
  const wallMs = Math.max(0, ...ioThreads.map((thread) => thread.wallMs));
  return (sendLag.p50Ms ?? 0) > Math.max(500, (1 - enoughShare) * wallMs);
}

/** The thread whose stamps may be latest. */
function worstThread(figures: LoadFigures): IoThreadFigures | null {
  return figures.ioThreads.reduce<IoThreadFigures | null>(
    (worst, thread) =>
      worst === null || stampErrorMs(thread) > stampErrorMs(worst) ? thread : worst,
    null,
  );
}

function isSettled(thread: IoThreadFigures | null): boolean {
  return (thread?.wallMs ?? 0) >= settledMs;
}

function stampErrorMs(thread: IoThreadFigures): number {
  return thread.stampLateP99Ms + thread.clockErrorUs / 1000;
}

function shortfalls(input: VerdictInput): Cause[] {
  const { figures, planned, inFlightPlanned } = input;
  const causes: Cause[] = [];
  if (!input.cutShort && planned !== null && figures.sent < enoughShare * planned) {
    causes.push({
      verdict: 'bottleneck',
      reason: `only ${figures.sent} of ${planned} planned requests were sent`,
    });
  }
  if (sendsFellBehind(figures)) {
    causes.push({
      verdict: 'bottleneck',
      reason: `half of the sends left more than ${ms(figures.sendLag.p50Ms ?? 0)} after their time: the client did not keep to the schedule`,
    });
  }
  const { failedHere } = input;
  if (failedHere.count > (1 - enoughShare) * Math.max(1, figures.sent)) {
    causes.push({
      verdict: 'bottleneck',
      reason: `${failedHere.count} of ${figures.sent} requests failed on this side (${failedHere.error}); raise the limit on open files (ulimit -n) or lower the load`,
    });
  }
  if (figures.bodies.ranDry > (1 - enoughShare) * Math.max(1, figures.sent)) {
    causes.push({
      // A busy moment of the machine at the start of a short level is not the rule.
      verdict: isSettled(worstThread(figures)) ? 'bottleneck' : 'degraded',
      reason: `${figures.bodies.ranDry} of ${figures.sent} sends waited for their body (up to ${ms(figures.bodies.ranDryMaxMs)}): the client could not build them fast enough`,
    });
  }
  const enough = planned === null || inFlightPlanned === null || planned >= inFlightPlanned;
  if (
    !input.cutShort &&
    enough &&
    inFlightPlanned !== null &&
    figures.inFlightMax < enoughShare * inFlightPlanned
  ) {
    causes.push({
      verdict: 'bottleneck',
      reason: `${figures.inFlightMax} of ${inFlightPlanned} requests were in flight at most`,
    });
  }
  const { socketsMissing, inFlightMax } = figures;
  // One request may have been on its way to its socket at that very look.
  if (socketsMissing > Math.max(1, (1 - enoughShare) * inFlightMax)) {
    causes.push({
      verdict: 'bottleneck',
      reason: `${socketsMissing} of ${inFlightMax} requests in flight had to wait for a socket`,
    });
  }
  return causes;
}

/** ITL p50 near 0 beside a normal mean: tokens were read in bunches. */
function bunched(input: VerdictInput, worst: IoThreadFigures | null): Cause[] {
  const p50 = input.values['itl_p50_ms'];
  const mean = input.values['itl_mean_ms'];
  if (typeof p50 !== 'number' || typeof mean !== 'number') return [];
  if (input.severalTokensPerChunk || mean < 0.5 || p50 > 0.1 * mean) return [];
  const signs = `ITL p50 ${ms(p50)} beside a mean of ${ms(mean)}`;
  const busy = Math.max(worst?.loopBusyShare ?? 1, worst?.cpuWaitShare ?? 0);
  return busy > 0.5 && isSettled(worst)
    ? [
        {
          verdict: 'bottleneck',
          reason: `${signs}: ${worst?.name ?? 'the client'} was busy ${percent(busy)} of the time and read tokens in bunches`,
        },
      ]
    : [
        {
          verdict: 'degraded',
          reason: `${signs}${busy > 0.5 ? '' : ', although the client was idle: the server or the network sends tokens in bunches'}`,
        },
      ];
}

/** More than a few chunks on every socket at once, at one of the looks twice a second. */
const backlogBytes = { least: 256 * 1024, perSocket: 4 * 1024 };

/** Bytes that had arrived and lay unread while the client had too much to do. */
function backlogged({ figures }: VerdictInput, worst: IoThreadFigures | null): Cause[] {
  const { unreadBytesMax, socketsMax } = figures;
  const limit = Math.max(backlogBytes.least, backlogBytes.perSocket * (socketsMax ?? 0));
  if (unreadBytesMax === null || unreadBytesMax <= limit) return [];
  const busy = Math.max(worst?.loopBusyShare ?? 1, worst?.cpuWaitShare ?? 0);
  // An idle client that was looked at in the middle of a burst reads it in its next turn.
  if (busy <= 0.5) return [];
  return [
    {
      verdict: 'degraded',
      reason: `${Math.round(unreadBytesMax / 1024)} KiB had arrived and were not yet read while ${worst?.name ?? 'the client'} was busy ${percent(busy)} of the time`,
    },
  ];
}

const metricOfBound = {
  ttft: 'ttft_p50_ms',
  ttftService: 'ttft_service_p50_ms',
  itl: 'itl_p50_ms',
  e2e: 'e2e_p50_ms',
} as const;

const nameOfBound = {
  ttft: 'TTFT',
  ttftService: 'service TTFT',
  itl: 'ITL',
  e2e: 'E2E',
} as const;

function bounds(
  input: VerdictInput,
  errorMs: ClientErrorMs,
  worst: IoThreadFigures | null,
  sendMs: number,
): Cause[] {
  const causes: (Cause & { excess: number })[] = [];
  for (const key of Object.keys(metricOfBound) as (keyof ClientErrorMs)[]) {
    const error = errorMs[key];
    const p50 = input.values[metricOfBound[key]];
    if (error === null || typeof p50 !== 'number') continue;
    const excess = error / Math.max(1, 0.05 * p50);
    if (excess <= 1) continue;
    const verdict = isSettled(worst) && error > Math.max(5, 0.25 * p50) ? 'bottleneck' : 'degraded';
    const late = `${nameOfBound[key]} may be up to ${ms(error)} too high at p99 (p50 is ${ms(p50)})`;
    causes.push({ verdict, excess, reason: `${because(worst, sendMs, error)}; ${late}` });
  }
  return causes.sort((a, b) => b.excess - a.excess);
}

/** The most telling of what the worst thread measured. */
function because(worst: IoThreadFigures | null, sendMs: number, error: number): string {
  if (sendMs > error / 2) return `sends left up to ${ms(sendMs)} late (p99)`;
  if (worst === null) return 'the client was late';
  const { name, cpuWaitShare, loopBusyShare, loopDelayMaxMs } = worst;
  const { gcMaxPauseMs, gcTotalMs, wallMs, clockErrorUs } = worst;
  if (clockErrorUs / 1000 > error / 2) {
    return `the clock of ${name} may be ${ms(clockErrorUs / 1000)} off that of the run`;
  }
  if ((cpuWaitShare ?? 0) > 0.1) {
    return `${name} waited for a core ${percent(cpuWaitShare ?? 0)} of the time`;
  }
  if (wallMs > 0 && gcTotalMs / wallMs > 0.01) {
    return `${name} paused for garbage collection, up to ${ms(gcMaxPauseMs)}`;
  }
  if ((loopBusyShare ?? 0) > 0.7) {
    return `${name} was busy ${percent(loopBusyShare ?? 0)} of the time`;
  }
  if ((loopDelayMaxMs ?? 0) > 50 && loopDelayMaxMs !== null) {
    return `${name} stood still for up to ${ms(loopDelayMaxMs)}`;
  }
  return `${name} came late to its sockets`;
}

function healthy(errorMs: ClientErrorMs): string {
  const show = (value: number | null) => (value === null ? 'unknown' : ms(value));
  return `client error at p99: TTFT ${show(errorMs.ttft)}, ITL ${show(errorMs.itl)}`;
}

const ms = (value: number) => `${value < 0.1 ? value.toFixed(2) : Number(value.toPrecision(2))} ms`;
const percent = (share: number) => `${Math.round(share * 100)} %`;
