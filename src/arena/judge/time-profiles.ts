import type { KnownSoFar } from './known-so-far.ts';
import type { JudgeOrder } from './order.ts';
import type { LaunchedSubmission } from './ports.ts';
import type { Prepared } from './prepare.ts';
import { raiseRate, sideAt, storedSideAt, type TimedSide } from './raise-rate.ts';
import { type TimedProfile, trafficOf } from './timed-traffic.ts';

/** The timed traffic, from the rates on that the reference came to. */
export async function timeProfiles(
  order: JudgeOrder,
  server: LaunchedSubmission,
  { profiles }: Prepared,
  trial: KnownSoFar,
): Promise<void> {
  for (const profile of profiles) {
    const other = referenceAt(order, trial, profile);
    const measure = async (factor: number) => {
      const traffic = trafficOf(profile, factor);
      const answers = await server.send(traffic);
      trial.all.push(...answers);
      return { traffic, answers };
    };
    trial.timed.push(await raiseRate(profile, { class: order.class, other, measure }));
  }
}

/** Where the reference is, or was when it was stored. */
export function referenceAt(
  { storedReference }: JudgeOrder,
  trial: KnownSoFar,
  profile: TimedProfile,
) {
  const side = trial.referenceTimed.find((one) => idOf(one) === profile.profile.id);
  if (side !== undefined) return sideAt(profile, side);
  return storedSideAt(profile, storedReference?.launches ?? []);
}

export const idOf = ({ traffic }: TimedSide) => traffic.id;
