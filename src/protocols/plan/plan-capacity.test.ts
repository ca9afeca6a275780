import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type {
  CapacityPlan,
  Envelope,
  LevelSummary,
  SloOutcome,
  SloTemplate,
} from '../../model/index.ts';
import { createGoldenResults } from '../../testing/index.ts';
import { instancesFor, type PlanOptions, planCapacity } from './plan-capacity.ts';

const slo: SloTemplate = { id: 'article', ttftMs: 500, tpotMs: 50, e2eMs: null, quantile: 0.99 };
const whole = createGoldenResults()[0]?.envelope;
if (whole === undefined) throw new Error('no golden result');
const model = whole.levels[0];
if (model === undefined) throw new Error('no level');

type Verdict = SloOutcome['verdict'];

interface LevelShape extends Partial<LevelSummary> {
  rps: number;
  /** Whether the whole SLO is met there, and how surely. */
  met?: boolean;
  verdict?: Verdict;
  offeredRps?: number | null;
}

/** 60 s at a rate, 500 requests of 500 tokens in and 200 out. */
function levelOf(shape: LevelShape, index: number): LevelSummary {
  const {
    rps,
    met = true,
    verdict = met ? 'proven' : 'refuted',
    offeredRps = rps,
    ...over
  } = shape;
  const outcome = (criterion: string): SloOutcome => ({
    criterion,
    quantile: 0.99,
    requests: 500,
    misses: met ? 0 : 50,
    attained: met ? 1 : 0.9,
    lower: met ? 0.994 : 0.87,
    upper: met ? 1 : 0.92,
    met,
    verdict,
  });
  return {
    ...(model as LevelSummary),
    index,
    load: {
      kind: 'open',
      rateRps: rps,
      concurrencyAsked: null,
      maxConcurrency: null,
      arrival: 'poisson',
      concurrencyReached: 8,
    },
    windowStartUs: 0,
    windowEndUs: 60_000_000,
    role: 'sweep',
    launch: 1,
    slos: ['article', 'article:ttft', 'article:tpot'].map(outcome),
    metrics: {
      ...(model as LevelSummary).metrics,
      values: {
        requests_ok: 500,
        input_tokens_total: 250_000,
        output_tokens_total: 100_000,
        offered_rps: offeredRps,
      },
    },
    ...over,
  };
}

const resultOf = (levels: LevelShape[], over: Partial<Envelope> = {}): Envelope => ({
  ...(whole as Envelope),
  slo,
  slos: [slo],
  levels: levels.map(levelOf),
  ...over,
});

const options = (over: Partial<PlanOptions> = {}): PlanOptions => ({
  targetRps: 100,
  headroomShare: 0.2,
  gpusPerInstance: 8,
  price: null,
  inputTokens: null,
  outputTokens: null,
  ...over,
});

const codes = (plan: CapacityPlan) => plan.findings.map(({ code }) => code);
const counts = ({ rows }: CapacityPlan) =>
  rows.map(({ basis, headroomShare, instances, gpus }) => [basis, headroomShare, instances, gpus]);

/** The article's example: 22 req/s is the most that an instance of 8 GPUs does. */
const article: LevelShape[] = [
  { rps: 20 },
  { rps: 22 },
  { rps: 25, met: false },
  { rps: 22, role: 'sustained', windowEndUs: 300_000_000 },
];

