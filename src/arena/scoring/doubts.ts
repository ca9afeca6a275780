import type {
  AskedQuestions,
  MeasuredState,
  ScenarioClass,
  ScoreDoubt,
  TrialGround,
  TrialResult,
  TrialScore,
} from '../../model/index.ts';
import { leastMargin } from '../../stats/index.ts';
import { assumedDiscordant, leastPower } from '../checks/questions.ts';
import { longestS, mostRequests } from '../judge/rate-bounds.ts';

/** What to know before this score is believed; docs/guides/reading-a-score.md has them all. */
export function doubtsOf(
  trial: TrialResult,
  state: MeasuredState | null,
  score: Pick<TrialScore, 'outcome' | 'checks' | 'policy'>,
): ScoreDoubt[] {
  const { outcome, seeds, agentPhase } = trial;
  const doubts: ScoreDoubt[] = [];
  const add = (id: string, message: string) => doubts.push({ id, message });
  if (outcome.kind !== score.outcome) {
    add(
      'outcome-changed',
      `judged ${outcome.kind}, by its evidence and these rules ${score.outcome}`,
    );
  }
  const limited = limitedProfiles(trial, state);
  if (limited.length > 0) {
    add(
      'rate-limited',
      `arrivals, not a server, set the rate of ${limited.join(', ')}: the speed-up is bounded by the load`,
    );
  }
  if (score.checks.flagged.length > 0)
    add('flagged', `flagged: ${score.checks.flagged.join(', ')}`);
  if (seeds.secret === null) {
    add(
      'seed-not-revealed',
      'the secret behind the final seed is not in the trial: cannot be verified',
    );
  }
  const { ground } = trial;
  const open = [
    ...(agentPhase?.sandboxed === false ? ['the agent ran'] : []),
    ...(ground?.sandboxed === false ? ['the submission was judged'] : []),
  ];
  if (open.length > 0) add('unsandboxed', `${open.join(' and ')} without a sandbox`);
  const loose = [...(ground?.server ?? []), ...(ground?.reference ?? [])].filter(
    ({ by }) => by === 'none',
  );
  if (loose.length > 0) {
    const names = [...new Set(loose.map(({ limit }) => limit))].join(', ');
    add('limits-not-held', `nobody held these limits of the scenario: ${names}`);
  }
  const device = otherDevice(ground);
  if (device !== null) add('other-device', device);
  const wide = (trial.reference.subset ?? []).filter(
    ({ halfWidth, until }) => halfWidth === null || halfWidth > until,
  );
  if (wide.length > 0) {
    const each = wide.map(
      ({ profile, requests, halfWidth }) =>
        `${profile} (${requests} requests${halfWidth === null ? '' : `, +-${(100 * halfWidth).toFixed(1)} %`})`,
    );
    add('reference-uncertain', `the reference is less certain than wanted: ${each.join(', ')}`);
  }
  const { questions } = trial;
  if (questions !== undefined && questions.distinct < questions.wanted) {
    add('few-questions', fewQuestions(questions));
  }
  if (state?.measuredBy === 'preview') {
    add('preview-figures', "scored by a preview's figures, not the judge's");
  }
  return doubts;
}

/** Where the sides were not, or need not have been, on what the scenario names. */
function otherDevice(ground: TrialGround | undefined): string | null {
  if (ground?.accelerator === undefined) return null;
  const { wanted, present, referenceOn } = ground.accelerator;
  if (wanted !== null && referenceOn === 'cpu') {
    return `the scenario is made for ${wanted}: here the reference computed on the CPU`;
  }
  if (wanted === null && present !== null && !ground.sandboxed) {
    return `the server could reach an accelerator (${present}), which this class has none of`;
  }
  return null;
}

/** What so many questions can show, where the scenario wants more. */
export function fewQuestions(
  asked: Pick<AskedQuestions, 'name' | 'distinct' | 'wanted' | 'marginPoints'>,
): string {
  const { name, distinct, wanted, marginPoints } = asked;
  const reached = (100 * leastMargin(distinct, assumedDiscordant, leastPower)).toFixed(1);
  return `the quality gate has ${distinct} different questions (${name}) where the scenario wants ${wanted}: they can show a loss of no more than ${reached} points, not ${marginPoints}`;
}

/** Profiles with a rate that one of the sides kept up with, the rate, and why it was not raised. */
function limitedProfiles(trial: TrialResult, state: MeasuredState | null): string[] {
  const launches = [...(state?.launches ?? []), ...(state?.reference ?? trial.reference.launches)];
  const limited = launches.flatMap(({ profiles }) => profiles.filter(isRateLimited));
  return [...new Set(limited.map(({ profile }) => profile))].map((name) => {
    const own = limited.filter(({ profile }) => profile === name);
    const rate = own[0]?.offeredRps ?? null;
    const cap = own.find(({ rateCap }) => rateCap !== undefined)?.rateCap;
    const told = [
      ...(rate === null ? [] : [`${rate} req/s`]),
      ...(cap === undefined ? [] : [capOf(cap, trial.scenario.class)]),
    ];
    return told.length === 0 ? name : `${name} (${told.join(', ')})`;
  });
}

function capOf(cap: 'requests' | 'time', size: ScenarioClass): string {
  if (cap === 'requests')
    return `not doubled again: no profile has more than ${mostRequests} requests`;
  return `not doubled again: the reference would need more than ${longestS[size] / 60} minutes`;
}

/** Completes at least 95 % of what is offered: the arrivals decide, not the server. */
export function isRateLimited(figures: {
  offeredRps: number | null;
  validCompletedRps: number | null;
  rateLimited?: boolean;
}): boolean {
  const { offeredRps, validCompletedRps, rateLimited = false } = figures;
  if (offeredRps === null || validCompletedRps === null) return rateLimited;
  return rateLimited || validCompletedRps >= 0.95 * offeredRps;
}
