import { askHttp, jsonOf } from '../http-json.ts';

interface Props {
  build_info?: string;
  total_slots?: number;
  model_ftype?: string;
  default_generation_settings?: { n_ctx?: number };
}

interface Models {
  data?: { id?: string; meta?: Record<string, unknown> }[];
}

/** Effective settings, from `/props` and `/v1/models`; what is not told is left out. */
export async function readSettings(rootUrl: string): Promise<Record<string, unknown>> {
  const props = (await getJson(`${rootUrl}/props`)) as Props | null;
  const models = (await getJson(`${rootUrl}/v1/models`)) as Models | null;
  const { id, meta = {} } = models?.data?.[0] ?? {};
  const settings: Record<string, unknown> = {
    build_info: props?.build_info,
    total_slots: props?.total_slots,
    n_ctx_slot: props?.default_generation_settings?.n_ctx,
    model_ftype: props?.model_ftype ?? meta['ftype'],
    model_id: id,
    n_ctx_train: meta['n_ctx_train'],
    n_params: meta['n_params'],
    model_bytes: meta['size'],
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

/** Slots from `/props`; null where it does not tell them. */
export async function readSlots(rootUrl: string): Promise<number | null> {
  const slots = ((await getJson(`${rootUrl}/props`)) as Props | null)?.total_slots;
  return typeof slots === 'number' && slots >= 1 ? slots : null;
}

/** From the token counters of `/metrics`; null when the server has none. */
export async function readActivity(rootUrl: string): Promise<string | null> {
  const reply = await askHttp(`${rootUrl}/metrics`, { timeoutMs: 2_000 }).catch(() => null);
  if (reply?.status !== 200) return null;
  const value = (name: string) =>
    new RegExp(`^llamacpp:${name} (\\S+)`, 'm').exec(reply.text)?.[1] ?? null;
  const processing = Number(value('requests_processing') ?? 0);
  const deferred = Number(value('requests_deferred') ?? 0);
  if (processing + deferred > 0) return 'busy';
  const counters = ['prompt_tokens_total', 'tokens_predicted_total', 'n_decode_total'].map(value);
  return counters.every((counter) => counter === null) ? null : counters.join('/');
}

async function getJson(url: string): Promise<unknown> {
  const reply = await askHttp(url, { timeoutMs: 5_000 }).catch(() => null);
  return reply ? jsonOf(reply) : null;
}
