import { describe, expect, it } from 'vitest';
import { parseSimSpec } from './parse-sim-spec.ts';
import { createRateLimiter } from './rate-limiter.ts';
import { sendRaw } from './raw-client.ts';
import { startSimServer } from './sim-server.ts';

describe('createRateLimiter', () => {
  it('lets so many through in each window, from the first request on', () => {
    const spec = parseSimSpec({ rateLimit: { requests: 2, windowMs: 1000 } });
    const limiter = createRateLimiter(spec);
    const at = (ms: number) => limiter?.admit(ms * 1000, 0).admitted;
    expect([5000, 5001, 5002, 5999, 6000, 6001, 6002, 9500, 10_000].map(at)).toEqual([
      ...[true, true, false, false, true, true, false],
      ...[true, true],
    ]);
  });

  it('says when to come again in whole seconds, never too early', () => {
    const wallMs = Date.UTC(2026, 9, 21, 7, 28, 0);
    const refusedBy = (retryAfter: 'seconds' | 'date' | 'none') => {
      const spec = parseSimSpec({ rateLimit: { requests: 0, windowMs: 2500, retryAfter } });
      return createRateLimiter(spec)?.admit(0, wallMs).headers;
    };
    expect(refusedBy('seconds')).toEqual({
      'x-ratelimit-limit-requests': '0',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '2500ms',
      'retry-after': '3',
    });
    expect(refusedBy('date')).toMatchObject({
      date: 'Wed, 21 Oct 2026 07:28:00 GMT',
      'retry-after': 'Wed, 21 Oct 2026 07:28:03 GMT',
    });
    expect(refusedBy('none')).not.toHaveProperty('retry-after');
  });

  it('is none where none is asked for', () => {
    expect(createRateLimiter(parseSimSpec({}))).toBeNull();
  });
});

describe('a simulated server with a rate limit', () => {
  it('states it with every answer, and refuses what is beyond', async () => {
    const server = await startSimServer({ rateLimit: { requests: 1 } });
    try {
      const body = { model: 'sim-model', prompt: 'a b', max_tokens: 1, stream: true };
      const ask = () => sendRaw(server.port, { path: '/v1/completions', body });
      const first = await ask();
      expect(first.status).toBe(200);
      expect(first.headers).toMatchObject({
        'x-ratelimit-limit-requests': '1',
        'x-ratelimit-remaining-requests': '0',
      });
      const second = await ask();
      expect(second.status).toBe(429);
      expect(Number(second.headers['retry-after'])).toBeGreaterThan(0);
      expect(JSON.parse(second.body.toString()).error).toMatchObject({ type: 'RateLimitError' });
      expect(server.truth.map(({ outcome }) => outcome)).toEqual(['complete', 'refused']);
    } finally {
      await server.stop();
    }
  });
});