describe('planCapacity', () => {
  it('plans the article’s example: 5 instances and 40 GPUs, with headroom 6 and 48', () => {
    const plan = planCapacity(resultOf(article), options());
    expect(plan.maxRate.point).toEqual({
      rateRps: 22,
      plannedRps: 22,
      level: 3,
      reason: 'held for 300 s, 22 req/s planned',
    });
    expect(counts(plan)).toEqual([
      ['point', 0, 5, 40],
      ['point', 0.2, 6, 48],
      ['lower', 0, 5, 40],
      ['lower', 0.2, 6, 48],
    ]);
    expect(plan.rows[0]?.rateEachRps).toBe(20);
  });

  it('plans by what arrived, not by what was planned', () => {
    const sustained = { role: 'sustained' as const, rps: 22, offeredRps: 24.9 };
    const levels: LevelShape[] = [{ rps: 22, offeredRps: 23 }, { rps: 25, met: false }, sustained];
    const plan = planCapacity(resultOf(levels), options());
    // 100 / 24.9 = 4.02, 120 / 24.9 = 4.8: by the planned 22 it would be 6 with headroom.
    expect(plan.maxRate.point).toMatchObject({ rateRps: 24.9, plannedRps: 22 });
    expect(counts(plan).map(([, , instances]) => instances)).toEqual([5, 5, 5, 6]);
    // A lower bound is never above the point.
    const slower = { ...sustained, offeredRps: 21, verdict: 'not-proven' as const };
    const slow = planCapacity(resultOf([...levels.slice(0, 2), slower]), options());
    expect(slow.maxRate.lower.rateRps).toBe(21);
  });

  it('plans with the rate that was measured, not with one between two', () => {
    // From 20 that passes and 25 that fails the article reads 22; a line between them gives 20.7.
    const plan = planCapacity(resultOf([{ rps: 20 }, { rps: 25, met: false }]), options());
    expect(plan.maxRate.point.rateRps).toBe(20);
    expect(codes(plan)).toContain('plan-not-sustained');
  });

  it('is unknown, not hopeless, where no level is fit to be judged', () => {
    const findings = [{ code: 'client-bottleneck', severity: 'invalid' as const, message: '' }];
    const unfit = { valid: false, findings };
    const plan = () =>
      planCapacity(
        resultOf([
          { rps: 1, ...unfit },
          { rps: 2, ...unfit },
        ]),
        options(),
      );
    expect(plan).toThrow(/unknown: 1 req\/s is not fit to be judged \(client-bottleneck\)/);
  });

  it('takes no rate above one that failed', () => {
    const plan = planCapacity(
      resultOf([{ rps: 10 }, { rps: 15, met: false }, { rps: 20 }]),
      options(),
    );
    expect(plan.maxRate.point.rateRps).toBe(10);
  });

  it('takes the lower rate where the sustained run stepped down', () => {
    const levels = [
      ...article.slice(0, 3),
      { rps: 22, role: 'sustained' as const, met: false },
      { rps: 19.8, role: 'sustained' as const },
    ];
    expect(planCapacity(resultOf(levels), options()).maxRate.point.rateRps).toBe(19.8);
  });

  it('plans apart by what is proven', () => {
    const levels: LevelShape[] = [
      { rps: 10 },
      { rps: 20, offeredRps: 19.5 },
      { rps: 22, verdict: 'not-proven' },
      { rps: 25, met: false },
    ];
    const plan = planCapacity(resultOf(levels), options());
    // 100 / 19.5 = 5.13, 120 / 19.5 = 6.15: what arrived is proven, not what was asked for.
    expect(plan.maxRate.lower).toMatchObject({ rateRps: 19.5, level: 1 });
    expect(counts(plan)).toEqual([
      ['point', 0, 5, 40],
      ['point', 0.2, 6, 48],
      ['lower', 0, 6, 48],
      ['lower', 0.2, 7, 56],
    ]);
  });

  it('has no lower bound where nothing is proven, and says what a proof takes', () => {
    const levels = article.map((level) => ({
      ...level,
      ...(level.met !== false && { verdict: 'not-proven' as const }),
    }));
    const plan = planCapacity(resultOf(levels), options());
    expect(counts(plan).slice(2)).toEqual([
      ['lower', 0, null, null],
      ['lower', 0.2, null, null],
    ]);
    expect(codes(plan)).toContain('plan-not-proven');
    expect(JSON.stringify(plan.findings)).toContain('299');
  });

  it('does not call proven what another launch missed', () => {
    const levels: LevelShape[] = [
      ...article,
      { rps: 22, role: 'sustained', launch: 2, met: false },
    ];
    const plan = planCapacity(resultOf(levels), options());
    expect(plan.maxRate.point.rateRps).toBe(22);
    expect(plan.maxRate.lower.rateRps).toBe(20);
    expect(codes(plan)).toContain('plan-launch-missed');
  });

  it('needs every SLO at once', () => {
    const both = { slo, slos: [slo, { ...slo, id: 'other' }] };
    const levels = article.map(levelOf).map((level) => ({
      ...level,
      slos: [
        ...(level.slos ?? []),
        { ...(level.slos?.[0] as SloOutcome), criterion: 'other', met: level.load.rateRps === 20 },
      ],
    }));
    const envelope = { ...resultOf(article, both), levels: levels.slice(0, 3) };
    const plan = planCapacity(envelope, options());
    expect(plan.criterion).toBe('all');
    expect(plan.maxRate.point.rateRps).toBe(20);
  });

  it('spreads the price of the instances over the tokens of the target', () => {
    const price = {
      kind: 'instance' as const,
      item: '8x H100',
      usdPerHour: 16,
      source: 'contract',
      date: '2026-11-01',
    };
    const plan = planCapacity(resultOf(article), options({ price }));
    expect(plan.tokensPerRequest).toEqual({ input: 500, output: 200 });
    // 5 x 16 USD an hour over 100 x 700 x 3600 tokens an hour: 80 / 252.
    expect(plan.rows[0]?.usdPerHour).toBe(80);
    expect(plan.rows[0]?.usdPerMillionTokens).toBeCloseTo(80 / 252, 12);
    expect(plan.rows[1]?.usdPerHour).toBe(96);
  });

  it('prices tokens by the mix, whatever serves them', () => {
    const price = {
      kind: 'tokens' as const,
      item: 'm at h',
      usdPerMillionInput: 0.4,
      usdPerMillionCachedInput: null,
      usdPerMillionOutput: 1.6,
      source: 'list',
      date: '2026-06-21',
    };
    const plan = planCapacity(resultOf(article), options({ price }));
    // 360 000 requests an hour x (500 x 0.4 + 200 x 1.6) millionths.
    expect(plan.rows[0]?.usdPerHour).toBeCloseTo(187.2, 9);
    expect(plan.rows[0]?.usdPerMillionTokens).toBeCloseTo(520 / 700, 12);
  });

  it('knows no GPUs where nobody says, and 0 where there are none', () => {
    const unknown = planCapacity(resultOf(article), options({ gpusPerInstance: null }));
    expect(unknown.rows[0]?.gpus).toBeNull();
    expect(codes(unknown)).toContain('plan-gpus-unknown');
    const cpu = planCapacity(resultOf(article), options({ gpusPerInstance: 0 }));
    expect(cpu.rows[0]?.gpus).toBe(0);
  });
});

