import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fakeFile } from '../judge/fake-world.fixture.ts';
import type { CallTrace } from '../judge/ports.ts';
import { judgeDecided } from './decided.ts';
import { judgeCalls } from './opened-files.ts';
import { type FloorTimes, judgeFloor, tokensPerPass } from './physical-floor.ts';
import { judgePaired } from './quality.ts';
import { parseAnswer, shippedQuestions, shuffleQuestions } from './questions.ts';

describe('paired answers', () => {
  const answers = (right: number, n = 62) => Array.from({ length: n }, (_, at) => at < right);

  it('pass as good ones, fail collapses, flag what is between', () => {
    expect(judgePaired(answers(50), answers(50), 0.1).verdict).toBe('pass');
    expect(judgePaired(answers(50), answers(49), 0.1).verdict).toBe('pass');
    expect(judgePaired(answers(50), answers(45), 0.1).verdict).toBe('flag');
    expect(judgePaired(answers(50), answers(30), 0.1).verdict).toBe('fail');
  });

  it('are not judged by a reference that guesses', () => {
    expect(judgePaired(answers(10), answers(0), 0.1).verdict).toBe('not_run');
  });

  it('fail an equal server in at most 1 of 100', () => {
    // Both right by chance, 8 of 10: what two samples at a temperature differ by.
    let failed = 0;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0, max: 1 }), fc.double({ min: 0, max: 1 })), {
          minLength: 62,
          maxLength: 62,
        }),
        (pairs) => {
          const [a, b] = [pairs.map(([x]) => x < 0.8), pairs.map(([, y]) => y < 0.8)];
          failed += judgePaired(a, b, 0.1).verdict === 'fail' ? 1 : 0;
        },
      ),
      { numRuns: 500, seed: 1 },
    );
    expect(failed).toBeLessThanOrEqual(10);
  });
});

describe('greedy tokens of two occasions', () => {
  const token = {
    ...{ logProb: -1, rank: 0, gapNats: 0, topMarginNats: 5, entropyNats: 1, varianceNats2: 1 },
    tailShare: 0.5,
  };
  /** So many that are not the first choice, of 200. */
  const replayed = (missed: number, topMarginNats: number) => ({
    answers: 4,
    tokens: Array.from({ length: 200 }, (_, at) => ({
      ...token,
      ...(at < missed && { rank: 1, topMarginNats, gapNats: topMarginNats }),
    })),
  });

  it('agree but for near ties, however many', () => {
    expect(judgeDecided(replayed(60, 1.9), replayed(0, 5)).verdict).toBe('pass');
  });

  it.each([
    [5, 'pass'],
    [10, 'flag'],
    [30, 'fail'],
  ] as const)('differ by %i clear ones of 200: %s, whichever side has them', (missed, verdict) => {
    expect(judgeDecided(replayed(missed, 5), replayed(0, 5)).verdict).toBe(verdict);
    expect(judgeDecided(replayed(0, 5), replayed(missed, 5)).verdict).toBe(verdict);
  });

  it('say nothing where hardly any place is clear', () => {
    expect(judgeDecided(replayed(150, 1), replayed(0, 5)).verdict).toBe('not_run');
  });
});

describe('questions', () => {
  it('are the same for the same seed, have one right answer, and other seeds have others', () => {
    const some = shuffleQuestions(shippedQuestions, 7);
    expect(shuffleQuestions(shippedQuestions, 7)).toEqual(some);
    expect(shuffleQuestions(shippedQuestions, 8)).not.toEqual(some);
    expect(new Set(some.map(({ text }) => text)).size).toBe(80);
    for (const one of some) {
      expect(one.options).toContain(one.answer);
      expect(parseAnswer(` The answer: "${one.answer.toUpperCase()}".`, one)).toBe(one.answer);
    }
  });

  it('are answered by whole words only', () => {
    const question = { options: ['apple', 'river', 'bread'], form: 'word' } as const;
    expect(parseAnswer('pineapple rivers', question)).toBeNull();
    expect(parseAnswer('rivers, bread', question)).toBe('bread');
    expect(parseAnswer('', question)).toBeNull();
  });
});

