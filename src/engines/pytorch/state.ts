import { askHttp, jsonOf } from '../http-json.ts';

/** Effective settings, from the server's own `/server_info`; empty when it does not answer. */
export async function readSettings(rootUrl: string): Promise<Record<string, unknown>> {
  const reply = await askHttp(`${rootUrl}/server_info`, { timeoutMs: 5_000 }).catch(() => null);
  const info = reply ? jsonOf(reply) : null;
  return typeof info === 'object' && info !== null ? { ...info } : {};
}

/** From the counters of `/metrics`; null when the server has none. */
export async function readActivity(rootUrl: string): Promise<string | null> {
  const reply = await askHttp(`${rootUrl}/metrics`, { timeoutMs: 2_000 }).catch(() => null);
  if (reply?.status !== 200) return null;
  const value = (name: string) =>
    new RegExp(`^pytorch_reference:${name} (\\S+)`, 'm').exec(reply.text)?.[1] ?? null;
  const atWork = Number(value('requests_running')) + Number(value('requests_waiting'));
  if (atWork > 0) return 'busy';
  const counters = ['requests_total', 'prompt_tokens_total', 'generated_tokens_total'].map(value);
  return counters.every((counter) => counter === null) ? null : counters.join('/');
}