describe('a plan is refused', () => {
  const refusal = (envelope: Envelope, over: Partial<PlanOptions> = {}) => {
    try {
      planCapacity(envelope, options(over));
      return null;
    } catch (error) {
      return error;
    }
  };
  it.each([
    ['a quick look', resultOf(article, { quickLook: true }), 'RESULT_QUICK_LOOK', 3],
    ['no SLO', resultOf(article, { slo: null, slos: [] }), 'RESULT_NO_SLO', 3],
    ['no level', resultOf([]), 'RESULT_NO_MAX_RATE', 3],
    [
      'a closed loop',
      resultOf([{ rps: 1, load: { ...model.load, kind: 'closed', rateRps: null } }]),
      'RESULT_NO_MAX_RATE',
      3,
    ],
    ['an SLO that no level meets', resultOf([{ rps: 1, met: false }]), 'SLO_NEVER_MET', 5],
    [
      'a rate that did not last',
      resultOf([{ rps: 1 }, { rps: 1, role: 'sustained', met: false }]),
      'SLO_NOT_SUSTAINED',
      5,
    ],
  ])('for %s', (_, envelope, code, exitCode) => {
    expect(refusal(envelope)).toMatchObject({ code, exitCode, hint: expect.stringMatching(/\S/) });
  });

  it('for requests of other lengths than were measured', () => {
    const refused = { code: 'USAGE_PLAN_LENGTHS', exitCode: 2 };
    expect(refusal(resultOf(article), { inputTokens: 2000 })).toMatchObject(refused);
    expect(refusal(resultOf(article), { outputTokens: 170 })).toMatchObject(refused);
    expect(refusal(resultOf(article), { inputTokens: 520, outputTokens: 210 })).toBeNull();
  });
});

it('says what it takes for granted', () => {
  const alone = planCapacity(resultOf([{ rps: 20 }]), options());
  expect(codes(alone)).toEqual([
    'plan-not-sustained',
    'plan-no-limit-found',
    'plan-one-launch',
    'plan-lengths',
  ]);
  const { command } = whole;
  const several = { ...command, resolved: { replica: ['http://b/v1'] } };
  const replicas = resultOf(article, { command: several, status: 'partial' });
  const stated = options({ inputTokens: 500, outputTokens: 200 });
  expect(codes(planCapacity(replicas, stated))).toEqual([
    'plan-partial',
    'plan-one-launch',
    'plan-replicas',
  ]);
});

describe('instancesFor', () => {
  it('is not fooled by the last digit of a product', () => {
    // 110 x 1.1 / 11 is 11.000000000000002 in binary.
    expect(instancesFor(110, 0.1, 11)).toBe(11);
    expect(instancesFor(0.3, 0, 0.1)).toBe(3);
    expect(instancesFor(1.005, 0, 1)).toBe(2);
    expect(instancesFor(0.1, 0, 22)).toBe(1);
  });

  it('is enough, and one less is not', () => {
    // In whole numbers: thousandths of a request per second and per cent.
    const positive = fc.integer({ min: 1, max: 1_000_000 });
    fc.assert(
      fc.property(positive, fc.integer({ min: 0, max: 300 }), positive, (target, percent, rate) => {
        const n = BigInt(instancesFor(target / 1000, percent / 100, rate / 1000));
        const need = BigInt(target) * BigInt(100 + percent);
        const each = BigInt(rate) * 100n;
        expect(n * each >= need).toBe(true);
        expect(n === 1n || (n - 1n) * each < need).toBe(true);
      }),
    );
  });
});
