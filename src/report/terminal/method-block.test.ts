import { expect, it } from 'vitest';
import type { Envelope, RunMethod } from '../../model/index.ts';
import { makeEnvelope } from '../test-support.ts';
import { renderMethod } from './method-block.ts';
import { createPaint } from './paint.ts';

const none: RunMethod = {
  warmUps: [],
  gates: [],
  sweep: null,
  sustained: null,
  launches: [],
  acrossLaunches: [],
  checklist: [],
  cost: null,
};
const render = (method: Partial<RunMethod>): string =>
  renderMethod(
    { ...makeEnvelope(), method: { ...none, ...method } } as Envelope,
    90,
    createPaint(false),
  ).join('\n');

const launch = (number: number) => ({
  launch: number,
  seed: 41 + number,
  readyMs: 900,
  firstRequestMs: 80,
  levels: [],
});

it('says what the search found, what fails above it, and how sure it is', () => {
  const text = render({
    sweep: {
      kind: 'auto',
      stopped: 'the bracket is narrower than 5 %',
      levels: [0, 1, 2],
      knees: [
        {
          ...{ criterion: 'llm.batch', maxRateRps: 5.6569, offeredRps: 5.48, level: 2 },
          ...{ failRps: 5.9, failOfferedRps: 6.2, verdict: 'not-proven', failedBy: 'falls-behind' },
        },
        {
          ...{ criterion: 'llm.batch:tpot', maxRateRps: 8, offeredRps: 8.1, level: 1 },
          ...{ failRps: null, verdict: 'proven', failedBy: null },
        },
        {
          ...{ criterion: 'fast', maxRateRps: null, offeredRps: null, level: null },
          ...{ failRps: 1, verdict: 'refuted', failedBy: 'slo' },
        },
        {
          ...{ criterion: 'cut', maxRateRps: null, offeredRps: null, level: null },
          ...{ failRps: null, verdict: 'unknown', failedBy: null },
        },
      ],
    },
    sustained: {
      ...{ level: 3, rateRps: 5.09, durationS: 60, passed: true, failedRps: [5.66] },
      reason: '5.09 req/s held for 60 s, after 5.66 req/s had not.',
    },
  });
  expect(text).toMatchInlineSnapshot(`
    "Highest rate that holds
      llm.batch       5.48 req/s (5.66 planned), by what was seen, not proven at 95 %; 6.2
                      req/s (5.9 planned) falls behind the arrivals
      llm.batch:tpot  8.1 req/s (8 planned), proven at 95 %; none that was tried fails
      fast            none; 1 req/s planned misses it
      cut             unknown: no level was judged
    Search ended: the bracket is narrower than 5 %.
    Sustained: held | 5.09 req/s held for 60 s, after 5.66 req/s had not.
    "
  `);
});

it('prints the mean of the launches with its interval and every launch', () => {
  const text = render({
    launches: [launch(1), launch(2), launch(3)],
    acrossLaunches: [
      {
        ...{ role: 'sustained', rateRps: 5, metric: 'ttft_p50_ms', values: [140, 150, null] },
        ...{ mean: 145, low: 81.5, high: 208.5 },
      },
      {
        ...{ role: 'sustained', rateRps: 5, metric: 'goodput_tok_s', values: [null, null, null] },
        ...{ mean: null, low: null, high: null },
      },
    ],
  });
  expect(text).toMatchInlineSnapshot(`
    "Over 3 launches at 5 req/s, sustained
      ttft_p50_ms       145 [81.5, 209]  of 140, 150, —
    "
  `);
});

it('is empty where nothing was searched, sustained or launched again', () => {
  expect(render({ launches: [launch(1)] })).toBe('');
  expect(renderMethod(makeEnvelope(), 90, createPaint(false))).toEqual([]);
});
