import { type Command, Option } from 'commander';
import { BenchError } from '../../core/index.ts';
import type { CommandContext } from '../command-context.ts';
import {
  arenaRunOptions,
  judgeOptions,
  leaderboardOptions,
  scenarioCheckOptions,
  scoreOptions,
} from '../options/arena.ts';
import { attachOptions, givenFlags } from '../options/attach.ts';
import { resolveOptions } from '../options/resolve.ts';

export function addArenaCommand(program: Command, { host, exit }: CommandContext): void {
  const arena = program
    .command('arena')
    .description('Trials of agents that optimise an inference server: run, judge, score, rank.');

  const judge = arena
    .command('judge')
    .description(
      'Judge a folder with a launch script: is it honest, as good as the reference, how fast?',
    );
  attachOptions(judge, judgeOptions);
  judge.action(async () => {
    const given = givenFlags(judge, judgeOptions);
    const settings = resolveOptions(judgeOptions, given, host.env, {}, 'arena judge');
    for (const name of ['scenario', 'submission'] as const) {
      if (settings[name] !== '') continue;
      throw new BenchError('USAGE_MISSING', `bench arena judge needs --${name}.`, {
        hint: 'bench arena judge --scenario decode --class small --submission DIR',
      });
    }
    const { runArenaJudge } = await import('../../app/index.ts');
    exit(await runArenaJudge(settings, host));
  });

  const run = arena
    .command('run')
    .description(
      'Give an agent a model, this machine and a clock; judge the server that it leaves behind.',
    );
  attachOptions(run, arenaRunOptions);
  run.action(async () => {
    const given = givenFlags(run, arenaRunOptions);
    const settings = resolveOptions(arenaRunOptions, given, host.env, {}, 'arena run');
    for (const name of ['scenario', 'agent'] as const) {
      if (settings[name] !== '') continue;
      throw new BenchError('USAGE_MISSING', `bench arena run needs --${name}.`, {
        hint: 'bench arena run --scenario decode --class small --agent script:./my-agent.sh',
      });
    }
    const { runArenaRun } = await import('../../app/index.ts');
    exit(await runArenaRun(settings, host));
  });

  arena
    .command('resume')
    .description('Go on with a trial whose arena was killed or interrupted.')
    .argument('<dir>', 'the --output folder of the trial')
    .option('--json', 'one JSON object on stdout')
    .action(async (dir: string, options: { json?: boolean }) => {
      const { resumeArenaRun } = await import('../../app/index.ts');
      exit(await resumeArenaRun(dir, { json: options.json === true }, host));
    });

  const score = arena
    .command('score')
    .description('Score stored trials again, from their folders alone.')
    .argument('<dir>', "a trial's folder, or one with such folders");
  attachOptions(score, scoreOptions);
  score.action(async (dir: string) => {
    const settings = resolveOptions(
      scoreOptions,
      givenFlags(score, scoreOptions),
      host.env,
      {},
      'arena score',
    );
    const { runArenaScore } = await import('../../app/index.ts');
    exit(await runArenaScore(dir, settings, host));
  });

  const leaderboard = arena
    .command('leaderboard')
    .description(
      'Rank entries over their trials: outcomes, scores with intervals, what they tried.',
    )
    .argument('<dirs...>', 'folders with trials');
  attachOptions(leaderboard, leaderboardOptions);
  leaderboard.action(async (dirs: string[]) => {
    const given = givenFlags(leaderboard, leaderboardOptions);
    const settings = resolveOptions(leaderboardOptions, given, host.env, {}, 'arena leaderboard');
    const { runArenaLeaderboard } = await import('../../app/index.ts');
    exit(await runArenaLeaderboard(dirs, settings, host));
  });

  const scenario = arena.command('scenario').description('Scenarios of the arena, as data.');
  scenario
    .command('list')
    .description('Scenarios that come with bench.')
    .option('--json', 'one JSON object on stdout')
    .action(async (options: { json?: boolean }) => {
      const { listArenaScenarios } = await import('../../app/index.ts');
      exit(await listArenaScenarios({ json: options.json === true }, host));
    });
  scenario
    .command('show')
    .description('One scenario: load, seeds, reference, gates, limits.')
    .argument('<id>', 'scenario, for example decode; or the path of a folder with scenario.json')
    .addOption(new Option('--class <class>', 'only this class').choices(['full', 'small']))
    .option('--json', 'one JSON object on stdout')
    .action(async (id: string, options: { class?: 'full' | 'small'; json?: boolean }) => {
      const { showArenaScenario } = await import('../../app/index.ts');
      const { class: size = null, json = false } = options;
      exit(await showArenaScenario(id, { class: size, json }, host));
    });

  const check = scenario
    .command('check')
    .description(
      'Try a scenario before it is used: the reference has to score about 1, a tuned server more, an empty script and cheats have to fail.',
    )
    .argument('<id>', 'scenario, for example decode; or the path of a folder with scenario.json');
  attachOptions(check, scenarioCheckOptions);
  check.action(async (id: string) => {
    const given = givenFlags(check, scenarioCheckOptions);
    const command = 'arena scenario check';
    const settings = resolveOptions(scenarioCheckOptions, given, host.env, {}, command);
    const { runScenarioCheck } = await import('../../app/index.ts');
    exit(await runScenarioCheck(id, settings, host));
  });
}
