import { describe, expect, it } from 'vitest';
import { limitsOf } from './server-limits.ts';

describe('limitsOf', () => {
  it.each([
    ['seconds', { 'retry-after': '20' }, 20],
    ['parts of a second', { 'retry-after': '0.5' }, 0.5],
    ['milliseconds, which are finer', { 'retry-after': '2', 'retry-after-ms': '1250' }, 1.25],
    [
      "a date, on the server's own clock",
      { 'retry-after': 'Wed, 21 Oct 2026 07:28:30 GMT', date: 'Wed, 21 Oct 2026 07:28:00 GMT' },
      30,
    ],
    [
      'a date that has passed',
      { 'retry-after': 'Wed, 21 Oct 2026 07:27:00 GMT', date: 'Wed, 21 Oct 2026 07:28:00 GMT' },
      0,
    ],
  ])('reads when to come again: %s', (_, headers, seconds) => {
    expect(limitsOf(headers)).toEqual({ retryAfterS: seconds, headers: {} });
  });

  it.each([
    ['nothing', { 'content-type': 'text/event-stream' }],
    [
      'a date without a clock to hold it against',
      { 'retry-after': 'Wed, 21 Oct 2026 07:28:30 GMT' },
    ],
    ['words', { 'retry-after': 'later', date: 'Wed, 21 Oct 2026 07:28:00 GMT' }],
    ['a negative number', { 'retry-after': '-3' }],
  ])('says nothing of %s', (_, headers) => {
    expect(limitsOf(headers)).toBeNull();
  });

  it('keeps what is said of limits, and nothing else', () => {
    const headers = {
      'x-ratelimit-limit-requests': '60',
      'ratelimit-policy': '60;w=60',
      'anthropic-ratelimit-tokens-remaining': '0',
      'x-request-id': 'abc',
      'set-cookie': ['a', 'b'],
      'x-ratelimit-remaining': ['1', '2'],
    };
    expect(limitsOf(headers)).toEqual({
      retryAfterS: null,
      headers: {
        'x-ratelimit-limit-requests': '60',
        'ratelimit-policy': '60;w=60',
        'anthropic-ratelimit-tokens-remaining': '0',
        'x-ratelimit-remaining': '1, 2',
      },
    });
  });
});
