import { join, relative, resolve } from 'node:path';
import { findScenario, listScenarios } from '../../arena/index.ts';
import { ExitCode, type Host } from '../../core/index.ts';
import type { Leaderboard, ScenarioClass } from '../../model/index.ts';
import {
  renderLeaderboard,
  renderLeaderboardHtml,
  renderScenario,
  renderScenarioList,
  renderScores,
  renderScoresMarkdown,
} from '../../report/index.ts';
import { makeFolders, toWriteError, writeFileAtomic } from '../../results/index.ts';
import type { ArenaLeaderboardSettings, ArenaScoreSettings } from './arena-settings.ts';
import { scoreFolders } from './score-trials.ts';

/** `bench arena score`. @throws BenchError RESULT_*, USAGE_* */
export async function runArenaScore(
  dir: string,
  { rules, json, markdown }: ArenaScoreSettings,
  host: Host,
): Promise<ExitCode> {
  const scores = await scoreFolders([dir], rules, host);
  const text = json
    ? asJson(scores)
    : markdown
      ? renderScoresMarkdown(scores)
      : renderScores(scores, terminalOf(host));
  host.stdout.write(text);
  return ExitCode.ok;
}

/** `bench arena leaderboard`. @throws BenchError RESULT_*, USAGE_* */
export async function runArenaLeaderboard(
  dirs: readonly string[],
  { rules, output, json }: ArenaLeaderboardSettings,
  host: Host,
): Promise<ExitCode> {
  const leaderboard = await scoreFolders(dirs, rules, host);
  if (output !== null) await writeLeaderboard(leaderboard, output, host);
  host.stdout.write(json ? asJson(leaderboard) : renderLeaderboard(leaderboard, terminalOf(host)));
  return ExitCode.ok;
}

/** HTML and JSON; those of before are replaced, they can be made again from the trials. */
async function writeLeaderboard(
  leaderboard: Leaderboard,
  output: string,
  host: Host,
): Promise<void> {
  const dir = resolve(host.cwd, output);
  const files = {
    'leaderboard.html': renderLeaderboardHtml(leaderboard),
    'leaderboard.json': asJson(leaderboard),
  };
  try {
    await makeFolders(dir);
    for (const [name, text] of Object.entries(files)) {
      await writeFileAtomic(join(dir, name), text);
    }
  } catch (error) {
    throw toWriteError(error, dir);
  }
  for (const name of Object.keys(files)) {
    host.stderr.write(`${relative(host.cwd, join(dir, name))}\n`);
  }
}

/** `bench arena scenario list`. @throws BenchError USAGE_* */
export async function listArenaScenarios(
  { json }: { json: boolean },
  host: Host,
): Promise<ExitCode> {
  const all = await listScenarios();
  host.stdout.write(
    json
      ? asJson({ scenarios: all.map(({ scenario, sha256 }) => ({ ...scenario, sha256 })) })
      : renderScenarioList(
          all.map(({ scenario }) => scenario),
          terminalOf(host),
        ),
  );
  return ExitCode.ok;
}

/** `bench arena scenario show`. @throws BenchError USAGE_* */
export async function showArenaScenario(
  name: string,
  options: { class: ScenarioClass | null; json: boolean },
  host: Host,
): Promise<ExitCode> {
  const { scenario, sha256 } = await findScenario(name, host.cwd);
  const sizes = options.class === null ? (['full', 'small'] as const) : [options.class];
  host.stdout.write(
    options.json
      ? asJson({ ...scenario, sha256 })
      : renderScenario(scenario, sha256, sizes, terminalOf(host)),
  );
  return ExitCode.ok;
}

const asJson = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

const terminalOf = ({ stdout, env }: Host) => ({
  columns: stdout.isTTY ? stdout.columns : 100,
  color: stdout.isTTY && env['NO_COLOR'] === undefined,
});
