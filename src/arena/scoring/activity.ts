import type { TrialResult, TrialScore } from '../../model/index.ts';

/**
 * What the agent did with its time. A configuration is a set of non-default flags: the same set
 * again, in whatever order, counts once, and a start without any is the default, not a configuration.
 */
export function activityOf(
  { agentPhase }: TrialResult,
  timeToBestS: number | null,
): TrialScore['activity'] {
  const starts = agentPhase?.serverStarts ?? null;
  const sets = starts?.filter(({ flags }) => flags.length > 0).map(({ flags }) => keyOf(flags));
  return {
    configurations: sets === undefined ? null : new Set(sets).size,
    restarts: starts === null ? null : Math.max(0, starts.length - 1),
    timeToBestS,
    wallS: agentPhase?.wallS ?? null,
    budgetS: agentPhase?.budgetS ?? null,
  };
}

const keyOf = (flags: readonly string[]) => JSON.stringify([...new Set(flags)].sort());
