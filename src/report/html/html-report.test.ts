import { describe, expect, it } from 'vitest';
import type { Envelope, LevelRun } from '../../model/index.ts';
import { makeMethodEnvelope } from '../method.fixture.ts';
import {
  makeEnvelope,
  makeLevelMetrics,
  makeLevelRun,
  makeLevelRuns,
  makeLevelSummary,
  makeLoad,
} from '../test-support.ts';
import { hostileEnvelope } from './hostile.fixture.ts';
import { renderHtml } from './html-report.ts';

function wideEnvelope(levels: number): Envelope {
  return makeEnvelope({
    levels: Array.from({ length: levels }, (_, index) =>
      makeLevelSummary({
        index,
        load: makeLoad({ rateRps: 1 + index }),
        metrics: makeLevelMetrics({ ttftMs: 90 + 10 * index, itlMs: 15 + index, rps: 1 + index }),
      }),
    ),
    headline: 3,
  });
}

describe('the page as text', () => {
  it('holds no address to fetch from', () => {
    const html = renderHtml({ envelope: makeEnvelope(), levels: [] });
    expect(html).not.toMatch(/(?:src|href)="(?!#|data:)/);
    expect(html).not.toMatch(/@import|url\(/);
  });

  it('keeps names from becoming markup', () => {
    const html = renderHtml({ envelope: hostileEnvelope(), levels: [] });
    expect(html).not.toContain('<img');
    expect(html.match(/<script/g)).toHaveLength(3);
  });

  it('stays under 1.5 MB for a wide sweep of many requests', () => {
    const envelope = wideEnvelope(24);
    const html = renderHtml({ envelope, levels: makeLevelRuns(envelope, 1000) });
    expect(html).toMatch(/The first \d+ requests of the window, of 1000 on record\./);
    expect(html).toContain('6 of 24 levels are drawn');
    expect(Buffer.byteLength(html)).toBeLessThan(1_500_000);
  }, 60_000);

  it('says that records are missing', () => {
    const html = renderHtml({ envelope: makeEnvelope(), levels: [] });
    expect(html).toContain('The request records are not beside this result');
    expect(html).not.toContain('id="timeline-heading"');
  });

  it('says what it does not know, and never shows it as 0', () => {
    const base = makeEnvelope();
    const html = renderHtml({
      envelope: { ...base, engine: { ...base.engine, id: null, version: null, settings: {} } },
      levels: [],
    });
    expect(html).toMatch(/<dt>Attention backend<\/dt><dd class="unknown">unknown<\/dd>/);
    expect(html).toMatch(/<dt>Tensor parallel<\/dt><dd class="unknown">unknown<\/dd>/);
    expect(html).toContain('Power, mean</th><td>not measured</td>');
    // Not written by this run at all: no section, rather than an empty one.
    for (const id of ['checklist', 'search', 'max-load']) expect(html).not.toContain(`id="${id}"`);
  });

  it('names the condition in every row of results, with each SLO its highest rate', () => {
    const html = renderHtml({ envelope: makeMethodEnvelope(), levels: [] });
    const results = html.slice(html.indexOf('id="results"'), html.indexOf('id="trade-off"'));
    const rows = results.split('<tr>').slice(2);
    expect(rows.length).toBeGreaterThan(12);
    for (const row of rows.slice(0, 10)) {
      expect(row).toContain('open, poisson, 4 req/s sustained, 60 s, n = 300; random-words');
    }
    expect(results).toContain(
      'Max request rate, llm.standard:ttft</th><td>3.87 req/s (4 planned)</td>',
    );
    expect(results).toContain(
      'Max request rate, llm.standard:tpot</th><td>6.12 req/s (6 planned)</td>',
    );
  });

  it('draws every request of the gate in front of the server, and lists it', () => {
    const html = renderHtml({ envelope: makeMethodEnvelope(), levels: [] });
    const figure = html.slice(html.indexOf('<figure id="warm-1"'));
    const drawn = figure.slice(0, figure.indexOf('</figure>'));
    // 41 requests, one of which has no TPOT.
    expect(drawn.match(/class="dot"/g)).toHaveLength(41 + 40);
    expect(drawn).toContain('request 1, TTFT: 140 ms');
    expect(drawn).toContain('<tr><th scope="row">8</th><td>91.4</td><td>—</td></tr>');
    // Of results from before there were any, there is none.
    expect(renderHtml({ envelope: makeEnvelope(), levels: [] })).not.toContain('id="warm-1"');
  });

  it('gives a throughput only with the latency beside it', () => {
    const html = renderHtml({ envelope: makeMethodEnvelope(), levels: [] });
    expect(html).toMatch(/<p class="big">253 tok\/s at 18\.5 ms p50 ITL<\/p>/);
  });

  it('costs about the same for a very long level, and says what it left out', () => {
    const envelope = makeEnvelope();
    const html = renderHtml({ envelope, levels: longRuns(envelope, 120_000) });
    expect(html).toMatch(/Drawn from one request in \d+\./);
    expect(html).toContain('of 60 stretches of 2000 requests each');
    expect(Buffer.byteLength(html)).toBeLessThan(1_500_000);
  }, 60_000);
});

/** So many requests in little memory: the same few over and over, each at a time of its own. */
function longRuns(envelope: Envelope, requests: number): LevelRun[] {
  return envelope.levels.slice(2, 3).map((level) => {
    const short = makeLevelRun({ index: level.index, load: level.load, requests: 500 });
    const lengthUs = short.windowEndUs - short.windowStartUs;
    const shift = (value: number | null, by: number) => (value === null ? null : value + by);
    const records = Array.from({ length: requests }, (_, i) => {
      const record = short.records[i % 498] as LevelRun['records'][number];
      const by = Math.floor(i / 498) * lengthUs;
      return {
        ...record,
        ...{ index: i, intendedUs: record.intendedUs + by, endUs: record.endUs + by },
        sentUs: shift(record.sentUs, by),
        firstTokenUs: shift(record.firstTokenUs, by),
        lastTokenUs: shift(record.lastTokenUs, by),
      };
    });
    return { ...short, records, windowEndUs: short.windowStartUs + lengthUs * (requests / 498) };
  });
}
