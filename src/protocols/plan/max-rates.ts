import { BenchError } from '../../core/index.ts';
import {
  type Finding,
  formatRate,
  type LevelSummary,
  offeredRate,
  type PlannedRate,
  type SloTemplate,
} from '../../model/index.ts';
import { doubtsOf, findKnees, isSearchLevel, levelPasses, mainKnee } from '../find-knees.ts';

export interface MaxRates {
  criterion: string;
  point: PlannedRate & { rateRps: number; plannedRps: number };
  lower: PlannedRate;
  findings: Finding[];
}

/**
 * The highest rate of one instance under the SLOs: the knee of the search, or the sustained run's
 * where that held at less. Its lower bound is the highest rate whose level proves the SLOs by a
 * 95 % bound that takes requests for independent: it holds for the time that was measured.
 *
 * @throws BenchError RESULT_NO_MAX_RATE, SLO_NEVER_MET, SLO_NOT_SUSTAINED
 */
export function maxRatesOf(
  levels: readonly LevelSummary[],
  slos: readonly SloTemplate[],
): MaxRates {
  const knee = mainKnee(findKnees(levels, slos), slos);
  const searched = levels.filter(isSearchLevel);
  if (knee === null || searched.length === 0) {
    throw new BenchError(
      'RESULT_NO_MAX_RATE',
      'This result has no open-loop level: a closed loop does not tell how much arrives at most.',
      { hint: 'Measure with --sweep auto --sustained, or with several rates: --rate 1,2,5,10.' },
    );
  }
  const { criterion } = knee;
  if (knee.maxRateRps === null && knee.failedBy === 'invalid') {
    const unfit = searched.find(({ load }) => load.rateRps === knee.failRps);
    const why = unfit === undefined ? 'nothing to judge' : doubtsOf(unfit);
    throw new BenchError(
      'RESULT_NO_MAX_RATE',
      `The highest rate is unknown: ${formatRate(knee.failRps ?? 0)} req/s is not fit to be judged (${why}).`,
      {
        hint: 'Measure again where the cause is gone: the findings of the run name it and its remedy.',
      },
    );
  }
  if (knee.maxRateRps === null) {
    const lowest = Math.min(...searched.map(({ load }) => load.rateRps ?? Infinity));
    throw new BenchError(
      'SLO_NEVER_MET',
      `No level meets ${criterion}: it failed at ${formatRate(lowest)} req/s, the lowest rate (${knee.failedBy ?? 'unknown'}).`,
      {
        hint: 'No number of instances of this kind would do: a larger one, a looser SLO (--slo), or lower rates.',
      },
    );
  }
  const findings: Finding[] = [];
  const at = levels.find(({ index }) => index === knee.level);
  const point = pointOf(levels, slos, at as LevelSummary, knee.failRps !== null, findings);
  if (knee.failRps === null) {
    findings.push({
      code: 'plan-no-limit-found',
      severity: 'warning',
      message: `no rate that was tried failed, so an instance may do more than ${formatRate(point.rateRps)} req/s and the plan be too large: --sweep auto looks for the limit.`,
    });
  }
  const lower = lowerOf(levels, slos, point, findings);
  return { criterion, point, lower, findings };
}

function pointOf(
  levels: readonly LevelSummary[],
  slos: readonly SloTemplate[],
  knee: LevelSummary,
  someFailed: boolean,
  findings: Finding[],
): MaxRates['point'] {
  const sustained = levels.filter((one) => one.role === 'sustained' && (one.launch ?? 1) === 1);
  const held = sustained
    .filter((one) => levelPasses(one, slos))
    .sort(byRate)
    .at(-1);
  if (held !== undefined) {
    const at = rateOf(knee) < rateOf(held) ? knee : held;
    const seconds = Math.round(lengthS(held));
    const reason = `held for ${seconds} s, ${formatRate(rateOf(held))} req/s planned`;
    return { ...ratesOf(at), level: held.index, reason };
  }
  if (sustained.length > 0) {
    const tried = sustained.map((one) => formatRate(rateOf(one))).join(', ');
    throw new BenchError(
      'SLO_NOT_SUSTAINED',
      `The sustained run did not meet the SLO at ${tried} req/s.`,
      { hint: 'Measure lower rates, and sustain one: --rate N,M --sustained.' },
    );
  }
  const seconds = Math.round(lengthS(knee));
  findings.push({
    code: 'plan-not-sustained',
    severity: 'warning',
    message: `the rate was held for ${seconds} s only: --sustained measures whether it lasts.`,
  });
  const planned = `${formatRate(rateOf(knee))} req/s planned`;
  const which = someFailed
    ? 'last level before the first that failed'
    : 'highest level, none failed';
  const reason = `${which}, ${seconds} s, ${planned}`;
  return { ...ratesOf(knee), level: knee.index, reason };
}

function lowerOf(
  levels: readonly LevelSummary[],
  slos: readonly SloTemplate[],
  point: MaxRates['point'],
  findings: Finding[],
): PlannedRate {
  const pointRps = point.plannedRps;
  // What another start of the same server missed is not proven, whatever the first one did.
  const missed = levels.filter((one) => (one.launch ?? 1) > 1 && !levelPasses(one, slos));
  const missedRps = Math.min(...missed.map(rateOf).filter((rate) => rate <= pointRps));
  if (missedRps <= pointRps) {
    const at = missed.filter((one) => rateOf(one) === missedRps).map(({ launch }) => launch);
    findings.push({
      code: 'plan-launch-missed',
      severity: 'warning',
      message: `launch ${at.join(', ')} missed the SLO at ${formatRate(missedRps)} req/s, which the first launch met: plan by the lower bound.`,
    });
  }
  const proven = levels
    .filter((one) => (one.launch ?? 1) === 1 && one.load.kind === 'open')
    .filter((one) => levelPasses(one, slos) && isProven(one, slos))
    .filter((one) => rateOf(one) <= pointRps && rateOf(one) < missedRps)
    .sort(byRate)
    .at(-1);
  if (proven !== undefined) {
    // So many arrived there in truth: a count of Poisson arrivals varies by itself. A lower bound is
    // neither above what was asked for, nor above the point.
    const { rateRps, plannedRps } = ratesOf(proven);
    const seen = Math.min(rateRps, plannedRps, point.rateRps);
    const reason = `the SLO is proven there (95 %), ${formatRate(plannedRps)} req/s planned`;
    return { rateRps: seen, plannedRps, level: proven.index, reason };
  }
  findings.push({
    code: 'plan-not-proven',
    severity: 'warning',
    message:
      'no level proves the SLO, so there is no lower bound: a p99 takes 299 requests without a miss, more with misses. Give longer levels (--duration, --level-requests).',
  });
  return { rateRps: null, plannedRps: null, level: null, reason: 'no level proves the SLO' };
}

function isProven(level: LevelSummary, slos: readonly SloTemplate[]): boolean {
  return slos.every(({ id }) =>
    level.slos?.some(({ criterion, verdict }) => criterion === id && verdict === 'proven'),
  );
}

function ratesOf(level: LevelSummary): { rateRps: number; plannedRps: number } {
  const plannedRps = rateOf(level);
  return { rateRps: offeredRate(level) ?? plannedRps, plannedRps };
}

const rateOf = ({ load }: LevelSummary): number => load.rateRps ?? Number.POSITIVE_INFINITY;
const byRate = (a: LevelSummary, b: LevelSummary) => rateOf(a) - rateOf(b);
const lengthS = (level: LevelSummary) => (level.windowEndUs - level.windowStartUs) / 1e6;
