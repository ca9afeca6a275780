import { type Knee, type LevelSummary, offeredRate, type SloTemplate } from '../model/index.ts';
import { sloCriteria } from './judge-slos.ts';

/** Criterion of a run without an SLO. */
export const keepsUpCriterion = 'keeps-up';
/** Every SLO asked for at once. */
export const allCriterion = 'all';

/** Levels that a load was searched with: open loop, first launch, not a repetition. */
export function isSearchLevel({ load, role, launch }: LevelSummary): boolean {
  return load.kind === 'open' && isPlainLevel({ role, launch });
}

/** Levels of the first launch that are no sustained run and no repetition. */
export function isPlainLevel(level: {
  role?: LevelSummary['role'] | undefined;
  launch?: number | undefined;
}): boolean {
  const role = level.role ?? 'level';
  return (level.launch ?? 1) === 1 && (role === 'level' || role === 'sweep');
}

/** Valid, within every SLO asked for, and completing what arrives. */
export function levelPasses(level: LevelSummary, slos: readonly SloTemplate[]): boolean {
  return whyLevelFails(level, slos) === null;
}

/** Not valid for a reason that is not the server's: it tells neither that it holds nor that it fails. */
export function isUnfit(level: LevelSummary): boolean {
  return failureOf(level, []) === 'invalid';
}

/** `client-bottleneck, client-degraded`: codes of the findings that make a level invalid. */
export function doubtsOf({ findings }: LevelSummary): string {
  const codes = findings.filter(({ severity }) => severity === 'invalid').map(({ code }) => code);
  return codes.length === 0 ? 'nothing to judge' : [...new Set(codes)].join(', ');
}

/** What keeps a level from passing; `invalid`: nothing about the server, it cannot be judged. */
export function whyLevelFails(level: LevelSummary, slos: readonly SloTemplate[]): Knee['failedBy'] {
  return failureOf(level, wholeIds(slos));
}

/**
 * The highest rate of each criterion: the last level before the first that fails, in order of
 * rate. A level above a failed one never counts, whatever it says; one that is not fit to be judged is
 * passed over, and where no level can be judged the knee is unknown (`failedBy: invalid`). With several SLOs there is one
 * more, `all`; without any there is one, `keeps-up`.
 */
export function findKnees(levels: readonly LevelSummary[], slos: readonly SloTemplate[]): Knee[] {
  const byRate = levels
    .filter(isSearchLevel)
    .sort((a, b) => (a.load.rateRps ?? 0) - (b.load.rateRps ?? 0));
  const whole = wholeIds(slos);
  const knees = sloCriteria(slos).map(({ id }) => findKnee(byRate, id, [id]));
  if (whole.length === 0) return [findKnee(byRate, keepsUpCriterion, [])];
  return whole.length === 1 ? knees : [...knees, findKnee(byRate, allCriterion, whole)];
}

/** The knee that the run is about: all SLOs at once. */
export function mainKnee(knees: readonly Knee[], slos: readonly SloTemplate[]): Knee | null {
  const [only] = slos;
  const id = only === undefined ? keepsUpCriterion : slos.length === 1 ? only.id : allCriterion;
  return knees.find(({ criterion }) => criterion === id) ?? null;
}

function findKnee(
  byRate: readonly LevelSummary[],
  criterion: string,
  ids: readonly string[],
): Knee {
  let best: LevelSummary | null = null;
  let unfit: LevelSummary | null = null;
  for (const level of byRate) {
    const failedBy = failureOf(level, ids);
    // Not fit to be judged, for a reason that is not the server's: no failure of it.
    if (failedBy === 'invalid') {
      unfit ??= level;
      continue;
    }
    if (failedBy !== null) {
      // Below it lies a level that nobody could judge: whether that holds is not known.
      if (best === null && unfit !== null) break;
      const failed = { failRps: level.load.rateRps, failOfferedRps: offeredRate(level) };
      return { ...kneeAt(criterion, best, ids, level), ...failed, failedBy };
    }
    best = level;
    unfit = null;
  }
  if (unfit !== null) {
    const at = { failRps: unfit.load.rateRps, failOfferedRps: offeredRate(unfit) };
    return { ...kneeAt(criterion, best, ids, null), ...at, failedBy: 'invalid' };
  }
  const none = { failRps: null, failOfferedRps: null, failedBy: null };
  return { ...kneeAt(criterion, best, ids, null), ...none };
}

function kneeAt(
  criterion: string,
  best: LevelSummary | null,
  ids: readonly string[],
  failed: LevelSummary | null,
): Omit<Knee, 'failRps' | 'failOfferedRps' | 'failedBy'> {
  return {
    criterion,
    maxRateRps: best?.load.rateRps ?? null,
    offeredRps: offeredRate(best),
    level: best?.index ?? null,
    verdict: verdictOf(best ?? failed, ids),
  };
}

/** The weakest of the level's verdicts: all have to hold. */
function verdictOf(level: LevelSummary | null, ids: readonly string[]): Knee['verdict'] {
  if (level === null) return 'unknown';
  if (ids.length === 0) {
    if (level.keepingUp?.verdict === 'falls-behind') return 'refuted';
    return level.keepingUp?.verdict === 'keeps-up' ? 'not-proven' : 'unknown';
  }
  const verdicts = ids.map((id) => outcomeOf(level, id)?.verdict ?? 'unknown');
  for (const weak of ['refuted', 'unknown', 'not-proven'] as const) {
    if (verdicts.includes(weak)) return weak;
  }
  return 'proven';
}

function failureOf(level: LevelSummary, ids: readonly string[]): Knee['failedBy'] {
  if (!level.valid) {
    const errors = ['error-share-high', 'stopped-all-failed'];
    const ok = Number(level.metrics.values['requests_ok'] ?? 0);
    const failed = level.findings.some(({ code }) => errors.includes(code)) || ok === 0;
    // An overloaded level may have no success to show; its queue is why.
    if (failed && level.keepingUp?.verdict !== 'falls-behind') return 'errors';
    if (!failed) return 'invalid';
  }
  if (ids.some((id) => outcomeOf(level, id)?.met === false)) return 'slo';
  if (level.keepingUp?.verdict === 'falls-behind') return 'falls-behind';
  return ids.every((id) => outcomeOf(level, id)?.met === true) ? null : 'invalid';
}

const outcomeOf = (level: LevelSummary, id: string) =>
  level.slos?.find(({ criterion }) => criterion === id);

const wholeIds = (slos: readonly SloTemplate[]) => slos.map(({ id }) => id);
