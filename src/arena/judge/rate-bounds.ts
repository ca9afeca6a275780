import type { ScenarioClass } from '../../model/index.ts';

/** A profile never has more, however often its rate and request count are doubled. */
export const mostRequests = 1024;

/** Seconds that the reference may need for a profile that is doubled for the other side. */
export const longestS: Record<ScenarioClass, number> = { small: 300, full: 3 * 3600 };
