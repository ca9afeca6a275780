import { describe, expect, test } from 'vitest';
import { joinApis } from './per-api.ts';
import { type CacheSigns, judgeCache } from './probes/cache.ts';
import { judgeCounters, judgeFreedSlot } from './probes/cancel.ts';

describe('prefix caching', () => {
  const signs = (pairs: CacheSigns['pairs'], more: Partial<CacheSigns> = {}): CacheSigns => ({
    ...{ pairs, shortMs: 20, words: 200, told: null, hits: null },
    ...more,
  });

  test.each<[string, CacheSigns, string]>([
    [
      'every repeat is much faster',
      signs([
        [300, 40],
        [320, 35],
        [290, 150],
      ]),
      'yes',
    ],
    [
      'one repeat is not',
      signs([
        [300, 40],
        [320, 35],
        [290, 260],
      ]),
      'unknown',
    ],
    [
      'repeats cost the same',
      signs([
        [300, 290],
        [320, 330],
        [290, 300],
      ]),
      'no',
    ],
    [
      'one outlier among them',
      signs([
        [900, 290],
        [320, 330],
        [290, 300],
      ]),
      'no',
    ],
    [
      'a prefill too short to be seen',
      signs([
        [25, 24],
        [30, 28],
        [26, 26],
      ]),
      'unknown',
    ],
    ['the usage tells cached tokens', signs([[25, 24]], { told: 128 }), 'yes'],
    ['the metrics tell cached tokens', signs([[25, 24]], { hits: 64 }), 'yes'],
    ['the usage tells none', signs([[25, 24]], { told: 0 }), 'no'],
    ['the metrics tell none', signs([[25, 24]], { hits: 0 }), 'no'],
  ])('%s', (_, given, verdict) => {
    expect(judgeCache(given)[0]).toBe(verdict);
  });
});

describe('cancel on disconnect', () => {
  test.each([
    [100, 5, 6, 'yes'],
    [100, 5, 0, 'yes'],
    [100, 5, 100, 'no'],
    [100, 5, 95, 'no'],
    [100, 5, 70, 'partial'],
  ])('by counters: %d asked, %d seen, %d made', (asked, seen, made, verdict) => {
    expect(judgeCounters(asked, seen, made)[0]).toBe(verdict);
  });

  test.each([
    [4000, 50, 60, 'yes'],
    [4000, 50, 1000, 'yes'],
    [4000, 50, 4000, 'no'],
    [4000, 50, 2000, 'unknown'],
    [400, 50, 60, 'unknown'],
  ])('by the next request: %d ms left, %d alone, %d after', (restMs, aloneMs, nextMs, verdict) => {
    expect(judgeFreedSlot({ slots: 1, restMs, aloneMs, nextMs })[0]).toBe(verdict);
  });
});

describe('one row out of two APIs', () => {
  test('the same from both stands; different is partial; what is not known is left to the other', () => {
    expect(
      joinApis([
        ['chat', ['yes', 'x']],
        ['completions', ['yes', 'x']],
      ]),
    ).toEqual(['yes', 'chat and completions: x']);
    expect(
      joinApis([
        ['chat', ['yes', 'x']],
        ['completions', ['no', 'y']],
      ])[0],
    ).toBe('partial');
    expect(
      joinApis([
        ['chat', ['unknown', 'x']],
        ['completions', ['no', 'y']],
      ]),
    ).toEqual(['no', 'chat: x; completions: y']);
    expect(joinApis([['chat', ['unknown', 'x']]])).toEqual(['unknown', 'chat: x']);
  });
});
