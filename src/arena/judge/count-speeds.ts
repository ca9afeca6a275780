import type { Evidence } from '../checks/check.ts';
import type { KnownSoFar } from './known-so-far.ts';
import type { TimedSide } from './raise-rate.ts';
import { speedFigures } from './speed-figures.ts';

/** Own token counts to speeds, of both sides. */
export async function countSpeeds(evidence: Evidence, trial: KnownSoFar): Promise<void> {
  // Times of the same requests on both sides.
  const placesOf = (id: string) => {
    const places = trial.referenceTimed.find(({ traffic }) => traffic.id === id)?.places ?? null;
    return places === null ? null : new Set(places);
  };
  const figures = async (
    sides: readonly TimedSide[],
    timesOf: (id: string) => ReadonlySet<number> | null,
  ) => {
    const profiles = [];
    for (const side of sides) {
      const { answers } = side;
      const whole = await evidence.countOutput(answers);
      const first = await evidence.countOutput(
        answers.map((one) => ({ ...one, text: one.firstText })),
      );
      const times = timesOf(side.traffic.id);
      profiles.push(speedFigures(side, { whole, first }, evidence.size, times));
    }
    return profiles;
  };
  trial.launches = [{ profiles: await figures(trial.timed, placesOf) }];
  trial.referenceLaunches = [{ profiles: await figures(trial.referenceTimed, () => null) }];
}
