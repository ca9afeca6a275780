import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { BudgetLeft, RequestRecord } from '../model/index.ts';
import { createPurse } from './purse.ts';

const budget = (changes: Partial<BudgetLeft>): BudgetLeft => ({
  tokens: null,
  usd: null,
  usdPerMillionInput: 0,
  usdPerMillionOutput: 0,
  extraInputTokens: 0,
  ...changes,
});
const request = (index: number, inputTokens = 10, outputTokens = 5) => ({
  index,
  inputTokens,
  outputTokens,
});
const ended = (index: number, changes: Partial<RequestRecord> = {}) =>
  ({
    index,
    outcome: 'ok',
    sentUs: 0,
    inputTokensAsked: 10,
    outputTokensAsked: 5,
    inputTokensUsage: 10,
    outputTokensUsage: 5,
    outputTokensCounted: null,
    chunks: { tokens: [], atUs: [], read: [], kind: [] },
    ...changes,
  }) as RequestRecord;

describe('createPurse', () => {
  it('counts what is in flight at its maximum, and gives back what was not used', () => {
    const purse = createPurse(budget({ tokens: 45 }));
    expect([0, 1, 2, 3].map((i) => purse.take(request(i)))).toEqual([true, true, true, false]);
    // 15 set aside, 12 used.
    purse.settle(ended(0, { outputTokensUsage: 2 }));
    expect(purse.take(request(3))).toBe(false);
    purse.settle(ended(1, { outputTokensUsage: 2 }));
    purse.settle(ended(2, { outputTokensUsage: 2 }));
    expect(purse.take(request(3, 4, 5))).toBe(true);
    expect(purse.take(request(4, 0, 1))).toBe(false);
  });

  it('learns that the server counts more prompt tokens than were planned', () => {
    const purse = createPurse(budget({ tokens: 40 }));
    expect(purse.take(request(0))).toBe(true);
    purse.settle(ended(0, { inputTokensUsage: 18 }));
    // 17 are left, and the next is 10 + 8 + 5 at most.
    expect(purse.take(request(1))).toBe(false);
  });

  it('limits money', () => {
    const prices = { usdPerMillionInput: 1, usdPerMillionOutput: 4 };
    // 10 and 5 tokens: 30 millionths of a dollar.
    const purse = createPurse(budget({ usd: 65e-6, ...prices }));
    expect([0, 1, 2].map((i) => purse.take(request(i)))).toEqual([true, true, false]);
  });

  it.each([
    ['turned away costs nothing', { outcome: 'rate_limited', inputTokensUsage: null }, true],
    [
      'never sent costs nothing',
      { outcome: 'cancelled', sentUs: null, inputTokensUsage: null },
      true,
    ],
    [
      'broken off without a usage costs what it can have come to',
      { outcome: 'reset', inputTokensUsage: null, outputTokensUsage: null },
      false,
    ],
    [
      'broken off with a usage of what had come by then costs the rest as well',
      { outcome: 'timeout', outputTokensUsage: 1 },
      false,
    ],
    [
      'without a usage: our own count',
      {
        inputTokensUsage: null,
        outputTokensUsage: null,
        chunks: { tokens: [1, 1], atUs: [], read: [], kind: [] },
      },
      false,
    ],
  ] as [string, Partial<RequestRecord>, boolean][])('a request %s', (_, changes, free) => {
    const purse = createPurse(budget({ tokens: 15 }));
    expect(purse.take(request(0))).toBe(true);
    purse.settle(ended(0, changes));
    expect(purse.take(request(1))).toBe(free);
  });

  it('is never overdrawn, in whatever order requests come and go', () => {
    const step = fc.record({
      inputTokens: fc.integer({ min: 1, max: 50 }),
      outputTokens: fc.integer({ min: 1, max: 50 }),
      used: fc.double({ min: 0, max: 1, noNaN: true }),
      settlesFirst: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), fc.nat(600), (steps, tokens) => {
        const purse = createPurse(budget({ tokens }));
        const flying: { index: number; asked: (typeof steps)[number] }[] = [];
        let spent = 0;
        const settle = () => {
          const one = flying.shift();
          if (one === undefined) return;
          const outputTokensUsage = Math.floor(one.asked.outputTokens * one.asked.used);
          spent += one.asked.inputTokens + outputTokensUsage;
          purse.settle(
            ended(one.index, {
              inputTokensAsked: one.asked.inputTokens,
              outputTokensAsked: one.asked.outputTokens,
              inputTokensUsage: one.asked.inputTokens,
              outputTokensUsage,
            }),
          );
        };
        steps.forEach((asked, index) => {
          if (asked.settlesFirst) settle();
          if (purse.take({ index, ...asked })) flying.push({ index, asked });
          const most = flying.reduce(
            (sum, f) => sum + f.asked.inputTokens + f.asked.outputTokens,
            0,
          );
          expect(spent + most).toBeLessThanOrEqual(tokens);
        });
      }),
    );
  });
});
