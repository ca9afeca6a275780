import { describe, expect, it } from 'vitest';
import type { LevelEngine } from '../../model/index.ts';
import { renderHtml } from '../html/html-report.ts';
import { markdownReport } from '../markdown/markdown-report.ts';
import { renderSummary } from '../terminal/render-summary.ts';
import { makeEnvelope, makeLevelRun } from '../test-support.ts';
import { engineNote, engineTable, spreadTable, viewsTable } from './engine.ts';

const said: LevelEngine = {
  ...{ samples: 60, spanS: 59, running: { mean: 3.5, max: 4 }, waiting: { mean: 2, max: 9 } },
  ...{ kvUse: null, preemptions: null, prefixHitShare: 0, queueMs: 12.3, prefillMs: null },
  ...{ decodeMs: null, acceptedShare: null, promptTokensPerS: 500, generationTokensPerS: 250 },
  ttft: { engineMs: 80, clientMs: 100, outsideMs: 20, engineRequests: 31, clientRequests: 30 },
  ...{ e2e: null, reason: null },
};

const info = {
  ...{ urls: ['http://x/metrics'], family: 'llama.cpp', source: 'a page', intervalMs: 1000 },
  ...{ scrapes: 60, failed: 0, meanScrapeMs: 2, unavailable: ['kvUse', 'preemptions'] },
  ...{ file: 'engine-metrics.jsonl', reason: null },
};

function watched() {
  const base = makeEnvelope({ engineMetrics: info });
  const levels = base.levels.map((level) =>
    level.index === 3 ? level : { ...level, engine: said },
  );
  const finding = { code: 'knee-cause', severity: 'info', message: 'why: a queue.', level: 3 };
  return { ...base, levels, findings: [{ ...finding, severity: 'info' as const }] };
}

describe('what the engine says', () => {
  it('has a row a level that it spoke at, and no column that it never fills', () => {
    const table = engineTable(watched());
    expect(table?.head).toEqual([
      ...['Load', 'Running', 'Waiting', 'Prefix hits', 'Queue, ms', 'Prompt tok/s'],
      'Output tok/s',
    ]);
    expect(table?.rows.map(([load]) => load)).toEqual(['1 req/s', '2 req/s', '4 req/s']);
    expect(table?.rows[0]).toEqual([
      ...['1 req/s', '3.50 (4)', '2 (9)', '0 %', '12.3', '500', '250'],
    ]);
    expect(viewsTable(watched())?.rows[0]).toEqual([
      ...['1 req/s', 'TTFT from the send', '80', '100', '20', '20 %', '31', '30'],
    ]);
  });

  it('gives percentiles with what the buckets leave open', () => {
    const base = watched();
    const quantiles = [
      { p: 0.5, clientMs: 100, engineLowMs: 60, engineHighMs: 80 },
      { p: 0.9, clientMs: 700, engineLowMs: 640, engineHighMs: null },
    ];
    const ttft = { ...said.ttft, spread: { quantiles, ahead: null } } as LevelEngine['ttft'];
    const levels = base.levels.map((level) => ({ ...level, engine: { ...said, ttft } }));
    expect(spreadTable(base)).toBeNull();
    const rows = spreadTable({ ...base, levels })?.rows.map((row) => row.slice(1));
    expect(rows?.slice(0, 2)).toEqual([
      ['TTFT from the send', 'p50', '60 to 80', '100', '20 to 40'],
      ['TTFT from the send', 'p90', 'over 640', '700', 'up to 60'],
    ]);
  });

  it('is in every report, with the reason for the knee', () => {
    const envelope = watched();
    const text = renderSummary(envelope, { columns: 100, color: false });
    expect(text).toContain('running 3.50 (max 4), waiting 2 (max 9), prefix hits 0 %');
    expect(text).toMatch(/does not tell:\s+KV cache in use, preemptions/);
    const markdown = markdownReport.render({ envelope, levels: [] });
    expect(markdown).toContain('### What the engine says');
    expect(markdown).toContain('| 4 req/s | TTFT from the send | 80 | 100 | 20 | 20 % | 31 | 30 |');
    const run = makeLevelRun({ index: 2 });
    const engineSamples = [0, 1, 2].map((i) => ({
      ...{ atUs: run.windowStartUs + i * 100_000, tookMs: 1, reason: null },
      reading: {
        ...{ running: 4, waiting: i, kvUse: 0.5, preemptions: null, prefixHitTokens: null },
        ...{ prefixQueryTokens: null, promptTokens: null, generationTokens: null },
        ...{ draftTokens: null, acceptedTokens: null, acceptedShare: null, queue: null },
        ...{ prefill: null, decode: null, ttft: null, e2e: null },
      },
    }));
    const html = renderHtml({ envelope, levels: [run], engineSamples });
    expect(html).toContain('Why: a queue.');
    expect(html).toContain('id="engine-requests"');
    // This engine has no word on its KV cache at the levels, yet has over time.
    expect(html).not.toContain('id="engine-kv"');
    expect(html).toContain('id="engine-time-2"');
    expect(html).toContain('id="engine-time-2-kv-title"');
  });

  it('says why there is nothing, and nothing of results that did not look', () => {
    expect(engineNote(makeEnvelope())).toBeNull();
    const none = { ...info, family: null, urls: [], reason: 'http://x/metrics: HTTP 404' };
    const envelope = makeEnvelope({ engineMetrics: none });
    const words = 'Engine metrics: not measured: http://x/metrics: HTTP 404.';
    expect(engineNote(envelope)).toBe(words);
    expect(renderSummary(envelope, { columns: 100, color: false })).toContain(words);
    expect(renderHtml({ envelope, levels: [] })).toContain(words);
    expect(markdownReport.render({ envelope, levels: [] })).toContain('not measured');
    expect(engineTable(envelope)).toBeNull();
  });
});
