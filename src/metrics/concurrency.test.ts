import { describe, expect, it } from 'vitest';
import { concurrencyReached } from './index.ts';
import { constantServer, levelOf, okRecord } from './records.fixture.ts';

describe('concurrencyReached', () => {
  it('is the time average of the requests in flight inside the window', () => {
    // Window 0 to 100 ms: 0-60, 20-100 (of 200), tail 90-100 (of 300): 150 / 100.
    const run = levelOf(
      [
        okRecord(0, 0, [{ atUs: 60_000, tokens: 1 }]),
        okRecord(1, 10_000, [{ atUs: 200_000, tokens: 1 }], { sentUs: 20_000 }),
        okRecord(2, 90_000, [{ atUs: 300_000, tokens: 1 }], { counted: false }),
        okRecord(3, 95_000, [], { counted: false, sentUs: null, outcome: 'cancelled' }),
      ],
      { windowEndUs: 100_000 },
    );
    expect(concurrencyReached(run)).toBe(1.5);
  });

  it('averages a burst until its end, and knows nothing of an empty level', () => {
    expect(concurrencyReached(constantServer(4, 0))).toBe(4);
    expect(concurrencyReached(levelOf([]))).toBeNull();
  });
});
