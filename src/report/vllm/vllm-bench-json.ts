import type { Envelope, LevelRun, LoadSpec, SloTemplate } from '../../model/index.ts';
import {
  aggregateVllm,
  maxConcurrentRequests,
  maxOutputTokensPerS,
  type VllmMetric,
  type VllmRequest,
} from './aggregates.ts';
import { toVllmRequest } from './vllm-request.ts';

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
  const ok = requests.filter((request) => request.success);
  const sum = (pick: (request: VllmRequest) => number) =>
    ok.reduce((total, request) => total + pick(request), 0);
  const duration = durationS(run, requests);
  const per = (total: number) => (duration > 0 ? total / duration : null);
  const input = sum((request) => request.inputLen);
  const output = sum((request) => request.outputLen);
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
    duration,
    completed: ok.length,
    failed: requests.length - ok.length,
    total_input_tokens: input,
    total_output_tokens: output,
    request_throughput: per(ok.length),
    request_goodput: envelope.slo === null ? null : per(countGood(ok, envelope.slo)),
    output_throughput: per(output),
    total_token_throughput: per(input + output),
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

/** From the start of the schedule to the end of the last counted request: ramp and drain inside. */
function durationS(run: LevelRun, requests: readonly VllmRequest[]): number {
  let startUs = run.windowStartUs;
  for (const request of requests) startUs = Math.min(startUs, request.startS * 1e6);
  let endUs = startUs;
  for (const record of run.records) if (record.counted) endUs = Math.max(endUs, record.endUs);
  return (endUs - startUs) / 1e6;
}

function countGood(ok: readonly VllmRequest[], slo: SloTemplate): number {
  const within = (seconds: number, limitMs: number | null) =>
    limitMs === null || seconds * 1000 <= limitMs;
  return ok.filter((request) => {
    const tpotS =
      request.outputLen > 1 ? (request.latencyS - request.ttftS) / (request.outputLen - 1) : 0;
    return (
      within(request.ttftS, slo.ttftMs) &&
      within(tpotS, slo.tpotMs) &&
      within(request.latencyS, slo.e2eMs)
    );
  }).length;
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
