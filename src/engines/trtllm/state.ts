import { askHttp, jsonOf } from '../http-json.ts';
import { metricsActivity } from '../metrics-activity.ts';
import { searchLog } from '../search-log.ts';

/** `/version` and what the log says of the rest: the server tells no more. */
export async function readSettings(
  rootUrl: string,
  logPath: string,
): Promise<Record<string, unknown>> {
  const reply = await askHttp(`${rootUrl}/version`, { timeoutMs: 5_000 }).catch(() => null);
  const version = (reply && (jsonOf(reply) as { version?: string } | null))?.version;
  return {
    ...(version !== undefined && { server_version: version }),
    ...(await readLogSettings(logPath)),
  };
}

/**
 * The arguments of the PyTorch backend and the limits that were left of them, since a small KV
 * cache cuts the context without an error. Source: a log of 1.1.0rc3 (20 Dec 2025, GPT-OSS 120B on
 * a DGX Spark) for the first two; llmapi's SchedulerConfig, printed with "LLM Args", for the policy.
 */
export async function readLogSettings(logPath: string): Promise<Record<string, unknown>> {
  const found = await searchLog(logPath, {
    attention: /attn_backend='([^']+)'/,
    limits: /max_seq_len=(\d+), max_num_requests=\d+, max_num_tokens=(\d+), max_batch_size=(\d+)/,
    policy: /capacity_scheduler_policy=(?:<CapacitySchedulerPolicy\.)?'?([A-Z_]+)/,
    cacheTokens: /Allocated [\d.]+ GiB for max tokens in paged KV cache \((\d+)\)/,
  });
  const settings = {
    attention_backend: found.attention?.[1],
    scheduling_policy: found.policy?.[1],
    max_seq_len: numberOf(found.limits?.[1]),
    max_num_tokens: numberOf(found.limits?.[2]),
    max_batch_size: numberOf(found.limits?.[3]),
    kv_cache_size_tokens: numberOf(found.cacheTokens?.[1]),
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

const numberOf = (text: string | undefined) => (text === undefined ? undefined : Number(text));

export const readActivity = (rootUrl: string) =>
  metricsActivity(`${rootUrl}/prometheus/metrics`, {
    prefix: 'trtllm_',
    busy: ['trtllm_num_requests_running', 'trtllm_num_requests_waiting'],
    counters: ['trtllm_request_success_total', 'trtllm_generation_tokens_total'],
  });
