import {
  type ClientVerdict,
  type Finding,
  formatRate,
  type LevelMetrics,
  type LevelRun,
  limitToldOf,
  outputTokensOf,
  type RequestRecord,
} from '../model/index.ts';
import type { TokenCheck } from './context.ts';

export interface JudgeOptions {
  maxErrorShare: number;
  tokenCheck: TokenCheck | null;
  /** Null where the client was not watched. */
  client: ClientVerdict | null;
  allowClientBottleneck: boolean;
}

/** The doubts about one level. A finding of severity `invalid` makes the level invalid. */
export function judgeLevel(run: LevelRun, metrics: LevelMetrics, options: JudgeOptions): Finding[] {
  const rules = [
    errorShare,
    refusedByLimit,
    refusedByLoad,
    clientVerdict,
    dispatchLag,
    cappedWait,
    concurrencyReached,
    connectInside,
    shortOutputs,
    withoutDone,
    malformedEvents,
    prefixCacheHits,
    coalescedReads,
    assumedTokens,
    tokenDisagreement,
  ];
  return rules.flatMap((rule) => {
    const finding = rule(run, metrics, options);
    return finding === null ? [] : [{ ...finding, level: run.index }];
  });
}

type Rule = (run: LevelRun, metrics: LevelMetrics, options: JudgeOptions) => Finding | null;

const number = (metrics: LevelMetrics, key: string): number | null => {
  const value = metrics.values[key];
  return typeof value === 'number' ? value : null;
};
/** Two digits below 10 %; whole percents above, where toPrecision would write 1.0e+2. */
const pct = (share: number) =>
  `${share < 0.1 ? (share * 100).toPrecision(2) : Math.round(share * 100)} %`;
const ms = (value: number) => `${value.toPrecision(3)} ms`;

const errorShare: Rule = (_run, metrics, { maxErrorShare }) => {
  const share = number(metrics, 'error_share');
  if (share === null || share <= maxErrorShare) return null;
  const kinds = Object.entries(metrics.outcomes)
    .filter(([kind]) => kind !== 'ok' && kind !== 'cancelled')
    .map(([kind, n]) => `${n} ${kind}`)
    .join(', ');
  return {
    code: 'error-share-high',
    severity: 'invalid',
    message: `${pct(share)} of the requests failed (${kinds}); the limit is ${pct(maxErrorShare)} (--max-error-share). Latencies of the rest flatter the server.`,
  };
};

/** `x-ratelimit-limit-requests: 60, retry-after 20 s`, of the last that was refused and told; or ''. */
function limitWords(refused: readonly RequestRecord[]): string {
  for (const record of refused.toReversed()) {
    const told = limitToldOf(record);
    if (told === null) continue;
    const words = [
      ...Object.entries(told.headers).map(([name, value]) => `${name}: ${value}`),
      ...(told.retryAfterS === null ? [] : [`retry after ${told.retryAfterS} s`]),
    ];
    if (words.length > 0) return words.join(', ');
  }
  return '';
}

/** Answered per second of the window, the refused aside. */
function servedWords(run: LevelRun): string {
  const ok = run.records.filter((r) => r.counted && r.outcome === 'ok').length;
  const windowS = (run.windowEndUs - run.windowStartUs) / 1e6;
  return ok === 0 || !(windowS > 0) ? '' : ` (${formatRate(ok / windowS)} req/s were let through)`;
}

const refusedByLimit: Rule = (run, metrics) => {
  const refused = run.records.filter((r) => r.counted && r.outcome === 'rate_limited');
  if (refused.length === 0) return null;
  const limit = limitWords(refused);
  const said = limit === '' ? 'it did not say which' : `it said: ${limit}`;
  return {
    code: 'rate-limited',
    severity: 'warning',
    message: `the server refused ${refused.length} of ${metrics.values['requests_total']} requests with HTTP 429, its rate limit; ${said}. They count as failures and were not sent again. Lower ${loadFlag(run)}${servedWords(run)}, or have the limit raised.`,
  };
};

const refusedByLoad: Rule = (run, metrics) => {
  const refused = run.records.filter((r) => r.counted && r.outcome === 'overloaded');
  if (refused.length === 0) return null;
  const limit = limitWords(refused);
  return {
    code: 'server-overloaded',
    severity: 'warning',
    message: `the server refused ${refused.length} of ${metrics.values['requests_total']} requests with HTTP 503, overloaded${limit === '' ? '' : `; it said: ${limit}`}. They count as failures and were not sent again. Lower ${loadFlag(run)}${servedWords(run)}, or give it a longer queue.`,
  };
};

const loadFlag = ({ load }: LevelRun) => (load.kind === 'closed' ? '--max-concurrency' : '--rate');

const clientVerdict: Rule = (_run, _metrics, { client, allowClientBottleneck }) => {
  if (client === null || client.verdict === 'ok') return null;
  if (client.verdict === 'degraded') {
    return {
      code: 'client-degraded',
      severity: 'warning',
      message: `the client may have distorted this level: ${client.reason}.`,
    };
  }
  return {
    code: 'client-bottleneck',
    severity: allowClientBottleneck ? 'warning' : 'invalid',
    message: `the client was the bottleneck: ${client.reason}. Give it more or quieter cores, or a lower load${allowClientBottleneck ? '' : '; --allow-client-bottleneck keeps such a level valid'}.`,
  };
};

