import type { ExpositionSample } from '../prometheus/parse-exposition.ts';

/** Lines of engine-metrics.jsonl; `docs/reference/result-format.md` describes them. */
export type SeriesLine =
  | { kind: 'header'; schema: typeof seriesSchema; family: string; urls: string[] }
  /** Names of the series from number `from` on: page (of several replicas) and series. */
  | { kind: 'series'; from: number; series: [page: number, series: string][] }
  /** What changed since the scrape before; numbers that JSON lacks are texts. */
  | {
      kind: 'scrape';
      atUs: number;
      tookMs: number;
      set: [series: number, value: number | string][];
      gone: number[];
    }
  | { kind: 'failure'; atUs: number; tookMs: number; reason: string };

export const seriesSchema = 'inferencebench.engine-metrics.v1';

/** Turns whole pages into lines that hold only what changed: most of a page does not. */
export interface SeriesLog {
  scrape(at: { atUs: number; tookMs: number }, pages: readonly ExpositionSample[][]): SeriesLine[];
}

export function createSeriesLog(): SeriesLog {
  const numbers = new Map<string, number>();
  const values = new Map<number, number>();
  return {
    scrape(at, pages) {
      const from = numbers.size;
      const fresh: [number, string][] = [];
      const set: [number, number | string][] = [];
      const seen = new Set<number>();
      pages.forEach((samples, page) => {
        for (const { series, value } of samples) {
          const key = `${page} ${series}`;
          const number = numbers.get(key) ?? numbers.size;
          if (number === numbers.size) {
            numbers.set(key, number);
            fresh.push([page, series]);
          }
          seen.add(number);
          if (Object.is(values.get(number), value)) continue;
          values.set(number, value);
          set.push([number, Number.isFinite(value) ? value : String(value)]);
        }
      });
      const gone = [...values.keys()].filter((number) => !seen.has(number));
      for (const number of gone) values.delete(number);
      return [
        ...(fresh.length === 0 ? [] : [{ kind: 'series' as const, from, series: fresh }]),
        { kind: 'scrape', ...at, set, gone },
      ];
    },
  };
}