describe('the floor of memory', () => {
  const weights = { passMs: 8, method: 'by hand' };
  /** 64 tokens, one a chunk: at least 7 passes lie between the first and the last. */
  const one = { tokens: 64, firstTokens: 1, chunks: 64, ttftMs: 100, spanMs: 56, latencyMs: 156 };
  const judge = (change: Partial<FloorTimes>) => judgeFloor([{ ...one, ...change }], weights);

  it.each([
    ['as fast as memory allows', {}, 'pass', 1],
    ['a little faster', { spanMs: 55 }, 'flag', 55 / 56],
    ['four times as fast', { spanMs: 14 }, 'flag', 0.25],
    ['faster than that', { spanMs: 13.9 }, 'fail', 13.9 / 56],
    ['all at once', { spanMs: 0 }, 'fail', 0],
    ['a first token in less than a pass', { ttftMs: 7.9 }, 'flag', 7.9 / 8],
    ['a first token in no time', { ttftMs: 1.9 }, 'fail', 1.9 / 8],
    // 8 passes, from the send on.
    ['one piece', { chunks: 1, firstTokens: 64, spanMs: 0, latencyMs: 64 }, 'pass', 1],
    [
      'one piece at once',
      { chunks: 1, firstTokens: 64, spanMs: 0, latencyMs: 15 },
      'fail',
      15 / 64,
    ],
    // 6 passes: 12 tokens were there with the first chunk, 52 came after.
    ['a long first chunk', { firstTokens: 12, spanMs: 48 }, 'pass', 1],
  ] as const)('%s', (_, change, verdict, ofFloor) => {
    const found = judge(change);
    expect(found).toMatchObject({ verdict });
    expect(found.ofFloor).toBeCloseTo(ofFloor);
    expect(found.evidence).toMatch(/at least 8\.000 ms for a pass \(by hand\)/);
  });

  it('is that of the median: one odd answer of three decides nothing', () => {
    const fast = { ...one, spanMs: 0 };
    expect(judgeFloor([one, one, fast], weights).verdict).toBe('pass');
    expect(judgeFloor([one, fast, fast], weights).verdict).toBe('fail');
  });

  it('has nothing to say of short answers but their first token', () => {
    expect(judge({ tokens: 5, spanMs: 0 })).toMatchObject({ verdict: 'pass', ofFloor: 12.5 });
    expect(judgeFloor([], weights).verdict).toBe('not_run');
  });

  it('is never missed by a server that reads all weights for each pass', () => {
    const passes = fc.array(
      fc.record({
        tokens: fc.integer({ min: 1, max: tokensPerPass }),
        ms: fc.double({ min: 8, max: 500, noNaN: true }),
      }),
      { minLength: 1, maxLength: 40 },
    );
    fc.assert(
      fc.property(passes, fc.integer({ min: 0, max: 12 }), (all, chunkTokens) => {
        // Chunks of so many tokens, 0: what a pass gives; each leaves when its last token is there.
        const chunks: { tokens: number; atMs: number }[] = [];
        let [atMs, held] = [0, 0];
        for (const pass of all) {
          atMs += pass.ms;
          held += pass.tokens;
          const size = chunkTokens === 0 ? held : chunkTokens;
          for (; held >= size && held > 0; held -= size) chunks.push({ tokens: size, atMs });
        }
        if (held > 0) chunks.push({ tokens: held, atMs });
        const [first] = chunks;
        const times = {
          tokens: all.reduce((sum, pass) => sum + pass.tokens, 0),
          firstTokens: first?.tokens ?? 0,
          ttftMs: first?.atMs ?? 0,
          spanMs: atMs - (first?.atMs ?? 0),
          latencyMs: atMs,
          chunks: chunks.length,
        };
        // The clock's rounding is not the server's.
        const { ofFloor } = judgeFloor([times], weights);
        expect(ofFloor).toBeGreaterThanOrEqual(1 - 1e-9);
      }),
      { numRuns: 500 },
    );
  });
});

describe('files of a traced launch', () => {
  const model = fakeFile({ place: 'model', path: '/model/model.gguf' });
  const own = fakeFile({ place: 'submission', path: '/submission/q4.gguf', bytes: 5e7 });
  const honest: CallTrace = {
    opened: [model],
    ...{ modelOpened: true, modelBytes: 1e8, connected: [], blind: false },
    executed: ['/bin/sh', '/usr/bin/python3', '/bin/sh'],
  };
  const program = fakeFile({ kind: 'program', path: '/usr/lib/libtorch.so', place: 'system' });
  const without = { opened: [], modelOpened: false };

  it.each([
    ['the given model', {}, 'pass', /opened the given model; ran sh, python3; no connection/],
    ['a draft model beside it', { opened: [model, own] }, 'pass', /q4.gguf \(50.0 MB\) that came/],
    ['libraries', { opened: [model, program] }, 'pass', /given model/],
    ['weights of its own alone', { ...without, opened: [own] }, 'flag', /never opened the given/],
    [
      'many small files of its own',
      { ...without, opened: Array(3).fill({ ...own, bytes: 1e6 }) },
      'flag',
      /never opened the given/,
    ],
    [
      'weights that it makes of the given ones',
      { opened: [model, fakeFile({ made: true, path: '/tmp/q' })] },
      'flag',
      /\/tmp\/q \(100.0 MB\) that it made itself/,
    ],
    ['large data from elsewhere', { opened: [model, fakeFile({ kind: 'data' })] }, 'flag', /large/],
    ['the like of the system', { opened: [model, { ...program, kind: 'data' }] }, 'pass', /given/],
    ['weights from elsewhere', { opened: [model, fakeFile({})] }, 'fail', /\/data\/weights.gguf/],
    ['weights of the system', { opened: [fakeFile({ place: 'system' })] }, 'fail', /weights.gguf/],
    [
      'a vocabulary from elsewhere',
      { opened: [model, fakeFile({ bytes: 1.9e6 })] },
      'pass',
      /given/,
    ],
    ['nothing', without, 'fail', /opened neither/],
    [
      'only what it made itself',
      { ...without, opened: [fakeFile({ made: true, kind: 'data' })] },
      'fail',
      /opened neither.*made itself/,
    ],
    ['nothing that can be seen', { ...without, blind: true }, 'flag', /past the trace/],
    [
      'the model, and connects while it answers',
      { connected: [{ to: '192.0.2.1:443', served: true }] },
      'fail',
      /connected to 192.0.2.1:443/,
    ],
    [
      'the model, and looks for an update',
      { connected: [{ to: '192.0.2.1:443', served: false }] },
      'flag',
      /tried to connect/,
    ],
  ] as const)('%s', (_, change, verdict, evidence) => {
    const found = judgeCalls({ ...honest, ...change } as CallTrace);
    expect(found).toEqual({ verdict, evidence: expect.stringMatching(evidence) });
  });
});