const dispatchLag: Rule = (_run, metrics, { client }) => {
  // The verdict knows the send lag, and what was behind it.
  if (client !== null) return null;
  const lag = number(metrics, 'dispatch_lag_p99_ms') ?? number(metrics, 'dispatch_lag_max_ms');
  const ttft = number(metrics, 'ttft_p50_ms');
  if (lag === null || ttft === null || lag <= Math.max(5, 0.05 * ttft)) return null;
  return {
    code: 'dispatch-lag-high',
    severity: 'warning',
    message: `requests left up to ${ms(lag)} after their intended time (TTFT p50 is ${ms(ttft)}); response latencies include it, service latencies do not. Give the client a core of its own or lower the rate.`,
  };
};

const cappedWait: Rule = (run) => {
  if (run.load.kind !== 'open' || run.load.maxConcurrency === null) return null;
  const counted = run.records.filter((r) => r.counted && r.sentUs !== null);
  const waited = counted.filter((r) => (r.sentUs ?? 0) - r.connectUs - r.intendedUs > 5000);
  if (waited.length === 0) return null;
  return {
    code: 'waited-for-slot',
    severity: 'warning',
    message: `${waited.length} of ${counted.length} requests waited in the client because ${run.load.maxConcurrency} were in flight (--max-concurrency); the wait is part of ttft_* and e2e_*, not of *_service_*.`,
  };
};

const concurrencyReached: Rule = (run, metrics) => {
  const asked = run.load.concurrencyAsked;
  const reached = number(metrics, 'concurrency_reached');
  if (asked === null || reached === null || Math.abs(reached / asked - 1) <= 0.1) return null;
  return {
    code: 'concurrency-off',
    severity: 'info',
    message: `asked for ${asked} requests in flight on average, reached ${reached.toPrecision(3)}; arrivals are random, a longer --duration brings the average closer.`,
  };
};

const connectInside: Rule = (run) => {
  const counted = run.records.filter((r) => r.counted);
  const connected = counted.filter((r) => r.connectUs > 0);
  if (connected.length === 0) return null;
  // One each is a property of the server or of the settings, which preflight has said.
  if (connected.length === counted.length) return null;
  const worst = Math.max(...connected.map((r) => r.connectUs)) / 1000;
  return {
    code: 'connect-inside-request',
    severity: worst > 5 ? 'warning' : 'info',
    message: `${connected.length} of ${counted.length} measured requests had to open a connection first (up to ${ms(worst)}, inside ttft_* but not ttft_service_*).`,
  };
};

const shortOutputs: Rule = (_run, metrics) => {
  const short = number(metrics, 'requests_short');
  const total = number(metrics, 'requests_ok');
  if (!short || !total) return null;
  return {
    code: 'short-outputs',
    severity: 'warning',
    message: `${short} of ${total} answers ended before the asked number of tokens; they are left out of goodput. The server may not honour ignore_eos.`,
  };
};

const withoutDone: Rule = (run) => {
  const ok = run.records.filter((r) => r.counted && r.outcome === 'ok');
  const without = ok.filter((r) => !r.done).length;
  if (without === 0) return null;
  return {
    code: 'no-done-marker',
    severity: 'info',
    message: `${without} of ${ok.length} streams ended with a finish_reason but without [DONE]; they count as complete.`,
  };
};

const malformedEvents: Rule = (_run, _metrics, { tokenCheck }) => {
  const answers = tokenCheck?.malformed ?? 0;
  if (answers === 0) return null;
  return {
    code: 'malformed-events',
    severity: 'warning',
    message: `${answers} answers held an event that is no JSON: what it brought is lost, so their token times, ITL and TPOT rest on the events around it.`,
  };
};

const prefixCacheHits: Rule = (_run, metrics) => {
  const share = number(metrics, 'cached_tokens_share');
  if (share === null || share < 0.05) return null;
  return {
    code: 'prefix-cache-hits',
    severity: 'warning',
    message: `the server took ${pct(share)} of the prompt tokens from its prefix cache (its own usage figures); TTFT is lower than with cold prompts.`,
  };
};

const coalescedReads: Rule = (_run, metrics) => {
  const share = number(metrics, 'coalesced_share');
  if (share === null || share < 0.05) return null;
  return {
    code: 'coalesced-chunks',
    severity: 'info',
    message: `${pct(share)} of the chunks came in one network read with the chunk before; ITL percentiles hold zeros there. Either the server writes several at once or the client was late.`,
  };
};

const assumedTokens: Rule = (run) => {
  const counted = run.records.filter((r) => r.counted && r.outcome === 'ok');
  const assumed = counted.filter((r) => r.tokenSource === 'assumed');
  if (assumed.length === 0) return null;
  const mismatch = assumed.filter(
    (r) => r.outputTokensUsage !== null && r.outputTokensUsage !== r.chunks.atUs.length,
  ).length;
  return {
    code: 'tokens-assumed',
    severity: 'warning',
    message: `${assumed.length} of ${counted.length} streams gave no token count per chunk${mismatch > 0 ? ` (${mismatch} of them have a usage that differs from their chunks)` : ' and no usage'}: one token per chunk is assumed for ITL. Give --tokenizer FILE to count.`,
  };
};

const tokenDisagreement: Rule = (run, _metrics, { tokenCheck }) => {
  const share = tokenCheck?.disagreement ?? null;
  if (share === null || share <= 0.02) return null;
  const usage = run.records.reduce((sum, r) => sum + (outputTokensOf(r) ?? 0), 0);
  return {
    code: 'token-count-disagreement',
    severity: 'warning',
    message: `the server's usage and ${tokenCheck?.source} differ by ${pct(share)} over ${tokenCheck?.requestsChecked} answers (${usage} tokens by usage in this level); throughput and TPOT use the server's figure.`,
  };
};
