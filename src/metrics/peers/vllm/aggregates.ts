import { linearPercentile, mean, populationStd } from '../peer-stats.ts';

/** One request as vLLM's load generator sees it. Times in seconds, on one clock. */
export interface VllmRequest {
  success: boolean;
  inputLen: number;
  /** Output tokens; 0 for a failed request. */
  outputLen: number;
  /** Just before the POST, connection set-up included. */
  startS: number;
  /** To the first message with choices; 0 where there was none. */
  ttftS: number;
  /** Gaps between consecutive messages with choices. */
  itlS: number[];
  /** To the last message with choices; 0 where there was none. */
  latencyS: number;
  /** Wait for a place under the concurrency cap, before `startS`. */
  queueS: number;
}

/** Metrics that vLLM can aggregate, by the names of its `--percentile-metrics`. */
const vllmMetrics = [
  'ttft',
  'tpot',
  'itl',
  'e2el',
  'client_queue_time',
  'e2el_including_client_queue',
] as const;
export type VllmMetric = (typeof vllmMetrics)[number];

/** Each metric's pooled values in seconds; failed requests are left out, as vLLM does. */
function vllmSamples(requests: readonly VllmRequest[]): Record<VllmMetric, number[]> {
  const ok = requests.filter((request) => request.success);
  return {
    ttft: ok.map((request) => request.ttftS),
    tpot: ok
      .filter((request) => request.outputLen > 1)
      .map((request) => (request.latencyS - request.ttftS) / (request.outputLen - 1)),
    itl: ok.flatMap((request) => request.itlS),
    e2el: ok.map((request) => request.latencyS),
    client_queue_time: ok.map((request) => request.queueS),
    e2el_including_client_queue: ok.map((request) => request.latencyS + request.queueS),
  };
}

/**
 * `mean_ttft_ms`, `median_ttft_ms`, `std_ttft_ms`, `p99_ttft_ms`, ... in milliseconds. The standard
 * deviation is the population's, percentiles interpolate linearly (numpy's default).
 * Where there is no value at all vLLM writes 0; here it is null.
 */
export function aggregateVllm(
  requests: readonly VllmRequest[],
  metrics: readonly VllmMetric[],
  percentiles: readonly number[],
): Record<string, number | null> {
  const samples = vllmSamples(requests);
  const out: Record<string, number | null> = {};
  for (const metric of metrics) {
    const ms = samples[metric].map((seconds) => seconds * 1000);
    const sorted = Float64Array.from(ms).sort();
    out[`mean_${metric}_ms`] = mean(ms);
    out[`median_${metric}_ms`] = linearPercentile(sorted, 50);
    out[`std_${metric}_ms`] = populationStd(ms);
    for (const p of percentiles) out[`p${p}_${metric}_ms`] = linearPercentile(sorted, p);
  }
  return out;
}

/** The busiest second of message arrivals (messages counted as tokens); 0 without requests. */
export function maxOutputTokensPerS(requests: readonly VllmRequest[]): number {
  return busiestSecond(requests, (request, addTo) => {
    if (request.latencyS === 0) return;
    let at = request.startS + request.ttftS;
    addTo(at, at);
    for (const gap of request.itlS) {
      at += gap;
      addTo(at, at);
    }
  });
}

/**
 * The largest number of requests that touch one and the same second. This is what the recorded
 * vLLM files hold; it is at least, and often well above, the true peak in flight.
 */
export function maxConcurrentRequests(requests: readonly VllmRequest[]): number {
  return busiestSecond(requests, (request, addTo) =>
    addTo(request.startS, request.startS + request.latencyS),
  );
}

function busiestSecond(
  requests: readonly VllmRequest[],
  visit: (request: VllmRequest, addTo: (fromS: number, toS: number) => void) => void,
): number {
  const ok = requests.filter((request) => request.success);
  const origin = ok.reduce((least, request) => Math.min(least, request.startS), Infinity);
  const perSecond = new Map<number, number>();
  let most = 0;
  for (const request of ok) {
    visit(request, (fromS, toS) => {
      const last = Math.floor(toS - origin);
      for (let second = Math.floor(fromS - origin); second <= last; second++) {
        const count = (perSecond.get(second) ?? 0) + 1;
        perSecond.set(second, count);
        most = Math.max(most, count);
      }
    });
  }
  return most;
}
