import type { Cell } from './cells.ts';
import type { SaidRequest } from './clients/client.ts';
import { compareWithTruth } from './compare.ts';
import type { Launched, Measured } from './measure.ts';
import { frozenP99Ms } from './simulate-freeze.ts';
import { dispersion, distanceToExponential, quantile, sorted } from './statistics.ts';
import type { TrueRequest, Truth } from './truth.ts';

/** Name of a figure -> value; NaN where the client does not tell. */
export type Figures = Record<string, number>;

export interface Pair {
  said: SaidRequest;
  truth: TrueRequest;
}

/** All figures of one run. */
export function figuresOf(cell: Cell, run: Measured): Figures {
  const pairs = join(run);
  if (pairs.length === 0) throw new Error('no request of the client is in the log of the mock');
  const load = loadWindow(run, pairs);
  const startMs = msOnMock(run.launched.startNs, run.truth);
  const received = pairs.map(({ truth }) => truth.receivedMs);
  const firstMeasuredMs = Math.min(...received);
  const firstAnyMs = Math.min(...run.truth.requests.map(({ receivedMs }) => receivedMs));
  const common: Figures = {
    requests: pairs.length,
    failed: run.said.failed,
    'CPU s / M tokens, load window': (load.cpuS / load.tokens) * 1e6,
    'CPU s / M tokens, whole process': (run.launched.cpuS / load.tokens) * 1e6,
    'core busy with the client, %': (100 * load.cpuS) / load.wallS,
    'other work on its core, %':
      (100 * Math.max(0, run.core.busyS - run.launched.cpuS)) / run.launched.wallS,
    'steal, %': (100 * run.core.stealS) / run.launched.wallS,
    'peak memory, MB': run.launched.maxRssKb / 1024,
    'tokens/s at the server': load.tokens / load.wallS,
    'peak in flight': run.truth.peakInFlight,
    'in flight reached': inFlight(pairs),
    'start to first request of any kind, s': (firstAnyMs - startMs) / 1000,
    'start to first measured request, s': (firstMeasuredMs - startMs) / 1000,
    'start to last first send, s': (lastFirstSend(cell, received) - startMs) / 1000,
    'whole run, s': run.launched.wallS,
    'mock: writes late by > 1 ms, %': lateShare(pairs),
    'mock: core busy, %': (100 * run.truth.cpuS) / run.launched.wallS,
  };
  return {
    ...common,
    ...(cell.tokenTimes ? compareWithTruth(pairs) : {}),
    ...(cell.measure === 'arrivals' ? arrivals(cell, pairs) : {}),
    ...(cell.measure === 'freeze' ? frozen(cell, run, pairs) : {}),
  };
}

function join(run: Measured): Pair[] {
  const bySeq = new Map(run.truth.requests.map((truth) => [truth.seq, truth]));
  const byId = new Map(run.truth.requests.map((truth) => [truth.id, truth]));
  const pairs: Pair[] = [];
  for (const said of run.said.requests) {
    const truth = 'seq' in said.key ? bySeq.get(said.key.seq) : byId.get(said.key.id);
    if (truth !== undefined && truth.endMs !== null) pairs.push({ said, truth });
  }
  return pairs;
}

const msOnMock = (ns: bigint, truth: Truth) => Number(ns - truth.originNs) / 1e6;

/** From the first measured request's arrival to the last write, with all tokens of that time. */
function loadWindow(run: Measured, pairs: readonly Pair[]) {
  const fromMs = Math.min(...pairs.map(({ truth }) => truth.receivedMs));
  const toMs = Math.max(...pairs.map(({ truth }) => truth.endMs ?? 0));
  let tokens = 0;
  for (const request of run.truth.requests) {
    if (request.receivedMs < fromMs || request.receivedMs > toMs) continue;
    tokens += request.writtenMs.length
      ? request.writtenMs.reduce((sum, at) => sum + (at <= toMs ? 1 : 0), 0)
      : request.sent;
  }
  const { launched, truth } = run;
  const cpuS = cpuAt(launched, toMs, truth) - cpuAt(launched, fromMs, truth);
  return { cpuS, tokens, wallS: (toMs - fromMs) / 1000 };
}

