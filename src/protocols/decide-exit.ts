import { ExitCode, strongestExitCode } from '../core/index.ts';
import type { LevelSummary, SloTemplate } from '../model/index.ts';

export interface ExitFacts {
  levels: readonly LevelSummary[];
  headline: number | null;
  slo: SloTemplate | null;
  failOnSlo: boolean;
  interrupted: boolean;
}

/** The exit code of a finished run (docs/reference/exit-codes.md). */
export function decideExit(facts: ExitFacts): ExitCode {
  const { levels, slo } = facts;
  const codes: ExitCode[] = [];
  if (facts.interrupted) codes.push(ExitCode.interrupted);
  const okTotal = levels.reduce((sum, level) => sum + okCount(level), 0);
  if (okTotal === 0 && !facts.interrupted) codes.push(ExitCode.target);
  if (levels.length > 0 && facts.headline === null) codes.push(ExitCode.invalid);
  if (slo !== null) {
    const none = !levels.some((level) => level.sloMet === true);
    const some = levels.some((level) => level.sloMet !== true);
    if (none || (facts.failOnSlo && some)) codes.push(ExitCode.slo);
  }
  return strongestExitCode(codes);
}

function okCount(level: LevelSummary): number {
  const ok = level.metrics.values['requests_ok'];
  return typeof ok === 'number' ? ok : 0;
}
