import type { SimContext } from './sim-context.ts';
import type { TruthRecord } from './truth-log.ts';

interface Time {
  sumUs: number;
  count: number;
}

interface Totals {
  promptTokens: number;
  outputTokens: number;
  cachedTokens: number;
  queue: Time;
  prefill: Time;
  decode: Time;
  ttft: Time;
  e2e: Time;
}

const noTotals = (): Totals => ({
  ...{ promptTokens: 0, outputTokens: 0, cachedTokens: 0 },
  ...{ queue: { sumUs: 0, count: 0 }, prefill: { sumUs: 0, count: 0 } },
  ...{ decode: { sumUs: 0, count: 0 }, ttft: { sumUs: 0, count: 0 }, e2e: { sumUs: 0, count: 0 } },
});

/** Ended requests at the head of a log, counted once: a page must not cost what the whole log costs. */
const counted = new WeakMap<readonly TruthRecord[], { upTo: number; totals: Totals }>();

/** `GET /metrics` with the names of vLLM, out of the truth log. KV cache and preemptions have no model. */
export function renderMetricsPage({ engine, spec, truth }: SimContext): string {
  const head = counted.get(truth) ?? { upTo: 0, totals: noTotals() };
  counted.set(truth, head);
  while (truth[head.upTo]?.endUs != null) add(head.totals, truth[head.upTo++] as TruthRecord);
  const all = structuredClone(head.totals);
  for (let i = head.upTo; i < truth.length; i++) add(all, truth[i] as TruthRecord);

  const labels = `engine="0",model_name="${spec.models[0]}"`;
  const single = (name: string, type: string, help: string, value: number) =>
    `# HELP vllm:${name} ${help}\n# TYPE vllm:${name} ${type}\nvllm:${name}{${labels}} ${value}\n`;
  const times = (name: string, help: string, { sumUs, count }: Time) =>
    [
      `# HELP vllm:${name} ${help}`,
      `# TYPE vllm:${name} histogram`,
      `vllm:${name}_bucket{${labels},le="+Inf"} ${count}`,
      `vllm:${name}_count{${labels}} ${count}`,
      `vllm:${name}_sum{${labels}} ${sumUs / 1e6}\n`,
    ].join('\n');
  const page = [
    single('num_requests_running', 'gauge', 'Requests that hold a slot.', engine.running()),
    single('num_requests_waiting', 'gauge', 'Requests that wait for a slot.', engine.waiting()),
    single('prompt_tokens_total', 'counter', 'Of started requests.', all.promptTokens),
    single('generation_tokens_total', 'counter', 'Tokens written.', all.outputTokens),
    single('prefix_cache_queries_total', 'counter', 'Tokens looked up.', all.promptTokens),
    single('prefix_cache_hits_total', 'counter', 'Tokens found.', all.cachedTokens),
    times('request_queue_time_seconds', 'From arrival to its slot.', all.queue),
    times('request_prefill_time_seconds', 'From its slot to the first token.', all.prefill),
    times('request_decode_time_seconds', 'From the first to the last token.', all.decode),
    times('time_to_first_token_seconds', 'From arrival to the first token.', all.ttft),
    times('e2e_request_latency_seconds', 'From arrival to the last token.', all.e2e),
  ].join('');
  return spec.quirks.foreignMetrics ? page.replaceAll('vllm:', 'foreign_') : page;
}

function add(totals: Totals, record: TruthRecord): void {
  const { receivedUs, queuedUs, startedUs, tokens, outcome } = record;
  const first = tokens[0]?.atUs ?? null;
  const last = outcome === 'complete' ? (tokens.at(-1)?.atUs ?? null) : null;
  if (startedUs !== null) totals.promptTokens += record.promptTokens ?? 0;
  totals.outputTokens += record.outputTokens;
  totals.cachedTokens += record.cachedTokens;
  count(totals.queue, queuedUs, startedUs);
  count(totals.prefill, startedUs, first);
  count(totals.decode, first, last);
  count(totals.ttft, receivedUs, first);
  count(totals.e2e, receivedUs, last);
}

function count(time: Time, fromUs: number | null, toUs: number | null): void {
  if (fromUs === null || toUs === null) return;
  time.sumUs += toUs - fromUs;
  time.count++;
}
