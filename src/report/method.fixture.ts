import type { Envelope, LevelSummary, RunMethod, SloOutcome } from '../model/index.ts';
import { makeEnvelope } from './test-support.ts';

function outcome(criterion: string, requests: number, misses: number): SloOutcome {
  const attained = (requests - misses) / requests;
  const met = attained >= 0.99;
  return {
    ...{ criterion, quantile: 0.99, requests, misses, attained },
    ...{ lower: attained - 0.01, upper: Math.min(1, attained + 0.005), met },
    verdict: misses === 0 ? 'proven' : met ? 'not-proven' : 'refuted',
  };
}

const method: RunMethod = {
  warmUps: [
    {
      ...{ launch: 1, runs: 3, requestsPerRun: 17, inFlight: 4, failed: 0 },
      meanServiceMs: [910, 640, null],
    },
  ],
  gates: [
    {
      ...{ gate: 'server-warm', passed: true, requests: 41, elapsedS: 32.5 },
      ...{ ttftCov: 0.031, tpotCov: 0.012 },
      reason: 'warm after 41 requests one at a time: CoV of the last 30: TTFT 3.1 %, TPOT 1.2 %',
      samples: {
        ttftMs: Array.from({ length: 41 }, (_, i) => 80 + 60 * Math.exp(-i / 4) + (i % 3)),
        tpotMs: Array.from({ length: 41 }, (_, i) => (i === 7 ? null : 14 + 0.2 * (i % 2))),
      },
    },
  ],
  sweep: {
    kind: 'auto',
    stopped: 'the bracket is narrower than 5 %',
    levels: [0, 1, 2, 3],
    knees: [
      {
        ...{ criterion: 'llm.standard', maxRateRps: 4, offeredRps: 3.87, failRps: 6, level: 2 },
        ...{ failOfferedRps: 6.12, verdict: 'proven', failedBy: 'slo' },
      },
      {
        ...{
          criterion: 'llm.standard:ttft',
          maxRateRps: 4,
          offeredRps: 3.87,
          failRps: 6,
          level: 2,
        },
        ...{ failOfferedRps: 6.12, verdict: 'proven', failedBy: 'slo' },
      },
      {
        ...{
          criterion: 'llm.standard:tpot',
          maxRateRps: 6,
          offeredRps: 6.12,
          failRps: null,
          level: 3,
        },
        ...{ verdict: 'not-proven', failedBy: null },
      },
    ],
  },
  sustained: {
    ...{ level: 4, rateRps: 4, durationS: 300, passed: true, failedRps: [] },
    reason: '4 req/s held for 300 s.',
  },
  launches: [
    { launch: 1, seed: 42, readyMs: 2140, firstRequestMs: 310, levels: [0, 1, 2, 3, 4] },
    { launch: 2, seed: 43, readyMs: 2210, firstRequestMs: null, levels: [] },
  ],
  acrossLaunches: [
    {
      ...{ role: 'sustained', rateRps: 4, metric: 'ttft_p50_ms' },
      ...{ values: [142, 151], mean: 146.5, low: 89.3, high: 203.7 },
    },
    {
      ...{ role: 'sustained', rateRps: 4, metric: 'throughput_tok_s' },
      ...{ values: [253, null], mean: 253, low: null, high: null },
    },
  ],
  checklist: [
    {
      ...{ id: 'warm-up', asks: '50 or more requests before measuring', verdict: 'pass' },
      fact: '51 requests discarded, gate passed',
    },
    {
      ...{ id: 'realistic-prompts', asks: 'prompts of a production mix', verdict: 'fail' },
      fact: 'random words',
    },
    {
      ...{ id: 'quantization', asks: 'precision is stated', verdict: 'unknown' },
      fact: 'the server does not say',
    },
  ],
  cost: {
    ...{ usdPerMillionOutputTokens: 1.42, usdPerMillionTokens: 0.47, usdPerHour: 1.29 },
    level: 4,
    price: {
      ...{ kind: 'instance', item: 'one CPU host', usdPerHour: 1.29 },
      ...{ source: 'prices.yaml', date: '2026-11-01' },
    },
  },
};

/** A search over four rates with everything that a run can say of its method. */
export function makeMethodEnvelope(over: Partial<Envelope> = {}): Envelope {
  const base = makeEnvelope();
  const misses = [0, 0, 0, 60];
  const levels = base.levels.map((level, i): LevelSummary => {
    const missed = misses[i] as number;
    return {
      ...level,
      ...{ role: 'sweep', launch: 1 },
      slos: [
        outcome('llm.standard', 302, missed),
        outcome('llm.standard:ttft', 302, missed),
        outcome('llm.standard:tpot', 302, 0),
      ],
      keepingUp: {
        ...{ arrivals: 302, completions: 300, inFlightTrendPerS: 0.002, trendP: 0.4 },
        ...{ verdict: 'keeps-up', reason: '300 of 302 arrivals were completed within the window' },
      },
      leadIn: {
        ...{
          gate: 'lead-in',
          passed: i < 3,
          requests: 30,
          elapsedS: 8,
          ttftCov: 0.3,
          tpotCov: null,
        },
        reason: i < 3 ? 'settled after 8 s' : 'not settled within 60 s',
      },
      steady: { cutRequests: 15, cutShare: 0.05, steady: true },
    };
  });
  const third = levels[2] as LevelSummary;
  const sustained: LevelSummary = { ...third, index: 4, role: 'sustained' };
  return {
    ...base,
    levels: [...levels, sustained],
    headline: 4,
    slos: base.slo === null ? [] : [base.slo],
    method,
    ...over,
  };
}
