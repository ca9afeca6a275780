import { join, relative } from 'node:path';
import { findRules, type StoredScenario, scoreTrial, trialFile } from '../../arena/index.ts';
import { ExitCode, type Host } from '../../core/index.ts';
import type { Environment, TrialOutcome, TrialResult, TrialScore } from '../../model/index.ts';
import { renderJudgement, renderTrialHtml } from '../../report/index.ts';
import { writeFileAtomic } from '../../results/index.ts';

const pageFile = 'trial.html';

const exits: Record<TrialOutcome, ExitCode> = {
  scored: ExitCode.ok,
  regressed: ExitCode.ok,
  quality_fail: ExitCode.slo,
  integrity_fail: ExitCode.slo,
  wrong_engine: ExitCode.slo,
  server_fail: ExitCode.target,
  infra_error: ExitCode.invalid,
};

/** Writes its page, and prints a trial and its score. @returns the exit code of its outcome */
export async function tellTrial(
  trial: TrialResult,
  stored: StoredScenario,
  { outputDir, json }: { outputDir: string; json: boolean },
  host: Host,
): Promise<ExitCode> {
  const path = shownFolder(host.cwd, outputDir);
  const score = scoreTrial(trial, await findRules(stored.scenario.scoring), path);
  await writeFileAtomic(join(outputDir, pageFile), renderTrialHtml(trial, score));
  host.stdout.write(
    json
      ? asJson(trial, score)
      : renderJudgement(trial, score, {
          columns: host.stdout.isTTY ? host.stdout.columns : 100,
          color: host.stdout.isTTY && host.env['NO_COLOR'] === undefined,
        }),
  );
  return exits[score.outcome];
}

/** What others build on: the outcome, the score, the speed-ups and what was seen. */
function asJson(trial: TrialResult, score: TrialScore): string {
  const value = {
    outcome: score.outcome,
    reason: score.reason,
    score: score.score,
    speedup: score.speedup,
    speedCounts: score.speedCounts,
    scenarios: [{ id: score.scenario, class: score.class, parts: score.parts }],
    checks: trial.final?.checks ?? [],
    doubts: score.doubts,
    trial: join(score.path, trialFile),
    page: join(score.path, pageFile),
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** A folder as it is told to people who are in `cwd`. */
export const shownFolder = (cwd: string, folder: string) => relative(cwd, folder) || '.';

/** In words; trials of different machines are not compared. */
export function machineOf({ cpuModel, cpuCount, memoryBytes, gpus }: Environment): string {
  const gpu = gpus.map(({ name }) => name).join(', ');
  const cpu = `${cpuCount}x ${cpuModel}, ${Math.round(memoryBytes / 2 ** 30)} GiB`;
  return gpu === '' ? cpu : `${gpu}; ${cpu}`;
}
