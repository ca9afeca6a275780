import { defaultMethod, type MethodSettings } from '../protocols/index.ts';
import { isQuickLook } from './run-state.ts';
import type { RunSettings } from './settings.ts';

/** How a run is conducted, by its settings. A quick look has neither gates nor idle time. */
export function methodOf(settings: RunSettings): MethodSettings {
  const quick = isQuickLook(settings);
  return {
    warmupRuns: settings.warmupRuns ?? (quick ? 1 : defaultMethod.warmupRuns),
    warmupRequests: settings.warmupRequests ?? (quick ? 3 : null),
    gates: quick ? 'off' : settings.gates,
    requireSteady: settings.requireSteady,
    durationS: settings.duration,
    requests: settings.requests,
    maxLevelDurationS: settings.maxLevelDuration,
    maxProbes: settings.maxProbes,
    tolerance: defaultMethod.tolerance,
    restS: quick ? 0 : settings.rest,
    sustainedS: settings.sustained,
    launches: settings.launches,
  };
}