/** CPU seconds of the client at an instant of the mock's clock, between two samples. */
function cpuAt(launched: Launched, atMs: number, truth: Truth): number {
  const atNs = atMs * 1e6 + Number(truth.originNs - launched.startNs);
  const { samples } = launched;
  const after = samples.findIndex(([ns]) => ns >= atNs);
  if (after === -1) return launched.cpuS;
  const high = samples[after] ?? [0, 0];
  const low = samples[after - 1] ?? high;
  const share = high[0] === low[0] ? 0 : (atNs - low[0]) / (high[0] - low[0]);
  return (low[1] + (high[1] - low[1]) * share) / 1e9;
}

/**
 * Time average of requests between arrival and last write, from 5 % into the arrivals to the last
 * one: after it a run of so many requests only drains.
 */
function inFlight(pairs: readonly Pair[]): number {
  const received = sorted(pairs.map(({ truth }) => truth.receivedMs));
  const first = received[0] ?? 0;
  const toMs = received.at(-1) ?? 0;
  const fromMs = first + 0.05 * (toMs - first);
  let busyMs = 0;
  for (const { truth } of pairs) {
    const end = Math.min(truth.endMs ?? toMs, toMs);
    busyMs += Math.max(0, end - Math.max(truth.receivedMs, fromMs));
  }
  return busyMs / (toMs - fromMs);
}

function lastFirstSend(cell: Cell, received: readonly number[]): number {
  const streams = cell.load.kind === 'closed' ? cell.load.streams : 1;
  const ordered = sorted(received);
  return ordered[Math.min(streams, ordered.length) - 1] ?? Number.NaN;
}

function lateShare(pairs: readonly Pair[]): number {
  let late = 0;
  let all = 0;
  for (const { truth } of pairs) {
    for (let i = 0; i < truth.writtenMs.length; i++) {
      all++;
      if ((truth.writtenMs[i] ?? 0) - (truth.scheduledMs[i] ?? 0) > 1) late++;
    }
  }
  return all === 0 ? Number.NaN : (100 * late) / all;
}

function arrivals(cell: Cell, pairs: readonly Pair[]): Figures {
  const timesS = secondsInOrder(pairs.map(({ truth }) => truth.receivedMs));
  const gapsS = timesS.slice(1).map((at, i) => at - (timesS[i] ?? 0));
  const rateRps = cell.load.kind === 'open' ? cell.load.rateRps : Number.NaN;
  return {
    'rate reached, req/s': rateOf(timesS),
    'KS distance to exponential': distanceToExponential(gapsS, rateRps),
    'dispersion of 100 ms counts': dispersion(timesS),
    ...ownSchedule(pairs, rateOf(timesS)),
  };
}

/** What chance made of the asked rate is not the client's doing: compared with its own schedule. */
function ownSchedule(pairs: readonly Pair[], reachedRps: number): Figures {
  const lags: number[] = [];
  const intended: number[] = [];
  for (const { said } of pairs) {
    if (said.intendedMs === null || said.sentMs === null) return {};
    lags.push(said.sentMs - said.intendedMs);
    intended.push(said.intendedMs);
  }
  return {
    'rate reached / own schedule': reachedRps / rateOf(secondsInOrder(intended)),
    'send lag said, p50, ms': quantile(sorted(lags), 0.5),
    'send lag said, p99, ms': quantile(sorted(lags), 0.99),
  };
}

const secondsInOrder = (timesMs: readonly number[]) => [...sorted(timesMs)].map((ms) => ms / 1000);
const rateOf = (timesS: readonly number[]) =>
  (timesS.length - 1) / ((timesS.at(-1) ?? 0) - (timesS[0] ?? 0));

function frozen(cell: Cell, run: Measured, pairs: readonly Pair[]): Figures {
  const said = quantile(sorted(pairs.map((pair) => pair.said.e2eMs)), 0.99);
  const simulated = frozenP99Ms(cell, run.truth, pairs);
  return {
    'E2E p99 said, ms': said,
    'E2E p99 simulated, ms': simulated,
    'E2E p99 said / simulated': said / simulated,
  };
}
