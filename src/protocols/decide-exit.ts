import { ExitCode, strongestExitCode } from '../core/index.ts';
import type { LevelSummary, SloTemplate, SustainedResult } from '../model/index.ts';
import { isPlainLevel, isUnfit } from './find-knees.ts';

export interface ExitFacts {
  levels: readonly LevelSummary[];
  headline: number | null;
  slo: SloTemplate | null;
  failOnSlo: boolean;
  interrupted: boolean;
  /** Absent or null: none was asked for. */
  sustained?: SustainedResult | null;
}

/**
 * The exit code of a finished run (docs/reference/exit-codes.md). The SLO is judged by the levels of
 * the first launch that can be judged; a sustained run that never held, "no level meets the SLO", is
 * exit 5.
 */
export function decideExit(facts: ExitFacts): ExitCode {
  const { levels, slo } = facts;
  const codes: ExitCode[] = [];
  if (facts.interrupted) codes.push(ExitCode.interrupted);
  const okTotal = levels.reduce((sum, level) => sum + okCount(level), 0);
  if (okTotal === 0 && !facts.interrupted) codes.push(ExitCode.target);
  const unsteady = levels.some(({ findings }) =>
    findings.some(({ code, severity }) => severity === 'invalid' && gateCodes.includes(code)),
  );
  if (unsteady || (levels.length > 0 && facts.headline === null)) codes.push(ExitCode.invalid);
  if (slo !== null) {
    const judged = levels.filter((level) => isPlainLevel(level) && !isUnfit(level));
    const meets = (level: LevelSummary) =>
      level.sloMet === true && level.keepingUp?.verdict !== 'falls-behind';
    const notHeld = facts.sustained !== undefined && facts.sustained?.passed === false;
    const none = (judged.length > 0 && !judged.some(meets)) || notHeld;
    // A search goes beyond what the server can do on purpose.
    const some = judged.some((level) => level.role !== 'sweep' && !meets(level));
    if (none || (facts.failOnSlo && some)) codes.push(ExitCode.slo);
  }
  return strongestExitCode(codes);
}

/** With --require-steady a gate that did not open is exit 6. */
const gateCodes = ['server-not-warm', 'level-not-settled'];

function okCount(level: LevelSummary): number {
  const ok = level.metrics.values['requests_ok'];
  return typeof ok === 'number' ? ok : 0;
}
