import { askHttp, jsonOf } from '../http-json.ts';
import { searchLog } from '../search-log.ts';

/** Of `vllm:cache_config_info`, what says how large the cache is and how it works. */
const cacheLabels = [
  ...['num_gpu_blocks', 'block_size', 'cache_dtype', 'enable_prefix_caching'],
  ...['gpu_memory_utilization', 'kv_cache_size_tokens', 'kv_cache_max_concurrency'],
];

/**
 * Effective settings, from `/version`, `/v1/models`, `/metrics` and the log; what is not told is
 * left out.
 */
export async function readSettings(
  rootUrl: string,
  logPath: string,
): Promise<Record<string, unknown>> {
  const version = (await getJson(`${rootUrl}/version`)) as { version?: string } | null;
  const models = (await getJson(`${rootUrl}/v1/models`)) as {
    data?: { root?: string; max_model_len?: number }[];
  } | null;
  const page = await askHttp(`${rootUrl}/metrics`, { timeoutMs: 5_000 }).catch(() => null);
  const settings: Record<string, unknown> = {
    server_version: version?.version,
    model_root: models?.data?.[0]?.root,
    max_model_len: models?.data?.[0]?.max_model_len,
    ...(page?.status === 200 ? vllmCacheSettings(page.text) : {}),
    ...(await readLogSettings(logPath)),
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

/**
 * What only the log says. The backend: `cuda.py` of 0.15 to 0.19 (logs of March to August 2026), of
 * 0.11 and 0.12, and of the releases before. The policy: vLLM logs the arguments that are not its
 * defaults, and its default is fcfs (vllm/config/scheduler.py at 01230b40).
 */
export async function readLogSettings(logPath: string): Promise<Record<string, unknown>> {
  const found = await searchLog(logPath, {
    backend:
      /Using (?:AttentionBackendEnum\.(\w+) backend|(\w+) attention backend|([A-Z]\w*(?: [A-Z]\w*)?) backend on V1 engine|(Torch SDPA) backend)/,
    given: /non-default args: (\{.*\})/,
  });
  const backend = found.backend?.slice(1).find((name) => name !== undefined);
  const given = found.given?.[1];
  return {
    ...(backend !== undefined && { attention_backend: backend }),
    ...(given !== undefined && {
      scheduling_policy: /'scheduling_policy': '(\w+)'/.exec(given)?.[1] ?? 'fcfs',
    }),
  };
}

/** Labels as they stand there, Python's words for truth and nothing made JSON's. */
export function vllmCacheSettings(metricsPage: string): Record<string, unknown> {
  const labels = /^vllm:cache_config_info\{(.*)\}/m.exec(metricsPage)?.[1] ?? '';
  const words: Record<string, unknown> = { True: true, False: false, None: null };
  const all = new Map(
    [...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = '', text = '']) => [name, text]),
  );
  return Object.fromEntries(
    cacheLabels.flatMap((name) => {
      const text = all.get(name);
      if (text === undefined) return [];
      if (text in words) return [[name, words[text]]];
      return [[name, text !== '' && Number.isFinite(Number(text)) ? Number(text) : text]];
    }),
  );
}

/** From the counters of `/metrics`; null when the server has none. */
export async function readActivity(rootUrl: string): Promise<string | null> {
  const reply = await askHttp(`${rootUrl}/metrics`, { timeoutMs: 2_000 }).catch(() => null);
  if (reply?.status !== 200) return null;
  const value = (name: string) =>
    new RegExp(`^vllm:${name}\\{[^}]*\\} (\\S+)`, 'm').exec(reply.text)?.[1] ?? null;
  const atWork = Number(value('num_requests_running')) + Number(value('num_requests_waiting'));
  if (atWork > 0) return 'busy';
  const counters = ['prompt_tokens_total', 'generation_tokens_total'].map(value);
  return counters.every((counter) => counter === null) ? null : counters.join('/');
}

async function getJson(url: string): Promise<unknown> {
  const reply = await askHttp(url, { timeoutMs: 5_000 }).catch(() => null);
  return reply ? jsonOf(reply) : null;
}
