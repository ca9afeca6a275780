import { requestMeetsSlo } from '../metrics/index.ts';
import type { LevelRun, RequestRecord, SloOutcome, SloTemplate } from '../model/index.ts';
import { clopperPearson } from '../stats/index.ts';

export interface SloCriterion {
  /** `llm.standard`, or one limit of it: `llm.standard:ttft`. */
  id: string;
  slo: SloTemplate;
  /** The SLO itself rather than one of its limits. */
  whole: boolean;
}

/** Each SLO, followed by each of its limits alone. */
export function sloCriteria(slos: readonly SloTemplate[]): SloCriterion[] {
  return slos.flatMap((slo) => {
    const none = { ...slo, ttftMs: null, tpotMs: null, e2eMs: null };
    const alone = (limit: string, part: Partial<SloTemplate>): SloCriterion => ({
      id: `${slo.id}:${limit}`,
      slo: { ...none, ...part },
      whole: false,
    });
    return [
      { id: slo.id, slo, whole: true },
      ...(slo.ttftMs === null ? [] : [alone('ttft', { ttftMs: slo.ttftMs })]),
      ...(slo.tpotMs === null ? [] : [alone('tpot', { tpotMs: slo.tpotMs })]),
      ...(slo.e2eMs === null ? [] : [alone('e2e', { e2eMs: slo.e2eMs })]),
    ];
  });
}

/** How the counted requests of a level stand to each criterion. */
export function judgeSlos(run: LevelRun, slos: readonly SloTemplate[]): SloOutcome[] {
  const counted = run.records.filter((record) => record.counted);
  return sloCriteria(slos).map((criterion) => judgeSlo(counted, criterion));
}

/**
 * A p99 limit is met when at least 99 % of the requests are within it, failures being misses.
 * Proven: the lower one-sided 95 % Clopper–Pearson bound of that share reaches 99 % (299 requests
 * without a miss); refuted: the upper bound is below.
 */
export function judgeSlo(counted: readonly RequestRecord[], criterion: SloCriterion): SloOutcome {
  const { id, slo } = criterion;
  const { quantile } = slo;
  let requests = 0;
  let misses = 0;
  for (const record of counted) {
    const meets = requestMeetsSlo(record, slo);
    if (meets === null) continue;
    requests += 1;
    if (!meets) misses += 1;
  }
  if (requests === 0) {
    const none = { attained: null, lower: null, upper: null, met: null };
    return { criterion: id, quantile, requests, misses, ...none, verdict: 'unknown' };
  }
  const attained = (requests - misses) / requests;
  const { low: lower, high: upper } = clopperPearson(requests - misses, requests, 0.9);
  return {
    criterion: id,
    quantile,
    requests,
    misses,
    attained,
    lower,
    upper,
    met: attained >= quantile - 1e-12,
    verdict: lower >= quantile ? 'proven' : upper < quantile ? 'refuted' : 'not-proven',
  };
}

/**
 * Whether a level meets every SLO asked for, by point estimate.
 *
 * @returns null without an SLO, or where none is missed and one of them cannot be judged.
 */
export function meetsEverySlo(
  outcomes: readonly SloOutcome[],
  slos: readonly SloTemplate[],
): boolean | null {
  const met = slos.map(({ id }) => outcomes.find(({ criterion }) => criterion === id)?.met ?? null);
  if (met.includes(false)) return false;
  return met.length === 0 || met.includes(null) ? null : true;
}

/** Every SLO is proven or refuted: more requests would not change what is known. */
export function isDecided(
  counted: readonly RequestRecord[],
  slos: readonly SloTemplate[],
): boolean {
  const outcomes = sloCriteria(slos)
    .filter((criterion) => criterion.whole)
    .map((criterion) => judgeSlo(counted, criterion));
  return (
    outcomes.some(({ verdict }) => verdict === 'refuted') ||
    outcomes.every(({ verdict }) => verdict === 'proven')
  );
}

/** Fewest requests with which every SLO can be proven; 0 without an SLO. */
export function requestsToProve(slos: readonly SloTemplate[]): number {
  return slos.reduce((most, { quantile }) => {
    const needed = quantile < 1 ? Math.ceil(Math.log(0.05) / Math.log(quantile)) : 0;
    return Math.max(most, needed);
  }, 0);
}
