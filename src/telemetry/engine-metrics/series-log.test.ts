import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExposition } from '../prometheus/parse-exposition.ts';
import { vllmMetrics } from './families/vllm.ts';
import { readReading } from './read-page.ts';
import { samplesOf } from './read-series-log.ts';
import { createSeriesLog, type SeriesLine, seriesSchema } from './series-log.ts';

const header: SeriesLine = { kind: 'header', schema: seriesSchema, family: 'vllm', urls: ['x'] };

/** A series that may be missing, and whose value may be none. */
const series = fc.record({
  name: fc.constantFrom(
    'vllm:num_requests_running',
    'vllm:num_requests_waiting',
    'vllm:kv_cache_usage_perc',
    'vllm:time_to_first_token_seconds_sum',
    'vllm:time_to_first_token_seconds_count',
    'other_metric',
  ),
  engine: fc.constantFrom('0', '1', 'a "quoted" one'),
  value: fc.oneof(fc.nat(), fc.constantFrom('NaN', '+Inf', '0.25')),
});
const page = fc.uniqueArray(series, { selector: ({ name, engine }) => `${name} ${engine}` });

describe('the series of a run', () => {
  it('give back what each scrape said, whatever changed, came and went', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(page, page), { minLength: 1, maxLength: 6 }), (scrapes) => {
        const log = createSeriesLog();
        const parsed = scrapes.map((pages) =>
          pages.map((lines) => {
            const text = lines.map(
              ({ name, engine, value }) =>
                `${name}{engine="${engine.replaceAll('"', '\\"')}"} ${value}\n`,
            );
            return parseExposition(text.join('')).samples;
          }),
        );
        const lines = parsed.flatMap((pages, i) => log.scrape({ atUs: i, tookMs: 1 }, pages));
        // Through JSON, as the file has it.
        const stored = JSON.parse(JSON.stringify([header, ...lines])) as SeriesLine[];
        expect(samplesOf(stored).map(({ reading }) => reading)).toEqual(
          parsed.map((pages) => readReading(vllmMetrics, pages.flat())),
        );
      }),
    );
  });

  it('hold only what changed', () => {
    const log = createSeriesLog();
    const look = (waiting: number) =>
      log.scrape({ atUs: waiting, tookMs: 1 }, [
        parseExposition(`vllm:num_requests_running 1\nvllm:num_requests_waiting ${waiting}\n`)
          .samples,
      ]);
    expect(look(0)).toHaveLength(2);
    expect(look(7)).toEqual([{ kind: 'scrape', atUs: 7, tookMs: 1, set: [[1, 7]], gone: [] }]);
  });
});
