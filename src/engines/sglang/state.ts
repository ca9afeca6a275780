import { askHttp, jsonOf } from '../http-json.ts';
import { metricsActivity } from '../metrics-activity.ts';

/** Of about 400 settings those that say how it computes; paths and keys are not among them. */
const told = [
  ...['attention_backend', 'prefill_attention_backend', 'decode_attention_backend'],
  ...['sampling_backend', 'schedule_policy', 'schedule_conservativeness'],
  ...['max_running_requests', 'max_total_num_tokens', 'max_req_input_len', 'context_length'],
  ...['chunked_prefill_size', 'max_prefill_tokens', 'enable_mixed_chunk'],
  ...['mem_fraction_static', 'page_size', 'kv_cache_dtype', 'dtype', 'quantization', 'device'],
  ...['tp_size', 'pp_size', 'dp_size', 'ep_size'],
  ...['disable_radix_cache', 'radix_eviction_policy', 'disable_overlap_schedule'],
  ...['disable_cuda_graph', 'cuda_graph_max_bs', 'num_continuous_decode_steps', 'stream_interval'],
  ...['speculative_algorithm', 'speculative_num_steps', 'speculative_num_draft_tokens'],
  'random_seed',
];

/** Effective settings, from `/server_info`, or `/get_server_info` of releases before December 2025. */
export async function readSettings(rootUrl: string): Promise<Record<string, unknown>> {
  for (const path of ['/server_info', '/get_server_info']) {
    const reply = await askHttp(rootUrl + path, { timeoutMs: 5_000 }).catch(() => null);
    const info = reply ? jsonOf(reply) : null;
    if (typeof info === 'object' && info !== null) return sglangSettings({ ...info });
  }
  return {};
}

/**
 * What a server info tells. The scheduler's own state comes before the arguments: what was left to
 * SGLang is decided there. Its policy also goes by the name that all engines share.
 * Source: the page recorded in SGLang's documentation on 2026-03-23.
 */
export function sglangSettings(info: Record<string, unknown>): Record<string, unknown> {
  const states = info['internal_states'];
  const [state] = Array.isArray(states) ? (states as Record<string, unknown>[]) : [];
  const of = (name: string) => state?.[name] ?? info[name];
  const both = [of('prefill_attention_backend'), of('decode_attention_backend')];
  const split = both.every((name) => typeof name === 'string') && both[0] !== both[1];
  const settings: Record<string, unknown> = {
    server_version: info['version'],
    ...Object.fromEntries(told.map((name) => [name, of(name)])),
    ...(split && { attention_backend: `${both[0]} (prefill), ${both[1]} (decode)` }),
    scheduling_policy: of('schedule_policy'),
  };
  // Null is what was not chosen: no quantisation, no second backend.
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined && value !== null),
  );
}

export const readActivity = (rootUrl: string) =>
  metricsActivity(`${rootUrl}/metrics`, {
    prefix: 'sglang:',
    busy: ['sglang:num_running_reqs', 'sglang:num_queue_reqs'],
    counters: ['sglang:prompt_tokens_total', 'sglang:generation_tokens_total'],
  });
