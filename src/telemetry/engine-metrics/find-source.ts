import { messageOf } from '../../core/index.ts';
import { type ExpositionSample, parseExposition } from '../prometheus/parse-exposition.ts';
import type { MetricFamily } from './family.ts';
import { familyOf } from './read-page.ts';

/** A metrics page: `get` rejects with an error that says why it cannot be had. */
export interface MetricsPage {
  /** Without secrets. */
  readonly url: string;
  get(): Promise<string>;
}

/** The pages of an engine, one for each of its servers, and how to read them. */
export interface EngineSource {
  pages: readonly MetricsPage[];
  family: MetricFamily;
}

/**
 * Of each server the first page that is one of a known engine's.
 *
 * @param servers for each server the pages it may have, the likeliest first
 * @returns the source, or in words why there is none
 */
export async function findEngineSource(
  servers: readonly (readonly MetricsPage[])[],
): Promise<EngineSource | string> {
  const pages: MetricsPage[] = [];
  let family: MetricFamily | null = null;
  for (const candidates of servers) {
    const found = await firstReadable(candidates);
    if (typeof found === 'string') return found;
    if (family !== null && family !== found.family) {
      return `the servers are of different engines (${family.id}, ${found.family.id})`;
    }
    family = found.family;
    pages.push(found.page);
  }
  return family === null ? 'no server to ask' : { pages, family };
}

async function firstReadable(
  candidates: readonly MetricsPage[],
): Promise<{ page: MetricsPage; family: MetricFamily } | string> {
  // All at once: a server that hangs on one of them must not hold the run up for each.
  const looks = await Promise.all(
    candidates.map(async (page) => {
      try {
        const family = familyOf(readPage(await page.get()));
        return family === null
          ? `${page.url} has metrics of no engine that is known here`
          : { page, family };
      } catch (error) {
        return `${page.url}: ${messageOf(error)}`;
      }
    }),
  );
  const found = looks.find((look) => typeof look !== 'string');
  return found ?? looks.filter((look) => typeof look === 'string').join('; ');
}

/** @throws Error for a text that is no metrics page */
export function readPage(text: string): ExpositionSample[] {
  const { samples, unreadLines } = parseExposition(text);
  if (samples.length === 0 || unreadLines > samples.length) throw new Error('not a metrics page');
  return samples;
}
