import {
  ChunkKind,
  type LevelRun,
  outputTokensOf,
  type RequestRecord,
  type SloTemplate,
} from '../../../model/index.ts';
import { linearPercentile, mean, populationStd } from '../peer-stats.ts';
import type { PeerMetric, PeerTool } from '../peer-tool.ts';

const reference = 'ai-dynamo/aiperf, docs/metrics-reference.md';

/** One request that succeeded, as AIPerf sees it; times in ms from just before its POST. */
interface AiperfRequest {
  startMs: number;
  /** Arrival of each chunk with text, content or reasoning. */
  contentMs: number[];
  isl: number;
  osl: number;
}

/** NVIDIA AIPerf, the successor of GenAI-Perf. */
export const aiperf: PeerTool = {
  id: 'aiperf',
  title: 'NVIDIA AIPerf',
  basis: 'AIPerf metrics reference of 2026, without --per-chunk-usage',
  limits: [
    'AIPerf counts tokens with its own tokenizer by default; this takes the tokenizer’s count where there was one, else the server’s usage (its --use-server-token-count).',
    'Chunks that hold only a tool call are left out: its reference speaks of content and reasoning.',
  ],
  differences: [
    {
      metric: 'ttft',
      theirs: 'time_to_first_token',
      difference:
        'Counts from just before the POST, connection set-up inside and waits before it outside; ends at the first chunk with text (content or reasoning).',
      source: reference,
    },
    {
      metric: 'itl',
      theirs: 'inter_token_latency',
      difference:
        'One value a request: (latency - TTFT) / (N - 1). That is near `tpot` here, with the first chunk counted as one token.',
      source: reference,
    },
    {
      metric: 'tpot',
      theirs: 'inter_token_latency',
      difference: 'The name ITL; the first chunk counts as one token, however many it holds.',
      source: reference,
    },
    {
      metric: 'icl',
      theirs: 'inter_chunk_latency',
      difference: 'The same gaps, over chunks with text only.',
      source: reference,
    },
    {
      metric: 'e2e',
      theirs: 'request_latency',
      difference: 'Counts from just before the POST to the last chunk with text.',
      source: reference,
    },
    {
      metric: 'decode_rate',
      theirs: 'output_token_throughput_per_user',
      difference: '1 / its ITL.',
      source: reference,
    },
    {
      metric: 'prefill_rate',
      theirs: 'prefill_throughput_per_user',
      difference: 'Prompt tokens without the chat template, over its TTFT.',
      source: reference,
    },
    {
      metric: 'throughput_tok_s',
      theirs: 'output_token_throughput',
      difference:
        'All output tokens of the requests that succeeded, over the time from the first request to the last content: ramp-up and drain inside.',
      source: reference,
    },
    {
      metric: 'total_tok_s',
      theirs: 'total_token_throughput',
      difference: 'As output_token_throughput, with the prompt tokens without the chat template.',
      source: reference,
    },
    {
      metric: 'requests_per_s',
      theirs: 'request_throughput',
      difference: 'Requests that succeeded over the same time as output_token_throughput.',
      source: reference,
    },
    {
      metric: 'goodput_req_s',
      theirs: 'goodput',
      difference:
        'By its own TTFT, ITL and latency, over the same time as output_token_throughput; short outputs count.',
      source: reference,
    },
  ],
  summarize: summarizeAiperf,
};

function summarizeAiperf(run: LevelRun, slo: SloTemplate | null): PeerMetric[] {
  const counted = run.records.filter((record) => record.counted);
  const requests = counted.filter(({ outcome }) => outcome === 'ok').map(toAiperfRequest);
  const answered = requests.filter(({ contentMs }) => contentMs.length > 0);
  const isl = requests.reduce((sum, request) => sum + request.isl, 0);
  const osl = requests.reduce((sum, request) => sum + request.osl, 0);
  const seconds = durationS(answered);
  const per = (total: number) => (seconds === null ? null : total / seconds);
  const all = <T>(valueOf: (request: AiperfRequest) => T | null) =>
    answered.flatMap((request) => valueOf(request) ?? []);
  const good = slo === null ? null : answered.filter((request) => isGood(request, slo)).length;
  return [
    one('request_count', 'requests', requests.length, 'requests_ok'),
    one('error_request_count', 'requests', counted.length - requests.length, 'requests_failed'),
    one('benchmark_duration', 's', seconds, null),
    one('request_throughput', 'req/s', per(requests.length), 'requests_per_s'),
    one('output_token_throughput', 'tok/s', per(osl), 'throughput_tok_s'),
    one('total_token_throughput', 'tok/s', per(isl + osl), 'total_tok_s'),
    one('goodput', 'req/s', good === null ? null : per(good), 'goodput_req_s'),
    one(
      'good_request_fraction',
      'share',
      good === null || counted.length === 0 ? null : good / counted.length,
      'slo_attainment',
    ),
    ...spread('time_to_first_token', 'ms', all(ttftOf), ['ttft', '_ms']),
    ...spread('time_to_second_token', 'ms', all(secondOf), null),
    ...spread('inter_token_latency', 'ms', all(itlOf), ['itl', '_ms']),
    ...spread('inter_chunk_latency', 'ms', answered.flatMap(gapsOf), ['icl', '_ms']),
    ...spread('request_latency', 'ms', all(latencyOf), ['e2e', '_ms']),
    ...spread('output_token_throughput_per_user', 'tok/s', all(perUserOf), [
      'decode_rate',
      '_tok_s',
    ]),
    ...spread('prefill_throughput_per_user', 'tok/s', all(prefillOf), ['prefill_rate', '_tok_s']),
    ...spread(
      'output_sequence_length',
      'tokens',
      requests.map((request) => request.osl),
      null,
    ),
    ...spread(
      'input_sequence_length',
      'tokens',
      requests.map((request) => request.isl),
      null,
    ),
  ];
}

