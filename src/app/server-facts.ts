import { type ClientTarget, createTargetProbe } from '../client/index.ts';
import { type Clock, sleepMs } from '../core/index.ts';
import { sglangSettings, tgiSettings, vllmCacheSettings } from '../engines/index.ts';

/** What a server tells about itself without generating anything; null = it does not say. */
export interface ServerFacts {
  ids: string[] | null;
  /** Why there is no list of models. */
  reason: string | null;
  /** No connection at all. */
  unreachable: boolean;
  /** No reply to the first question in time; the others were not asked. */
  silent: boolean;
  slots: number | null;
  /** Context of one request, prompt and output together. */
  maxModelTokens: number | null;
  /** `llama.cpp`, `vllm`, ... where it can be told from its answers. */
  engine: string | null;
  version: string | null;
  /** File or name of the weights, where the server tells it. */
  weights: string | null;
  settings: Record<string, unknown>;
}

/** Each question's limit, milliseconds; a shorter request timeout counts here too. */
const longestSilenceMs = 10_000;

/**
 * Asks `/v1/models`, and `/props` (llama.cpp), `/version` (vLLM, TensorRT-LLM), `/metrics` (vLLM's cache),
 * `/server_info` (SGLang, the PyTorch reference) and `/info` (TGI) where they exist.
 *
 * @throws the signal's reason when it is aborted
 */
export async function readServerFacts(
  target: ClientTarget,
  clock: Clock,
  signal: AbortSignal,
): Promise<ServerFacts> {
  const probe = createTargetProbe(target, { clock });
  const limitMs = Math.min(longestSilenceMs, target.timeouts.totalMs);
  const within = async <T>(asked: Promise<T>): Promise<T | null> => {
    const answered = new AbortController();
    const waiting = AbortSignal.any([signal, answered.signal]);
    const silence = sleepMs(clock, limitMs, waiting).then(() => null);
    try {
      return await Promise.race([asked, silence]);
    } finally {
      silence.catch(() => {});
      answered.abort();
    }
  };
  const getJson = async (path: string) => object((await within(probe.getJson(path)))?.json);
  try {
    const base = new URL(target.url).pathname.replace(/\/+$/, '');
    const answer = await within(probe.listModels());
    const listed = answer ?? { ids: null, reason: `no reply in ${limitMs / 1000} s` };
    const facts: ServerFacts = {
      ids: listed.ids,
      reason: listed.reason,
      unreachable: /ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN/.test(
        listed.reason ?? '',
      ),
      silent: answer === null,
      slots: null,
      maxModelTokens: null,
      engine: null,
      version: null,
      weights: null,
      settings: {},
    };
    if (facts.unreachable || facts.silent) return facts;
    const models = await getJson(`${base}/models`);
    const [first] = array(models['data']).map(object);
    if (first !== undefined) {
      facts.maxModelTokens = number(first['max_model_len']);
      const owner = text(first['owned_by']);
      if (owner === 'vllm') facts.engine = owner;
      if (owner === 'sglang') {
        let info = await getJson('/server_info');
        // Releases before December 2025.
        if (Object.keys(info).length === 0) info = await getJson('/get_server_info');
        facts.engine = owner;
        facts.version = text(info['version']);
        facts.settings = sglangSettings(info);
        return facts;
      }
      if (owner === 'tensorrt_llm') {
        facts.engine = 'trtllm';
        facts.version = text((await getJson('/version'))['version']);
        return facts;
      }
      if (owner === 'llamacpp') facts.engine = 'llama.cpp';
      if (owner === 'pytorch-reference') {
        const info = await getJson('/server_info');
        facts.engine = 'pytorch';
        const named = ['torch', 'transformers'].flatMap((name) => {
          const version = text(info[name]);
          return version === null ? [] : [`${name} ${version}`];
        });
        facts.version = named.length === 0 ? null : named.join(', ');
        facts.slots = 1;
        facts.settings = info;
        return facts;
      }
    }
    const props = await getJson('/props');
    if (props['default_generation_settings'] !== undefined) {
      facts.engine = 'llama.cpp';
      facts.slots = number(props['total_slots']);
      facts.maxModelTokens = number(object(props['default_generation_settings'])['n_ctx']);
      facts.version = text(props['build_info']);
      facts.weights = text(props['model_path']);
      facts.settings = { slots: facts.slots, contextTokensPerSlot: facts.maxModelTokens };
    } else if (facts.engine === 'vllm' || facts.engine === null) {
      facts.version = text((await getJson('/version'))['version']);
      if (facts.version !== null && facts.engine === null) facts.engine = 'vllm';
      if (facts.engine === 'vllm') {
        const page = await within(probe.getText('/metrics', limitMs));
        if (page?.error === null) facts.settings = vllmCacheSettings(page.text);
      }
      if (facts.engine === null) {
        // TGI's models are owned by themselves.
        const info = await getJson('/info');
        if (text(info['router'])?.startsWith('text-generation-router') === true) {
          facts.engine = 'tgi';
          facts.version = text(info['version']);
          facts.maxModelTokens = number(info['max_total_tokens']);
          facts.settings = tgiSettings(info);
        }
      }
    }
    return facts;
  } finally {
    await probe.close();
  }
}

const object = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
const array = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const number = (value: unknown): number | null => (typeof value === 'number' ? value : null);
const text = (value: unknown): string | null =>
  typeof value === 'string' && value !== '' ? value : null;
