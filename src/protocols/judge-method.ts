import type { Finding, KeepingUp, LevelRun, SteadyWindow } from '../model/index.ts';
import { overloadedCode } from './keeping-up.ts';

/** Requests below which a level that did not settle is too short to say so. */
const minSteadyRequests = 100;

/** Doubts about a level that come of how it was conducted rather than of its metrics. */
export function judgeMethod(
  run: LevelRun,
  keepingUp: KeepingUp | null,
  steady: SteadyWindow | null,
): Omit<Finding, 'level'>[] {
  const findings: Omit<Finding, 'level'>[] = [];
  const stopped = run.findings.some(({ code }) => code === overloadedCode);
  const behind = keepingUp?.verdict === 'falls-behind';
  if (behind && !stopped) {
    findings.push({
      code: 'falls-behind',
      severity: 'warning',
      message: `more arrived than was completed: ${keepingUp?.reason}. Latencies of such a level depend on its length.`,
    });
  }
  const counted = run.records.filter((record) => record.counted).length;
  if (steady !== null && !steady.steady && !behind && counted >= minSteadyRequests) {
    findings.push({
      code: 'window-not-steady',
      severity: 'warning',
      message: `TTFT never settled within the window: MSER-5 would cut ${steady.cutRequests} of its requests (${Math.round(100 * steady.cutShare)} %). Give a longer --duration.`,
    });
  }
  return findings;
}
