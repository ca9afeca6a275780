import {
  type ClientTarget,
  createTargetProbe,
  singleTargetsOf,
  type TargetProbe,
} from '../../client/index.ts';
import { type Clock, redactText } from '../../core/index.ts';
import type { MetricsPage } from '../../telemetry/index.ts';

/** A page that takes longer is of no use to a look once a second. */
const pageTimeoutMs = 5_000;

/** Metrics pages over connections of their own. */
export interface EnginePages {
  /** For each server the pages it may have, the likeliest first. */
  servers: MetricsPage[][];
  close(): Promise<void>;
}

/**
 * The pages to ask: those given, else where engines have them beside each of the target's URLs.
 * Headers, and the key among them, go to the target's own origins only.
 */
export function openEnginePages(
  target: ClientTarget,
  metricsUrls: readonly string[],
  clock: Clock,
): EnginePages {
  const probes: TargetProbe[] = [];
  const page = (one: ClientTarget, url: URL): MetricsPage => {
    const own = new URL(one.url).origin === url.origin;
    const headers = own ? one.headers : {};
    const probe = createTargetProbe({ ...one, url: own ? one.url : url.href, headers }, { clock });
    probes.push(probe);
    return {
      url: redactText(url.href),
      async get() {
        const { text, error } = await probe.getText(`${url.pathname}${url.search}`, pageTimeoutMs);
        if (error !== null) throw new Error(error);
        return text;
      },
    };
  };
  const singles = singleTargetsOf(target);
  const servers =
    metricsUrls.length > 0
      ? metricsUrls.map((url) => {
          const asked = new URL(url);
          const same = singles.find((one) => new URL(one.url).origin === asked.origin);
          return [page(same ?? target, asked)];
        })
      : singles.map((one) => metricsUrlsOf(one.url).map((url) => page(one, url)));
  return {
    servers,
    async close() {
      await Promise.all(probes.map((probe) => probe.close()));
    },
  };
}

/** One page of something else than the target: no header of the target goes there. */
export function openOtherPage(
  target: ClientTarget,
  url: string,
  clock: Clock,
): { page: MetricsPage; close(): Promise<void> } {
  const opened = openEnginePages({ ...target, urls: [], headers: {} }, [url], clock);
  return { page: opened.servers[0]?.[0] as MetricsPage, close: opened.close };
}

/** Beside the base URL's `/v1`, at the root, and where TensorRT-LLM has it. */
export function metricsUrlsOf(baseUrl: string): URL[] {
  const url = new URL(baseUrl);
  const base = url.pathname.replace(/\/+$/, '').replace(/\/v\d+$/, '');
  const paths = [`${base}/metrics`, '/metrics', '/prometheus/metrics'];
  return [...new Set(paths)].map((path) => new URL(path, url.origin));
}
