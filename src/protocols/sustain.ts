import { formatRate, type LevelSummary } from '../model/index.ts';
import { type Conduct, conductLevel } from './conduct.ts';
import { slosOf } from './context.ts';
import { findKnees, isSearchLevel, levelPasses, mainKnee } from './find-knees.ts';

const maxSteps = 4;
const stepDown = 0.9;

/**
 * One long level at the highest rate that the search found. Where it fails there, the next lower
 * rate is tried, at most four times: the next one that was measured and passed where that is no
 * more than a quarter below, else nine tenths.
 */
export async function sustain(conduct: Conduct, durationS: number): Promise<void> {
  const { context, method, summaries, planner } = conduct;
  const slos = slosOf(context);
  const knee = mainKnee(findKnees(summaries, slos), slos);
  const failedRps: number[] = [];
  const none = { level: null, rateRps: null, durationS, passed: false, failedRps };
  let rateRps = knee?.maxRateRps ?? null;
  if (rateRps === null) {
    const passes = slos.length === 0 ? 'keeps up' : 'meets the SLO';
    const what = knee?.failedBy === 'invalid' ? 'is fit to be judged' : passes;
    method.sustained = { ...none, reason: `No level ${what}: there is no rate to sustain.` };
    return;
  }
  for (let step = 0; step <= maxSteps; step++) {
    const salt = `sustained ${rateRps}`;
    const plan = planner.open(rateRps, { requests: null, durationS, salt });
    const levels = summaries.length + 1;
    const level = await conductLevel(conduct, plan, { role: 'sustained', levels });
    if (level === null) {
      method.sustained = { ...none, reason: 'Interrupted.' };
      return;
    }
    if (levelPasses(level, slos)) {
      const at = `${formatRate(rateRps)} req/s held for ${durationS} s`;
      const before = failedRps.map(formatRate).join(', ');
      const reason = step === 0 ? `${at}.` : `${at}, after ${before} req/s had not.`;
      method.sustained = { ...none, level: level.index, rateRps, passed: true, reason };
      if (step > 0) sayStepDown(conduct, before, rateRps);
      return;
    }
    failedRps.push(rateRps);
    rateRps = lowerRate(summaries, conduct, rateRps);
  }
  const tried = failedRps.map(formatRate).join(', ');
  method.sustained = { ...none, reason: `Not held for ${durationS} s at ${tried} req/s.` };
}

function lowerRate(
  summaries: readonly LevelSummary[],
  { context }: Conduct,
  failedRps: number,
): number {
  const measured = summaries
    .filter((level) => isSearchLevel(level) && levelPasses(level, slosOf(context)))
    .map(({ load }) => load.rateRps ?? 0)
    .filter((rate) => rate < 0.95 * failedRps && rate >= 0.75 * failedRps);
  return measured.length > 0
    ? Math.max(...measured)
    : Number((stepDown * failedRps).toPrecision(4));
}

function sayStepDown(conduct: Conduct, failed: string, rateRps: number): void {
  conduct.findings.push({
    code: 'sustained-stepped-down',
    severity: 'warning',
    message: `the rate that the search found did not hold over the sustained run (${failed} req/s); ${formatRate(rateRps)} req/s did.`,
  });
}
