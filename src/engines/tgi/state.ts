import { askHttp, jsonOf } from '../http-json.ts';
import { metricsActivity } from '../metrics-activity.ts';
import { searchLog } from '../search-log.ts';

/** `/info`, and of the log what it does not tell: the attention and the batch's tokens. */
export async function readSettings(
  rootUrl: string,
  logPath: string,
): Promise<Record<string, unknown>> {
  const reply = await askHttp(`${rootUrl}/info`, { timeoutMs: 5_000 }).catch(() => null);
  const info = reply ? jsonOf(reply) : null;
  return {
    ...(typeof info === 'object' && info !== null && tgiSettings({ ...info })),
    ...(await readLogSettings(logPath)),
  };
}

/** Of `/info` (router/src/lib.rs at db931fcf, 3.3.6-dev0) all but names and paths of the model. */
export function tgiSettings(info: Record<string, unknown>): Record<string, unknown> {
  const told = [
    ...['max_concurrent_requests', 'max_input_tokens', 'max_total_tokens', 'validation_workers'],
    ...['max_client_batch_size', 'router', 'sha', 'docker_label'],
  ];
  const settings = {
    server_version: info['version'],
    ...Object.fromEntries(told.map((name) => [name, info[name]])),
  };
  return Object.fromEntries(
    Object.entries(settings).filter(([, value]) => value !== undefined && value !== null),
  );
}

/** Lines of launcher/src/main.rs and backends/v3/src/lib.rs at db931fcf (3.3.6-dev0). */
export async function readLogSettings(logPath: string): Promise<Record<string, unknown>> {
  const found = await searchLog(logPath, {
    attention: /Using attention (\S+) - Prefix caching (\S+)/,
    batchTokens: /Setting max batch total tokens to (\d+)/,
  });
  const [, attention, prefixCaching] = found.attention ?? [];
  const batchTokens = found.batchTokens?.[1];
  return {
    ...(attention !== undefined && { attention_backend: attention }),
    ...(prefixCaching !== undefined && { prefix_caching: !/^(0|false)$/i.test(prefixCaching) }),
    ...(batchTokens !== undefined && { max_batch_total_tokens: Number(batchTokens) }),
  };
}

export const readActivity = (rootUrl: string) =>
  metricsActivity(`${rootUrl}/metrics`, {
    prefix: 'tgi_',
    busy: ['tgi_batch_current_size', 'tgi_queue_size'],
    counters: ['tgi_request_count', 'tgi_request_success'],
  });
