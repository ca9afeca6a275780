import { askHttp } from './http-json.ts';

export interface ActivityNames {
  /** Beginning of the page's own names, by which it is known. */
  prefix: string;
  /** Gauges that are above 0 while requests are there. */
  busy: readonly string[];
  /** Counters that grow with each request. */
  counters: readonly string[];
}

/** From a page of Prometheus metrics; null when the server has none, or not one of this engine. */
export async function metricsActivity(url: string, names: ActivityNames): Promise<string | null> {
  const reply = await askHttp(url, { timeoutMs: 2_000 }).catch(() => null);
  return reply?.status === 200 ? activityOf(reply.text, names) : null;
}

/** A counter that is not there yet counts as 0: some are made with their first event. */
export function activityOf(page: string, { prefix, busy, counters }: ActivityNames): string | null {
  if (!page.split('\n').some((line) => line.startsWith(prefix))) return null;
  const sums = new Map<string, number>();
  for (const [, name = '', value] of page.matchAll(/^([\w:]+)(?:\{.*\})? (\S+)/gm)) {
    sums.set(name, (sums.get(name) ?? 0) + Number(value));
  }
  if (busy.some((name) => (sums.get(name) ?? 0) > 0)) return 'busy';
  return counters.map((name) => sums.get(name) ?? 0).join('/');
}
