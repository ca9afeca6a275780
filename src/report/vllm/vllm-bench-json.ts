import {
  aggregateVllm,
  maxConcurrentRequests,
  maxOutputTokensPerS,
  toVllmRequest,
  type VllmMetric,
  vllmTotals,
} from '../../metrics/index.ts';
import type { Envelope, LevelRun, LoadSpec } from '../../model/index.ts';

export interface VllmBenchOptions {
  /** First part of the file name and the `label` key; the backend's name when null. */
  label: string | null;
  /** With the per-request arrays (`--save-detailed`). */
  detailed: boolean;
  /** `--metric-percentiles`; 50, 90, 95, 99 by default. */
  percentiles?: readonly number[];
  /** `--percentile-metrics`; ttft, tpot, itl, e2el by default. */
  metrics?: readonly VllmMetric[];
}

const defaultPercentiles = [50, 90, 95, 99];
const defaultMetrics: VllmMetric[] = ['ttft', 'tpot', 'itl', 'e2el'];

/**
 * One level as the result file of `vllm bench serve`, every key by vLLM's definition. Durations
 * in seconds, aggregates in milliseconds. Counted requests only. `date` and the file name are in
 * UTC (vLLM writes local time); generated texts are not kept, so that array holds empty strings.
 */
export function toVllmBenchJson(
  envelope: Envelope,
  run: LevelRun,
  options: VllmBenchOptions,
): { fileName: string; json: Record<string, unknown> } {
  const counted = run.records.filter((record) => record.counted);
  const requests = counted.map(toVllmRequest);
  const backend = envelope.target.api === 'chat' ? 'openai-chat' : 'openai';
  const modelId = envelope.model.served ?? envelope.model.asked;
  const date = compactDate(envelope.startedAt);
  const json = {
    date,
    endpoint_type: backend,
    backend,
    label: options.label,
    model_id: modelId,
    tokenizer_id: modelId,
    num_prompts: run.requestsPlanned,
    request_rate: requestRate(run.load),
    burstiness: burstiness(run.load.arrival),
    max_concurrency: run.load.maxConcurrency,
    ...vllmTotals(run, requests, envelope.slo),
    ...(options.detailed && {
      input_lens: requests.map((request) => request.inputLen),
      output_lens: requests.map((request) => request.outputLen),
      ttfts: requests.map((request) => request.ttftS),
      itls: requests.map((request) => request.itlS),
    }),
    latencies: requests.map((request) => request.latencyS),
    ...(options.detailed && { start_times: requests.map((request) => request.startS) }),
    queue_times: requests.map((request) => request.queueS),
    ...(options.detailed && {
      generated_texts: requests.map(() => ''),
      errors: counted.map((record) =>
        record.outcome === 'ok' ? '' : `${record.outcome}: ${record.error ?? ''}`,
      ),
    }),
    max_output_tokens_per_s: maxOutputTokensPerS(requests),
    max_concurrent_requests: maxConcurrentRequests(requests),
    rtfx: 0,
    ...aggregateVllm(
      requests,
      options.metrics ?? defaultMetrics,
      options.percentiles ?? defaultPercentiles,
    ),
  };
  const cap = run.load.maxConcurrency === null ? '' : `-concurrency${run.load.maxConcurrency}`;
  const name = [
    fileNamePart(options.label ?? backend),
    `${pythonFloat(json.request_rate)}qps${cap}`,
    fileNamePart(modelId.split('/').at(-1) ?? ''),
    date,
  ].join('-');
  return { fileName: `${name}.json`, json };
}

function requestRate(load: LoadSpec): number | 'inf' {
  return load.kind === 'closed' || load.rateRps === null ? 'inf' : load.rateRps;
}

/** vLLM's gamma shape; a constant rate is its limit, which JSON can only hold as a string. */
function burstiness(arrival: string | null): number | 'inf' {
  if (arrival === 'constant') return 'inf';
  return arrival?.startsWith('gamma:') ? Number(arrival.slice('gamma:'.length)) : 1;
}

/** As Python prints the float that vLLM puts into its file name: `1.0`, `2.5`, `inf`. */
function pythonFloat(rate: number | 'inf'): string {
  return typeof rate === 'number' && Number.isInteger(rate) ? rate.toFixed(1) : String(rate);
}

/** 2026-11-22T14:16:58.000Z -> 20261122-141658 */
function compactDate(iso: string): string {
  return iso.slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-');
}

function fileNamePart(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N}._+-]/gu, '_').replace(/^\.+/, '_') || '_';
}
