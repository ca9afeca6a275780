import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatLimit, limitToldOf } from './limit-told.ts';

const refused = (error: string) => ({ outcome: 'rate_limited' as const, error });

test('what a server said is read again as it was written', () => {
  const told = {
    retryAfterS: 20,
    headers: { 'x-ratelimit-limit-requests': '60', 'x-ratelimit-reset-requests': '1m30s' },
  };
  const text = formatLimit(told);
  expect(text).toBe(
    'retry-after: 20 s; x-ratelimit-limit-requests: 60; x-ratelimit-reset-requests: 1m30s',
  );
  expect(limitToldOf(refused(`HTTP 429 (${text}): Rate limit (60) reached; wait.`))).toEqual(told);
});

test('nothing was said', () => {
  expect(formatLimit({ retryAfterS: null, headers: {} })).toBe('');
  const nothing = { retryAfterS: null, headers: {} };
  expect(limitToldOf(refused('HTTP 429'))).toEqual(nothing);
  expect(limitToldOf(refused('HTTP 429: slow down (please): now'))).toEqual(nothing);
  expect(limitToldOf({ outcome: 'overloaded', error: null })).toEqual(nothing);
});

test('other outcomes tell of no limit, whatever their words', () => {
  const error = 'HTTP 500 (retry-after: 20 s)';
  expect(limitToldOf({ outcome: 'http_error', error })).toBeNull();
});

test('any values: what is read is a part of what was said, and the text stays short', () => {
  const name = fc.stringMatching(/^x-ratelimit-[a-z]{1,12}$/);
  const value = fc.string({
    unit: fc.integer({ min: 32, max: 126 }).map((c) => String.fromCharCode(c)),
    maxLength: 200,
  });
  const told = fc.record({
    retryAfterS: fc.option(fc.integer({ min: 0, max: 100_000 })),
    headers: fc.dictionary(name, value, { noNullPrototype: true }),
  });
  fc.assert(
    fc.property(told, (said) => {
      const text = formatLimit(said);
      expect(text.length).toBeLessThanOrEqual(320);
      const read = limitToldOf(refused(`HTTP 429 (${text}): why`));
      expect(read?.retryAfterS).toBe(said.retryAfterS);
      for (const [key, got] of Object.entries(read?.headers ?? {})) {
        expect(said.headers[key]?.replaceAll(/[();]/g, ',').slice(0, 60)).toBe(got);
      }
    }),
  );
});