function toAiperfRequest(record: RequestRecord): AiperfRequest {
  const { atUs, kind } = record.chunks;
  const contentMs: number[] = [];
  for (let i = 0; i < atUs.length; i++) {
    if (kind[i] !== ChunkKind.content && kind[i] !== ChunkKind.reasoning) continue;
    contentMs.push((atUs[i] as number) / 1000);
  }
  return {
    startMs: ((record.sentUs ?? record.intendedUs) - record.connectUs) / 1000,
    contentMs,
    isl: record.inputTokensAsked,
    osl: record.outputTokensCounted ?? outputTokensOf(record) ?? 0,
  };
}

const ttftOf = ({ startMs, contentMs }: AiperfRequest) => (contentMs[0] as number) - startMs;
const latencyOf = ({ startMs, contentMs }: AiperfRequest) => (contentMs.at(-1) as number) - startMs;
const secondOf = ({ contentMs: [first, second] }: AiperfRequest) =>
  first === undefined || second === undefined ? null : second - first;
const gapsOf = ({ contentMs }: AiperfRequest) =>
  contentMs.slice(1).map((at, i) => at - (contentMs[i] as number));
const itlOf = (request: AiperfRequest) =>
  request.osl < 2 ? null : (latencyOf(request) - ttftOf(request)) / (request.osl - 1);

function perUserOf(request: AiperfRequest): number | null {
  const itl = itlOf(request);
  return itl === null || itl <= 0 ? null : 1000 / itl;
}

function prefillOf(request: AiperfRequest): number | null {
  const ttft = ttftOf(request);
  return ttft <= 0 ? null : (1000 * request.isl) / ttft;
}

function isGood(request: AiperfRequest, { ttftMs, tpotMs, e2eMs }: SloTemplate): boolean {
  const within = (value: number | null, limit: number | null) =>
    limit === null || value === null || value <= limit;
  return (
    within(ttftOf(request), ttftMs) &&
    within(itlOf(request), tpotMs) &&
    within(latencyOf(request), e2eMs)
  );
}

/** From the first request to the last content. */
function durationS(answered: readonly AiperfRequest[]): number | null {
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const { startMs, contentMs } of answered) {
    first = Math.min(first, startMs);
    last = Math.max(last, contentMs.at(-1) as number);
  }
  return last > first ? (last - first) / 1000 : null;
}

function one(key: string, unit: string, value: number | null, ours: string | null): PeerMetric {
  return { key, unit, value, ours };
}

const statistics = [
  ['avg', 'mean'],
  ['p50', 'p50'],
  ['p90', 'p90'],
  ['p95', 'p95'],
  ['p99', 'p99'],
  ['max', 'max'],
  ['std', 'stdev'],
] as const;

function spread(
  key: string,
  unit: string,
  values: readonly number[],
  ours: readonly [family: string, suffix: string] | null,
): PeerMetric[] {
  const sorted = Float64Array.from(values).sort();
  const valueOf = (stat: (typeof statistics)[number][0]) => {
    if (stat === 'avg') return mean(values);
    if (stat === 'std') return populationStd(values);
    if (stat === 'max') return sorted.at(-1) ?? null;
    return linearPercentile(sorted, Number(stat.slice(1)));
  };
  return statistics.map(([stat, named]) => ({
    key: `${key}.${stat}`,
    unit,
    value: valueOf(stat),
    ours: oursOf(ours, named),
  }));
}

/** Rates have a mean and a median here, and nothing more. */
function oursOf(ours: readonly [family: string, suffix: string] | null, named: string) {
  if (ours === null) return null;
  const [family, suffix] = ours;
  const exists = suffix === '_ms' || named === 'mean' || named === 'p50';
  return exists ? `${family}_${named}${suffix}` : null;
}
