import { askHttp, jsonOf } from '../http-json.ts';

/**
 * The server has no page of settings: what it says of itself is the `system_fingerprint` of a reply,
 * `<mlx-lm>-<mlx>-<platform>-<device>`. Asked with the prompt that readiness asked, for one token.
 */
export async function readSettings(
  rootUrl: string,
  model: string,
): Promise<Record<string, unknown>> {
  const body = { model, prompt: 'Ready?', max_tokens: 1, temperature: 0 };
  const ask = { method: 'POST' as const, body, timeoutMs: 60_000 };
  const reply = await askHttp(`${rootUrl}/v1/completions`, ask).catch(() => null);
  const answer = reply && (jsonOf(reply) as { system_fingerprint?: unknown } | null);
  const fingerprint = answer?.system_fingerprint;
  return typeof fingerprint === 'string' ? { system_fingerprint: fingerprint } : {};
}
