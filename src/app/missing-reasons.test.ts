import { expect, it } from 'vitest';
import type { Envelope } from '../model/index.ts';
import { createGoldenResults } from '../testing/index.ts';
import { missingReasons } from './missing-reasons.ts';

const [golden] = createGoldenResults();
const envelope = structuredClone((golden as { envelope: Envelope }).envelope);
const [level] = envelope.levels as [Envelope['levels'][number]];

const reasonsOf = (values: Record<string, number | null>, over: Partial<Envelope> = {}) =>
  missingReasons({ ...envelope, ...over, metrics: { ...envelope.metrics, values } }, level);

it('says how many requests a percentile needs', () => {
  const values = { requests_ok: 60, ttft_p50_ms: 5, ttft_p90_ms: 9, ttft_p99_ms: null };
  expect(reasonsOf(values)).toEqual({ ttft_p99_ms: 'needs 100 requests, 60 succeeded' });
});

it('does not blame the number of requests where there is nothing to measure', () => {
  const reasons = reasonsOf({ requests_ok: 60, tpot_p50_ms: null, tpot_p99_ms: null });
  expect(reasons['tpot_p99_ms']).toBe(reasons['tpot_p50_ms']);
  expect(reasons['tpot_p99_ms']).toMatch(/no answer/);
});

it('says why there is no goodput of a search', () => {
  const open = { ...level, load: { ...level.load, kind: 'open' as const } };
  const slo = { id: 's', ttftMs: 1, tpotMs: null, e2eMs: null, quantile: 0.99 };
  const values = { goodput_at_slo: null };
  const why = (over: Partial<Envelope>) => reasonsOf(values, over)['goodput_at_slo'];
  expect(why({ slo: null })).toBe('no SLO was given');
  expect(why({ slo, levels: [open] })).toBe('one level: no search');
  expect(why({ slo, levels: [open, open] })).toBeUndefined();
});
