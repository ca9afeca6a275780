import type { LevelRun, SloTemplate } from '../../../model/index.ts';
import type { PeerMetric, PeerTool } from '../peer-tool.ts';
import {
  aggregateVllm,
  maxConcurrentRequests,
  maxOutputTokensPerS,
  type VllmMetric,
} from './aggregates.ts';
import { vllmTotals } from './totals.ts';
import { toVllmRequest } from './vllm-request.ts';

const serve = 'vllm-project/vllm, vllm/benchmarks/serve.py';
const requests = 'vllm-project/vllm, vllm/benchmarks/lib/endpoint_request_func.py';

/** Unit, and the key here of the same name. */
const totals: Readonly<Record<string, readonly [unit: string, ours: string | null]>> = {
  duration: ['s', null],
  completed: ['requests', 'requests_ok'],
  failed: ['requests', 'requests_failed'],
  total_input_tokens: ['tokens', 'input_tokens_total'],
  total_output_tokens: ['tokens', 'output_tokens_total'],
  request_throughput: ['req/s', 'requests_per_s'],
  request_goodput: ['req/s', 'goodput_req_s'],
  output_throughput: ['tok/s', 'throughput_tok_s'],
  total_token_throughput: ['tok/s', 'total_tok_s'],
};

const families: Readonly<Partial<Record<VllmMetric, string>>> = {
  ttft: 'ttft',
  tpot: 'tpot',
  itl: 'itl',
  e2el: 'e2e',
};
const percentiles = [50, 90, 95, 99];

/** `vllm bench serve`. */
export const vllm: PeerTool = {
  id: 'vllm',
  title: 'vLLM `bench serve`',
  basis: 'vLLM main of 2026; recomputes two recorded result files to 1e-9',
  limits: [
    'A first message with only a role that came in one network read with the first token is not on record: vLLM would count a gap of about 0.',
    'A last message that holds only a finish reason is not on record: vLLM ends the latency there, this at the last token.',
  ],
  differences: [
    {
      metric: 'ttft',
      theirs: 'ttft',
      difference:
        'Counts from just before the POST, connection set-up inside, the wait for the intended send or a concurrency cap outside; ends at the first message with choices, even one with only a role or empty text.',
      source: requests,
    },
    {
      metric: 'itl',
      theirs: 'itl',
      difference:
        'A gap between messages, whatever number of tokens they hold; pooled over all requests. That is `icl` here.',
      source: requests,
    },
    {
      metric: 'icl',
      theirs: 'itl',
      difference: 'The same, but from the first message with choices on.',
      source: requests,
    },
    {
      metric: 'tpot',
      theirs: 'tpot',
      difference:
        '(latency - TTFT) / (N - 1): the first message counts as one token, however many it holds.',
      source: serve,
    },
    {
      metric: 'e2e',
      theirs: 'e2el',
      difference: 'Counts from just before the POST, as its TTFT.',
      source: requests,
    },
    {
      metric: 'throughput_tok_s',
      theirs: 'output_throughput',
      difference:
        'All output tokens of the requests that succeeded, over the time from the first dispatch to the last end: ramp-up and drain inside.',
      source: serve,
    },
    {
      metric: 'total_tok_s',
      theirs: 'total_token_throughput',
      difference: 'As output_throughput, with the prompt tokens.',
      source: serve,
    },
    {
      metric: 'requests_per_s',
      theirs: 'request_throughput',
      difference: 'Requests that succeeded over the same time as output_throughput.',
      source: serve,
    },
    {
      metric: 'goodput_req_s',
      theirs: 'request_goodput',
      difference:
        'By its own TTFT, TPOT and latency, over the same time as output_throughput; short outputs count.',
      source: serve,
    },
  ],
  summarize: (run, slo) => summarizeVllm(run, slo),
};

function summarizeVllm(run: LevelRun, slo: SloTemplate | null): PeerMetric[] {
  const counted = run.records.filter((record) => record.counted).map(toVllmRequest);
  const figures = vllmTotals(run, counted, slo);
  const metrics = Object.keys(families) as VllmMetric[];
  const aggregates = aggregateVllm(counted, metrics, percentiles);
  return [
    ...Object.entries(totals).map(([key, [unit, ours]]): PeerMetric => {
      return { key, unit, value: figures[key] ?? null, ours };
    }),
    {
      key: 'max_output_tokens_per_s',
      unit: 'tok/s',
      value: maxOutputTokensPerS(counted),
      ours: null,
    },
    {
      key: 'max_concurrent_requests',
      unit: 'requests',
      value: maxConcurrentRequests(counted),
      ours: null,
    },
    ...Object.entries(aggregates).map(([key, value]): PeerMetric => {
      return { key, unit: 'ms', value, ours: oursOf(key) };
    }),
  ];
}

/** `median_ttft_ms` -> `ttft_p50_ms`. */
function oursOf(key: string): string | null {
  const [, stat = '', metric = ''] = /^(mean|median|std|p[\d.]+)_(.+)_ms$/.exec(key) ?? [];
  const family = families[metric as VllmMetric];
  const named = { median: 'p50', std: 'stdev' }[stat] ?? stat;
  return family === undefined ? null : `${family}_${named}_ms`;
}
