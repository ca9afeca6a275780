import { sampleOf } from '../checks/replay.ts';
import { requireSame, timeAlone } from './drift.ts';
import type { KnownSoFar } from './known-so-far.ts';
import type { JudgeOrder } from './order.ts';
import type { ReferenceServer } from './ports.ts';
import type { Prepared } from './prepare.ts';
import { sideAt } from './raise-rate.ts';
import { timeReference } from './reference-subset.ts';
import { idOf, referenceAt } from './time-profiles.ts';
import { withoutCanaries } from './timed-traffic.ts';
import { requireReference } from './with-reference.ts';

/** Of each profile, where the answers of a stored reference are to be compared with. */
const askedAgain = 16;

/** The reference again: drift, and the profiles whose rate was raised for the other side. */
export async function compareReference(
  order: JudgeOrder,
  reference: ReferenceServer,
  { profiles, drift, rule }: Prepared,
  trial: KnownSoFar,
): Promise<void> {
  const again = await timeAlone(reference, drift);
  if (trial.aloneP50Ms !== null) requireSame(order, trial.aloneP50Ms, again, 'during the trial');
  for (const own of trial.timed) {
    const profile = profiles.find((one) => one.profile.id === idOf(own));
    if (profile === undefined) continue;
    const { factor } = sideAt(profile, own);
    if (referenceAt(order, trial, profile).factor === factor) continue;
    const timed = await timeReference(reference, profile, factor, rule);
    requireReference(timed.answers);
    const at = trial.referenceTimed.findIndex((one) => idOf(one) === idOf(own));
    trial.referenceTimed[at === -1 ? trial.referenceTimed.length : at] = { ...timed, cap: null };
  }
  const size = order.stored.scenario.classes[order.class];
  if (order.storedReference === null || size.temperature > 0) return;
  for (const { traffic } of trial.timed.map(withoutCanaries)) {
    if (trial.referenceTimed.some((one) => idOf(one) === traffic.id)) continue;
    const some = { ...traffic, asks: sampleOf(traffic.asks, askedAgain), timed: false };
    const answers = await reference.send(some);
    requireReference(answers);
    trial.referenceAgain.push({ traffic: some, answers, cap: null });
  }
}
