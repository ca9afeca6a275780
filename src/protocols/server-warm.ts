import { sleepMs } from '../core/index.ts';
import { tpotMs, ttftMs } from '../metrics/index.ts';
import type { GateOutcome, LevelPlan, RequestRecord } from '../model/index.ts';
import type { ProtocolContext } from './context.ts';
import { runLoad } from './run-load.ts';
import { fitTrend } from './trend.ts';

/** Gate (a): so many requests, one at a time, each at most. */
export const serverWarmRequests = 120;
const limitS = 120;
const lookBack = 30;
const maxCov = 0.05;
/** A trend counts where it is both significant and large enough to matter. */
const trendP = 0.01;
const trendShare = 0.02;

/**
 * Gate (a): one request at a time, fixed length, until the last 30 TTFTs and the last 30 TPOTs vary
 * by less than 5 % (sample standard deviation / mean) and neither has a trend: a server that warms
 * up slowly varies little over 30 requests, and is not warm. One at a time is the only condition in
 * which 5 % can hold; under load, queueing alone gives 27 to 47 %.
 *
 * @param plan closed loop of one caller, fixed lengths
 */
export async function awaitServerWarm(
  context: ProtocolContext,
  plan: LevelPlan,
  name: string,
): Promise<{ outcome: GateOutcome; meanServiceS: number | null }> {
  const { clock } = context;
  await context.patience?.wait(context.emit, context.signal);
  context.signal.throwIfAborted();
  const startUs = clock.nowUs();
  const records: RequestRecord[] = [];
  const over = new AbortController();
  const onAbort = () => over.abort(context.signal.reason);
  context.signal.addEventListener('abort', onAbort, { once: true });
  let timedOut = false;
  void sleepMs(clock, limitS * 1000, over.signal).then(
    () => {
      timedOut = true;
      over.abort(new Error('time is up'));
    },
    () => {},
  );
  let seen = look(records);
  await runLoad(
    { ...context, signal: over.signal },
    {
      plan,
      level: -1,
      name,
      tail: false,
      stopRule: 'probe-failed',
      onRecord(record) {
        if (record.outcome === 'cancelled' || over.signal.aborted) return;
        records.push(record);
        seen = look(records);
        if (seen.warm) over.abort(new Error('the server is warm'));
      },
    },
  );
  over.abort(new Error('over'));
  context.signal.removeEventListener('abort', onAbort);
  context.signal.throwIfAborted();
  const elapsedS = (clock.nowUs() - startUs) / 1e6;
  const all = records.filter(({ outcome }) => outcome === 'ok');
  const ok = all.slice(-lookBack);
  const serviceUs = ok.reduce((sum, r) => sum + r.endUs - (r.sentUs ?? r.endUs), 0);
  const limit = timedOut ? `${limitS} s` : `${records.length} requests`;
  return {
    outcome: {
      gate: 'server-warm',
      passed: seen.warm,
      requests: records.length,
      elapsedS,
      ttftCov: seen.ttftCov,
      tpotCov: seen.tpotCov,
      reason: seen.warm
        ? `warm after ${records.length} requests one at a time: ${seen.words}`
        : `not warm within ${limit}, one at a time: ${seen.words}`,
      samples: { ttftMs: all.map(ttftMs), tpotMs: all.map(tpotMs) },
    },
    meanServiceS: ok.length === 0 ? null : serviceUs / ok.length / 1e6,
  };
}

interface Seen {
  warm: boolean;
  ttftCov: number | null;
  tpotCov: number | null;
  words: string;
}

function look(records: readonly RequestRecord[]): Seen {
  const ok = records.filter(({ outcome }) => outcome === 'ok').slice(-lookBack);
  if (ok.length < lookBack) {
    const words = `${ok.length} of ${records.length} requests succeeded, ${lookBack} are needed`;
    return { warm: false, ttftCov: null, tpotCov: null, words };
  }
  const ttft = vary(ok.map(ttftMs));
  const tpot = vary(ok.map(tpotMs));
  const drifting = [
    ...(ttft?.drifts ? [`TTFT changed by ${percent(ttft.share)}`] : []),
    ...(tpot?.drifts ? [`TPOT changed by ${percent(tpot.share)}`] : []),
  ];
  const covs = [
    ...(ttft === null ? [] : [`TTFT ${percent(ttft.cov)}`]),
    ...(tpot === null ? [] : [`TPOT ${percent(tpot.cov)}`]),
  ];
  const both = [ttft, tpot].filter((v) => v !== null);
  return {
    warm: both.length > 0 && both.every((v) => v.cov < maxCov && !v.drifts),
    ttftCov: ttft?.cov ?? null,
    tpotCov: tpot?.cov ?? null,
    words: `CoV of the last ${lookBack}: ${covs.join(', ')}${drifting.length === 0 ? '' : `; still drifting: ${drifting.join(', ')}`}`,
  };
}

/** Null where a request has no such value (TPOT of one token). */
function vary(values: readonly (number | null)[]) {
  const given = values.filter((value) => value !== null);
  const n = given.length;
  if (n < values.length || n < 2) return null;
  const mean = given.reduce((sum, v) => sum + v, 0) / n;
  const squares = given.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  const trend = fitTrend(given);
  return {
    cov: mean === 0 ? 0 : Math.sqrt(squares / (n - 1)) / mean,
    share: trend?.share ?? 0,
    drifts: trend !== null && trend.pAny < trendP && Math.abs(trend.share) > trendShare,
  };
}

const percent = (share: number) => `${Number((100 * share).toPrecision(2))} %`;
