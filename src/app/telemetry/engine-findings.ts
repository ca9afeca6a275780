import type { Finding, LevelSummary, SloTemplate } from '../../model/index.ts';
import { findKnees, mainKnee } from '../../protocols/index.ts';
import { explainKnee, judgeViews } from '../../telemetry/index.ts';

/** What the engine's own figures say about the run's: agreement, and why the knee is where it is. */
export function engineFindings(
  levels: readonly LevelSummary[],
  slos: readonly SloTemplate[],
): Finding[] {
  const knee = mainKnee(findKnees(levels, slos), slos);
  const failed = levels.find(
    ({ load, launch, role }) =>
      load.rateRps === knee?.failRps && (launch ?? 1) === 1 && role !== 'sustained',
  );
  const passed = levels.find(({ index }) => index === knee?.level);
  const why =
    knee === null || knee.failRps === null || knee.failedBy === 'invalid'
      ? []
      : explainKnee(passed ?? null, failed ?? null);
  return [...judgeViews(levels), ...why];
}
