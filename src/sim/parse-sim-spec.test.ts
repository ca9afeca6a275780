import { describe, expect, it } from 'vitest';
import { isBenchError } from '../core/index.ts';
import { parseSimSpec } from './parse-sim-spec.ts';
import { wirePresets } from './wire-spec.ts';

const failure = (input: unknown): string => {
  try {
    parseSimSpec(input);
  } catch (error) {
    if (isBenchError(error) && error.code === 'USAGE_SIM_SPEC') return error.message;
    throw error;
  }
  throw new Error('was accepted');
};

describe('parseSimSpec', () => {
  it('fills in a whole server from nothing', () => {
    const spec = parseSimSpec({});
    expect(spec).toMatchObject({
      models: ['sim-model'],
      slots: 64,
      queue: null,
      decode: { kind: 'constant', itlMs: 10 },
      wire: { usage: 'continuous', done: true, body: 'chunked' },
      faults: [],
    });
    expect(parseSimSpec(spec)).toEqual(spec);
  });

  it('takes JSON text and keeps what it says', () => {
    const spec = parseSimSpec('{"slots":null,"faults":[{"kind":"stall","when":{"every":3}}]}');
    expect(spec.slots).toBeNull();
    expect(spec.faults).toEqual([
      { kind: 'stall', when: { every: 3 }, afterTokens: 1, stallMs: null },
    ]);
  });

  it.each([
    ['an unknown field, with the near one', { slot: 3 }, /unknown field "slot".*"slots"/],
    ['an unknown wire field', { wire: { usages: 'none' } }, /"usages" in wire.*"usage"/],
    ['a wrong number', { slots: 0 }, /slots = 0/],
    ['a wrong word', { wire: { usage: 'sometimes' } }, /wire\.usage = "sometimes"/],
    ['an unknown fault', { faults: [{ kind: 'explode' }] }, /faults\.0\.kind = "explode"/],
    ['a negative delay', { prefill: { baseMs: -1 } }, /prefill\.baseMs = -1/],
    ['a warm-up without an end', { warmUp: { factor: 3 } }, /needs forS or forRequests/],
    ['an empty chunk list', { tokensPerChunk: [] }, /tokensPerChunk = \[\]/],
    ['no JSON', '{slots', /not JSON.*\{slots/],
    ['no object', 7, /spec = 7/],
  ])('names %s', (_what, input, message) => {
    expect(failure(input)).toMatch(message);
  });

  it('accepts every engine preset', () => {
    for (const wire of Object.values(wirePresets))
      expect(() => parseSimSpec({ wire })).not.toThrow();
  });
});
