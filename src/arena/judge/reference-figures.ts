import type { MeasuredLaunch } from '../../model/index.ts';
import { alikeShare } from '../checks/canned-answers.ts';
import type { KnownSoFar } from './known-so-far.ts';
import type { Judgement, JudgeOrder } from './order.ts';
import { idOf } from './time-profiles.ts';
import { withoutCanaries } from './timed-traffic.ts';

/** What a judgement says of its reference: measured in the trial, or before. */
export function referenceFigures(order: JudgeOrder, trial: KnownSoFar): Judgement['reference'] {
  return {
    measured: order.storedReference === null ? 'in_trial' : 'stored',
    launches: launchesOf(order, trial),
    again: order.storedReference === null ? [] : trial.referenceTimed.map(idOf),
    aloneP50Ms: trial.aloneP50Ms,
    alikeShare: alikeOf(order, trial),
    modelSha256: trial.model.before,
    ...subsetOf(order, trial),
  };
}

/** How much the reference was asked, here or when it was stored. */
function subsetOf(
  { storedReference }: JudgeOrder,
  { referenceTimed }: KnownSoFar,
): Pick<Judgement['reference'], 'subset'> {
  const here = referenceTimed.flatMap(({ subset }) => subset ?? []);
  const before = (storedReference?.subset ?? []).filter(
    ({ profile }) => !referenceTimed.some((one) => idOf(one) === profile),
  );
  const subset = [...before, ...here];
  return subset.length === 0 ? {} : { subset };
}

/** The reference's figures: as stored, but for profiles that were measured again. */
function launchesOf({ storedReference }: JudgeOrder, trial: KnownSoFar): MeasuredLaunch[] {
  const own = trial.referenceLaunches;
  if (storedReference === null) return own;
  const again = own.flatMap(({ profiles }) => profiles);
  return storedReference.launches.map(({ profiles }) => ({
    profiles: profiles.map((one) => again.find(({ profile }) => profile === one.profile) ?? one),
  }));
}

/** Of the timed answers, or as it was stored with the figures of others. */
export const alikeOf = (
  { storedReference }: JudgeOrder,
  { referenceTimed }: KnownSoFar,
): number | null =>
  storedReference === null
    ? alikeShare(referenceTimed.map(withoutCanaries).flatMap(({ answers }) => answers))
    : storedReference.alikeShare;
