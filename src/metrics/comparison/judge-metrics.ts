import type { ComparisonBlock, MetricComparison } from '../../model/index.ts';
import {
  detectableDelta,
  equivalenceTest,
  holmAdjusted,
  tInterval,
  tTestP,
} from '../../stats/index.ts';
import { metricInfo } from '../metric-info.ts';
import { effectOfPairs, effectOfRuns, type LogEffect, type RunValue } from './effects.ts';

export interface JudgeOptions {
  /** Metric keys named before anything was measured, in order. */
  primary: readonly string[];
  /** Shown beside them, without a verdict. */
  others: readonly string[];
  /** Equivalent means within +- this share. */
  marginShare: number;
}

const alpha = 0.05;
const power = 0.8;

/** B against A over the valid blocks: one pair of values a block. */
export function compareBlocks(
  blocks: readonly ComparisonBlock[],
  options: JudgeOptions,
): MetricComparison[] {
  const valid = blocks.filter((block) => block.valid);
  return judge(options, (metric) => {
    const values = valid.map((block) => block.values[metric] ?? { a: null, b: null });
    const again = values.filter((value) => value.again !== undefined);
    const floor =
      again.length === 0
        ? null
        : effectOfPairs(again.map((value) => ({ a: value.a, b: value.again ?? null })));
    return { log: effectOfPairs(values), noiseFloor: noiseOf(floor) };
  });
}

/** B against A over stored runs; `valuesOf` gives the values of a metric on each side. */
export function compareRuns(
  valuesOf: (metric: string) => { a: readonly RunValue[]; b: readonly RunValue[] },
  options: JudgeOptions,
): MetricComparison[] {
  return judge(options, (metric) => {
    const { a, b } = valuesOf(metric);
    return { log: effectOfRuns(a, b), noiseFloor: null };
  });
}

interface Measured {
  log: LogEffect;
  noiseFloor: MetricComparison['noiseFloor'];
}

function judge(options: JudgeOptions, measure: (metric: string) => Measured): MetricComparison[] {
  const { primary, others } = options;
  const keys = [...primary, ...others.filter((key) => !primary.includes(key))];
  const rows = keys.map((key) => describe(key, primary.includes(key), measure(key), options));
  // A metric without a p-value is no test: it takes no share of the error.
  const tested = rows.filter((row) => row.primary && row.p !== null);
  const adjusted = holmAdjusted(tested.map((row) => row.p as number));
  tested.forEach((row, i) => {
    row.pHolm = adjusted[i] as number;
  });
  for (const row of rows) row.verdict = verdictOf(row);
  return rows;
}

function describe(
  metric: string,
  primary: boolean,
  { log, noiseFloor }: Measured,
  options: JudgeOptions,
): MetricComparison {
  const { title, unit, better } = metricInfo(metric) ?? { title: metric, unit: '', better: null };
  const { effect } = log;
  const interval = effect === null ? null : tInterval(effect, 1 - alpha);
  const { marginShare } = options;
  const bounds = { low: Math.log(1 - marginShare), high: Math.log(1 + marginShare) };
  const tost = effect === null ? null : equivalenceTest(effect, bounds, alpha);
  return {
    metric,
    title,
    unit,
    better: better ?? 'lower',
    primary,
    n: log.n,
    a: log.a,
    b: log.b,
    ratio: log.estimate === null ? null : Math.exp(log.estimate),
    low: interval === null ? null : Math.exp(interval.low),
    high: interval === null ? null : Math.exp(interval.high),
    confidence: 1 - alpha,
    basis: log.basis,
    p: effect === null ? null : tTestP(effect),
    pHolm: null,
    equivalence: {
      low: tost === null ? null : Math.exp(tost.low),
      high: tost === null ? null : Math.exp(tost.high),
      marginShare,
      within: tost === null ? null : tost.equivalent,
    },
    wilcoxon: wilcoxonOf(log),
    detectableShare: detectableOf(log, primary ? alpha / options.primary.length : alpha),
    noiseFloor,
    verdict: 'not-tested',
  };
}

function wilcoxonOf({ ranks, n }: LogEffect): MetricComparison['wilcoxon'] {
  if (ranks === null) return { p: null, note: n.a + n.b === 0 ? null : 'no difference to rank' };
  if (ranks.smallestP <= alpha) return { p: ranks.p, note: null };
  const size = n.a === n.b ? `${n.a}` : `${n.a} and ${n.b}`;
  return { p: ranks.p, note: `cannot reach 5 % with n = ${size}` };
}

/** Of the design alone: its spread and size, never the effect that was seen. */
function detectableOf({ effect }: LogEffect, level: number): number | null {
  if (effect === null) return null;
  const key = `${effect.df} ${level}`;
  const delta = deltas.get(key) ?? detectableDelta(effect.df, level, power);
  deltas.set(key, delta);
  return Math.expm1(delta * effect.standardError);
}

/** Hundreds of integrals each, and nearly always the same few designs. */
const deltas = new Map<string, number>();

function noiseOf(log: LogEffect | null): MetricComparison['noiseFloor'] {
  if (log === null || log.effect === null) return null;
  const { low, high } = tInterval(log.effect, 1 - alpha);
  const { estimate } = log.effect;
  return {
    ratio: Math.exp(estimate),
    low: Math.exp(low),
    high: Math.exp(high),
    blocks: log.n.a,
  };
}

function verdictOf(row: MetricComparison): MetricComparison['verdict'] {
  if (row.ratio === null) return 'not-measured';
  if (!row.primary) return 'not-tested';
  if (row.pHolm === null) return 'too-few';
  if (row.pHolm <= alpha)
    return row.ratio > 1 === (row.better === 'higher') ? 'b-better' : 'a-better';
  return row.equivalence.within === true ? 'equivalent' : 'no-detectable-difference';
}
