import { resolve, sep } from 'node:path';
import {
  buildLeaderboard,
  findRules,
  findTrials,
  readRulesFile,
  readTrial,
  scoreTrial,
} from '../../arena/index.ts';
import type { Host } from '../../core/index.ts';
import { packageVersion } from '../../host/index.ts';
import type { Leaderboard, ScoringRules, TrialScore } from '../../model/index.ts';

/**
 * Scores of all trials in and below some folders: under the rules that each was judged by, or under
 * those that are asked for.
 *
 * @param asked `--rules`: an id of rules that come with bench, or a file
 * @throws BenchError RESULT_*, USAGE_UNKNOWN_SCORING_RULES, USAGE_RULES_FILE, USAGE_RULES_MISMATCH
 */
export async function scoreFolders(
  dirs: readonly string[],
  asked: string | null,
  host: Host,
): Promise<Leaderboard> {
  const wanted = asked === null ? null : await rulesAsked(asked, host.cwd);
  const known = new Map<string, ScoringRules>();
  const rulesFor = async (id: string) => {
    const rules = wanted ?? known.get(id) ?? (await findRules(id));
    known.set(rules.id, rules);
    return rules;
  };
  const scores: TrialScore[] = [];
  for (const dir of dirs) {
    for (const path of await findTrials(resolve(host.cwd, dir))) {
      const trial = await readTrial(path);
      const rules = await rulesFor(trial.scenario.scoring);
      scores.push(scoreTrial(trial, rules, shortened(path, host.cwd)));
    }
  }
  return buildLeaderboard(scores, [...known.values()], packageVersion());
}

function rulesAsked(asked: string, cwd: string): Promise<ScoringRules> {
  return /[/\\]|\.json$/.test(asked) ? readRulesFile(resolve(cwd, asked)) : findRules(asked);
}

const shortened = (path: string, cwd: string) =>
  path.startsWith(cwd + sep) ? path.slice(cwd.length + 1) : path;
