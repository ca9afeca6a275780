import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseExposition } from './parse-exposition.ts';

const recorded = (name: string) =>
  readFileSync(new URL(`../../../test/fixtures/engines/${name}`, import.meta.url), 'utf8');

const asObjects = (text: string) =>
  parseExposition(text).samples.map(({ name, labels, value }) => ({
    name,
    labels: Object.fromEntries(labels),
    value,
  }));

describe('parseExposition', () => {
  it('reads what the format allows', () => {
    // After the examples of the format's own documentation (prometheus.io, "Exposition formats").
    const page = [
      '# HELP http_requests_total The total number of HTTP requests.',
      '# TYPE http_requests_total counter',
      'http_requests_total{method="post",code="200"} 1027 1395066363000',
      'msdos_file_access_time_seconds{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\""} 1.458255915e9',
      'metric_without_timestamp_and_labels 12.47',
      'something_weird{problem="division by zero"} +Inf -3982045',
      '  spaced  { a = "1" , b="}{#," , }   -7e-3  ',
      'nothing{} NaN',
      '',
    ].join('\n');
    expect(asObjects(page)).toEqual([
      { name: 'http_requests_total', labels: { method: 'post', code: '200' }, value: 1027 },
      {
        name: 'msdos_file_access_time_seconds',
        labels: { path: 'C:\\DIR\\FILE.TXT', error: 'Cannot find file:\n"FILE.TXT"' },
        value: 1458255915,
      },
      { name: 'metric_without_timestamp_and_labels', labels: {}, value: 12.47 },
      {
        name: 'something_weird',
        labels: { problem: 'division by zero' },
        value: Number.POSITIVE_INFINITY,
      },
      { name: 'spaced', labels: { a: '1', b: '}{#,' }, value: -0.007 },
      { name: 'nothing', labels: {}, value: Number.NaN },
    ]);
  });

  it('leaves OpenMetrics exemplars and its end mark away', () => {
    const page = 'foo_bucket{le="10.0"} 17 # {trace_id="o#HKZR"} 9.8 1520879607.789\n# EOF\n';
    expect(asObjects(page)).toEqual([{ name: 'foo_bucket', labels: { le: '10.0' }, value: 17 }]);
  });

  it('takes a # behind an escaped quote for text', () => {
    const page = 'a{b="5\\" #1"} 2\nc{d="\\\\"} 3 # {trace_id="x"} 1\n';
    expect(asObjects(page)).toEqual([
      { name: 'a', labels: { b: '5" #1' }, value: 2 },
      { name: 'c', labels: { d: '\\' }, value: 3 },
    ]);
  });

  it('counts what it cannot read, and reads the rest', () => {
    const bad = ['a', 'a{', 'a{b="c} 1', 'a{b=c} 1', 'a 1 2 3', 'a ', '1a 1', 'a{b="c" d="e"} 1'];
    const odd = ['<html>', '{"json": 1}', 'a 0x10', 'a 1_000', 'a --1'];
    const { samples, unreadLines } = parseExposition([...bad, 'good 1', ...odd].join('\r\n'));
    expect(samples.map(({ name }) => name)).toEqual(['good']);
    expect(unreadLines).toBe(bad.length + odd.length);
  });

  it('reads the recorded pages of real engines to the last sample', () => {
    // Counts and sums by prometheus_client 0.26.0 (Python), text_string_to_metric_families.
    for (const [name, count, sum] of [
      ['vllm-metrics.txt', 472, 119_216_821_683.10999],
      ['llama-metrics.txt', 15, 4135.191769999999],
    ] as const) {
      const { samples, unreadLines } = parseExposition(recorded(name));
      expect(unreadLines).toBe(0);
      expect(samples.length).toBe(count);
      expect(samples.reduce((total, { value }) => total + value, 0) / sum).toBeCloseTo(1, 12);
    }
  });

  const label = fc.record({
    name: fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/),
    value: fc.string({ unit: 'binary', maxLength: 12 }),
  });
  const escaped = (text: string) =>
    text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

  it('gives back every sample that was written by the rules', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[A-Za-z_:][A-Za-z0-9_:]{0,12}$/),
        fc.uniqueArray(label, { selector: ({ name }) => name, maxLength: 4 }),
        fc.double({ noNaN: true }).map((number) => (number === 0 ? 0 : number)),
        (name, labels, value) => {
          const inside = labels.map((one) => `${one.name}="${escaped(one.value)}"`).join(',');
          const number = Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf';
          expect(asObjects(`${name}{${inside}} ${number}`)).toEqual([
            { name, labels: Object.fromEntries(labels.map((one) => [one.name, one.value])), value },
          ]);
        },
      ),
    );
  });

  it('survives any bytes, and never makes a number of none', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const { samples } = parseExposition(text);
        for (const { name, value } of samples) {
          expect(name).not.toBe('');
          expect(typeof value).toBe('number');
        }
      }),
    );
    fc.assert(
      fc.property(fc.nat({ max: 54_000 }), fc.string({ maxLength: 3 }), (at, noise) => {
        const page = recorded('vllm-metrics.txt');
        const torn = page.slice(0, at) + noise;
        expect(parseExposition(torn).unreadLines).toBeLessThanOrEqual(2);
      }),
      { numRuns: 30 },
    );
  });
});
