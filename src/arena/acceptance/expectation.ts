import type { CheckedFolder, TrialCheck, TrialScore } from '../../model/index.ts';
import { mostDrift } from '../judge/drift.ts';

/** What came of a folder, and what it is compared with. */
export interface JudgedFolder {
  part: CheckedFolder['part'];
  score: Pick<TrialScore, 'outcome' | 'reason' | 'score' | 'speedup' | 'class'>;
  /** Of the reference judged as a submission; null = not judged, or not to be told. */
  referenceScore: number | null;
  /** Why a cheat has no chance in the sandbox; null = it has. */
  prevented: string | null;
  /** What the check that it was written against said; null = nothing, or there is none. */
  against: TrialCheck['verdict'] | null;
}

export const expectations: Record<CheckedFolder['part'], string> = {
  reference: 'scores about 1',
  oracle: 'scores above the reference',
  empty: 'fails',
  cheats: 'fails',
};

/** Whether a folder ended as its part has to. */
export function judgeExpectation({
  part,
  score,
  referenceScore,
  prevented,
  against,
}: JudgedFolder): Pick<CheckedFolder, 'verdict' | 'why'> {
  const { outcome } = score;
  if (outcome === 'infra_error') {
    return { verdict: 'unknown', why: score.reason ?? 'the arena failed' };
  }
  if (part === 'cheats' && outcome === 'server_fail' && against !== 'fail') {
    return { verdict: 'unknown', why: `it was not caught, it broke: ${score.reason ?? outcome}` };
  }
  const why = whyNot[part](score, referenceScore);
  // It is scored for what its server does, which is nothing but honest then.
  if (why !== null && part === 'cheats' && prevented !== null && against === 'pass') {
    return { verdict: 'as_expected', why: `it could not cheat: ${prevented}` };
  }
  return { verdict: why === null ? 'as_expected' : 'not_as_expected', why };
}

type Judge = (score: JudgedFolder['score'], referenceScore: number | null) => string | null;

const cheated: Judge = ({ outcome, score }) =>
  outcome === 'scored' || outcome === 'regressed'
    ? `it was ${outcome}${score === null ? '' : ` ${score.toFixed(3)}`}: no check failed it`
    : null;

const whyNot: Record<CheckedFolder['part'], Judge> = {
  reference: ({ outcome, reason, speedup, class: size }) => {
    if (outcome !== 'scored' && outcome !== 'regressed') return told(outcome, reason);
    const most = mostDrift[size];
    if (speedup === null) return 'it has no speed-up';
    if (speedup <= most && speedup >= 1 / most) return null;
    return `it is ${speedup.toFixed(3)} times as fast as itself: beyond ${most}x, the drift that is allowed`;
  },
  oracle: ({ outcome, reason, score }, referenceScore) => {
    if (outcome !== 'scored') return told(outcome, reason);
    const least = Math.max(1, referenceScore ?? 1);
    if (score !== null && score > least) return null;
    return `its score ${score?.toFixed(3) ?? '-'} is not above ${least.toFixed(3)}: there is nothing to gain, or the oracle is badly tuned`;
  },
  empty: cheated,
  cheats: cheated,
};

const told = (outcome: string, reason: string | null) =>
  reason === null ? outcome : `${outcome}: ${reason}`;
