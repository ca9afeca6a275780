import type { MeasuredLaunch, ProfileFigures, ScenarioClass } from '../../model/index.ts';
import type { Answer, Traffic } from './ports.ts';
import { longestS, mostRequests } from './rate-bounds.ts';
import type { TimedProfile } from './timed-traffic.ts';

/** One side's answers to a profile, at the rate that it came to. */
export interface TimedSide {
  traffic: Traffic;
  answers: Answer[];
  /** Why the rate was not doubled once more, though this side kept up with it. */
  cap: ProfileFigures['rateCap'] | null;
}

/** Where the other side is already. */
export interface OtherSide {
  /** Its rate over the profile's own. */
  factor: number;
  /** Null = not known. */
  completedRps: number | null;
}

/**
 * Times a profile at the rate where the other side is; rate and requests double while this side keeps
 * up: below that the arrivals decide, not a server. Rates that the other side kept up with are left out.
 *
 * @param measure this side at a rate over the profile's own; in part where that tells as much
 */
export async function raiseRate<T extends Omit<TimedSide, 'cap'>>(
  { profile }: TimedProfile,
  options: { class: ScenarioClass; other: OtherSide; measure(factor: number): Promise<T> },
): Promise<T & TimedSide> {
  const { completedRps } = options.other;
  for (let { factor } = options.other; ; factor *= 2) {
    const side = await options.measure(factor);
    if (!keepsUp(side.traffic, side.answers)) return { ...side, cap: null };
    const next = 2 * factor * profile.requests;
    if (next > mostRequests) return { ...side, cap: 'requests' };
    const needsS = completedRps === null ? 0 : next / completedRps;
    if (needsS > longestS[options.class]) return { ...side, cap: 'time' };
  }
}

/** Where a side is whose answers are here. */
export function sideAt({ profile }: TimedProfile, { traffic, answers }: TimedSide): OtherSide {
  const endMs = Math.max(...answers.map((one) => one.endMs), 1);
  return {
    factor: (traffic.rateRps ?? 1) / (profile.rateRps ?? 1),
    completedRps: answers.length / (endMs / 1000),
  };
}

/** Where a side was when it was measured. */
export function storedSideAt(
  { profile }: TimedProfile,
  launches: readonly MeasuredLaunch[],
): OtherSide {
  const figures = launches[0]?.profiles.find((one) => one.profile === profile.id);
  const times = (figures?.offeredRps ?? 1) / (profile.rateRps ?? figures?.offeredRps ?? 1);
  return {
    factor: 2 ** Math.max(0, Math.round(Math.log2(times))),
    completedRps: figures?.validCompletedRps ?? null,
  };
}

/**
 * At least 95 % of the offered rate was completed. How long a single answer takes is no matter of the
 * rate: the shortest is taken off.
 */
export function keepsUp({ rateRps }: Traffic, answers: readonly Answer[]): boolean {
  const ok = answers.filter(({ outcome }) => outcome === 'ok');
  if (rateRps === null || ok.length < 2) return false;
  const shortestMs = Math.min(...ok.map(({ latencyMs }) => latencyMs ?? 0));
  const lastMs = Math.max(...ok.map(({ endMs }) => endMs));
  return ok.length - 1 >= 0.95 * rateRps * ((lastMs - shortestMs) / 1000);
}
