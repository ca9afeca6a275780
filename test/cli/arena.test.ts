import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeState, makeTrial } from '../../src/arena/trial.fixture.ts';
import type { Leaderboard } from '../../src/model/index.ts';
import { sampleTrials, storeTrials } from './arena-trials.ts';
import { runCli } from './run-cli.ts';

let cwd = '';
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'bench-arena-'));
  storeTrials(join(cwd, 'trials'), sampleTrials());
  mkdirSync(join(cwd, 'empty'));
  mkdirSync(join(cwd, 'broken'));
  writeFileSync(join(cwd, 'broken', 'scenario.json'), 'no JSON');
  writeFileSync(join(cwd, 'text'), 'words\n');
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));
const bench = (...argv: string[]) => runCli(['arena', ...argv], { cwd });
const parse = (text: string) => JSON.parse(text) as Leaderboard;

describe('bench arena score', () => {
  test('prints every trial with its outcome, score and why, and repeats with their interval', async () => {
    const { exitCode, out, err } = await bench('score', 'trials');
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' });
    expect(out).toMatch(
      /^careful-agent-prefill-1 +prefill +careful-agent +21\/1337 +scored +3\.50×/m,
    );
    expect(out).toMatch(/^sly-agent-prefill-1 .*integrity failed +1\.00×/m);
    expect(out).toMatch(/^lucky-agent-all-in-one-3 .*infra error +— /m);
    expect(out).toMatch(/^slow-agent-all-in-one-2: slower than the reference;/m);
    // 3.5, 3.4 and 3.6: mean 3.5, sd 0.1, over sqrt(3) 0.058.
    expect(out).toMatch(/^careful-agent +3 +3\.50× ±0\.06 +\[3\.2\d, 3\.7\d\] +t on log scores/m);
    expect(out).toMatch(/^Aggregate$/m);
    expect(out).not.toMatch(/NaN|undefined|null|Infinity/);
  });

  test('--json gives all of it, and infra errors have no score', async () => {
    const scores = parse((await bench('score', 'trials', '--json')).out);
    expect(scores.schema).toBe('inferencebench.leaderboard.v1');
    expect(scores.trials).toHaveLength(48);
    const infra = scores.trials.filter(({ outcome }) => outcome === 'infra_error');
    expect(infra.map(({ score }) => score)).toEqual([null]);
    const lucky = scores.boards[0]?.rows.find(({ label }) => label === 'lucky-agent');
    // 3.2 and the fallback of 0.9; the infra error is no third run.
    expect(lucky?.cells[3]?.score).toMatchObject({ runs: 2, mean: expect.closeTo(2.1, 9) });
    expect(lucky?.cells[3]?.outcomes).toMatchObject({ infra_error: 1, regressed: 1, scored: 1 });
  });

  test('--markdown is a table', async () => {
    const { out } = await bench('score', 'trials', '--markdown');
    expect(out).toMatch(/^## Class full: mistralai/m);
    expect(out).toMatch(/^\| careful-agent \| 1 \|/m);
  });

  test('scores again by other rules, and only by these', async () => {
    const url = new URL('../../assets/scoring/speedup.v1.json', import.meta.url);
    const rules = JSON.parse(readFileSync(url, 'utf8')) as { outcomes: object };
    const mild = { ...rules, id: 'mild', outcomes: { ...rules.outcomes, quality_fail: 2 } };
    writeFileSync(join(cwd, 'mild.json'), JSON.stringify(mild));
    const scores = parse((await bench('score', 'trials', '--json', '--rules', 'mild.json')).out);
    const of = (id: string) => scores.trials.find(({ trialId }) => trialId === id);
    expect(of('lucky-agent-decode-3')).toMatchObject({ rules: 'mild', score: 2 });
    expect(scores.rules.map(({ id }) => id)).toEqual(['mild']);
  });

  test('the SGLang form has correct k of n, average and best', async () => {
    const trial = (share: number, faster: number, trialId: string) =>
      makeTrial('sglang-system', faster, {
        trialId,
        final: makeState('sglang-system', faster, {
          correctness: { tokenMatchShare: share, prompts: 50 },
        }),
      });
    const trials = [trial(1, 2, 's1'), trial(0.5, 9, 's2'), trial(0.96, 1, 's3')];
    storeTrials(join(cwd, 'sglang'), trials);
    const { out } = await bench('leaderboard', 'sglang');
    expect(out).toMatch(/Entry +# +Average +95 % interval +Correct +Best +Rank +Group +Runs/);
    // 1.5, 0.25 and 1: mean 0.9167, sd 0.629, over sqrt(3) 0.363.
    expect(out).toMatch(
      /^my-agent +1 +0\.917 ±0\.363 +\[-0\.646, 2\.480\] +2\/3 +1\.500 +1 +a +3$/m,
    );
  });

  test.each([
    [
      'a folder that is not there',
      ['score', 'nowhere'],
      /nowhere": there is no such folder\./,
      'RESULT_NOT_FOUND',
      3,
    ],
    [
      'a file in place of trials',
      ['leaderboard', 'text'],
      /text" is a file, and no trial\.json\./,
      'RESULT_NOT_FOUND',
      3,
    ],
    [
      'a path through a file',
      ['score', 'text/below'],
      /text\/below": it, or a part of its path, is a file/,
      'RESULT_NOT_FOUND',
      3,
    ],
    [
      'a file of rules that is not there',
      ['score', 'trials', '--rules', './rules.json'],
      /rules\.json": there is no such file\./,
      'USAGE_RULES_FILE',
      2,
    ],
    [
      'a folder without trials',
      ['score', 'empty'],
      /No trial\.json in or below/,
      'RESULT_NO_TRIALS',
      3,
    ],
    [
      'rules that are not there',
      ['score', 'trials', '--rules', 'speedup.v7'],
      /speedup\.v7/,
      'USAGE_UNKNOWN_SCORING_RULES',
      2,
    ],
    [
      'rules of another form',
      ['score', 'trials', '--rules', 'sglang.v1'],
      /no scenario/,
      'USAGE_RULES_MISMATCH',
      2,
    ],
    ['no folder', ['leaderboard'], /missing required argument 'dirs'/, '', 2],
    [
      'an unknown scenario',
      ['scenario', 'show', 'decoder'],
      /Did you mean "decode"/,
      'USAGE_UNKNOWN_SCENARIO',
      2,
    ],
    [
      'a scenario folder that is not there',
      ['scenario', 'show', './nowhere'],
      /Scenario "\.\/nowhere": there is no such folder\./,
      'USAGE_SCENARIO_FILE',
      2,
    ],
    [
      'a scenario.json that is not there',
      ['scenario', 'show', './empty/scenario.json'],
      /Scenario "\.\/empty\/scenario\.json": there is no such file\./,
      'USAGE_SCENARIO_FILE',
      2,
    ],
    [
      'a folder that is no scenario',
      ['scenario', 'check', './empty'],
      /empty\/scenario\.json": there is no such file\./,
      'USAGE_SCENARIO_FILE',
      2,
    ],
    [
      'a file that is no scenario',
      ['scenario', 'check', './text'],
      /Scenario "\.\/text": it is a file, and no scenario\.json\./,
      'USAGE_SCENARIO_FILE',
      2,
    ],
    [
      'a scenario.json that is not JSON',
      ['scenario', 'show', './broken'],
      /broken\/scenario\.json": it is not JSON \(/,
      'USAGE_SCENARIO_FILE',
      2,
    ],
    [
      'a folder of cheats that is a file',
      ['scenario', 'check', 'decode', '--cheats', 'text'],
      /text": it, or a part of its path, is a file/,
      'USAGE_CHEATS',
      2,
    ],
    ['a run without a scenario', ['run'], /needs --scenario/, 'USAGE_MISSING', 2],
    [
      'a time that is none',
      ['run', '--scenario', 'decode', '--agent', 'script:x', '--budget', 'soon'],
      /"soon" is not a time/,
      'USAGE_BAD_VALUE',
      2,
    ],
    [
      'a time without its unit',
      ['run', '--scenario', 'decode', '--agent', 'script:x', '--budget', '20'],
      /"20" has no unit\.\s+20s are seconds, 20m minutes, 20h hours/,
      'USAGE_BAD_VALUE',
      2,
    ],
    ...[
      ['run', '--scenario', 'decode', '--agent', 'default-config', '--sandbox', 'process'],
      ['judge', '--scenario', 'decode', '--submission', 'empty'],
      ['scenario', 'check', 'decode', '--class', 'full'],
    ].map((argv): [string, string[], RegExp, string, number] => [
      `a model that is not fetched (${argv[0]})`,
      argv,
      /class full, serves "mistralai[^"]+", which bench does not fetch\.\s+.*--model-path DIR\. .*--class small/,
      'USAGE_UNKNOWN_MODEL',
      2,
    ]),
    [
      'a folder without a trial to resume',
      ['resume', '/nowhere'],
      /No trial to resume/,
      'RESULT_NOT_FOUND',
      3,
    ],
  ])('%s', async (_, argv, message, code, exitCode) => {
    const result = await bench(...argv);
    expect(result.err + result.out).toMatch(message);
    expect(result.err).toContain(code);
    expect(result.err).not.toMatch(/\bE(NOENT|ISDIR|NOTDIR|ACCES|EXIST)\b/);
    expect(result.exitCode).toBe(exitCode);
  });

  test.each([
    ['that is not there', 'script:nowhere', /--agent script:.*nowhere: there is no such file\./],
    ['that is a folder', 'script:empty', /--agent script:.*empty: it is a folder, not a file\./],
    ['without a #! line', 'script:text', /--agent script:.*text: it does not begin with #!\./],
    ['through a file', 'script:text/x', /--agent script:.*text\/x: a part of its path is a file/],
  ])('an agent %s, and no folder is left', async (_, agent, message) => {
    const { exitCode, err } = await bench(
      ...['run', '--scenario', 'decode', '--class', 'small', '--agent', agent],
      ...['--sandbox', 'process', '--output', 'trial'],
    );
    expect(err).toMatch(message);
    expect(err).toContain('USAGE_ARENA_AGENT');
    expect(err).not.toMatch(/\bE(NOENT|ISDIR|NOTDIR)\b/);
    expect(exitCode).toBe(2);
    expect(readdirSync(cwd)).not.toContain('trial');
  });

  test.each(['run', 'judge'])('%s into a file', async (command) => {
    const argv = {
      run: ['--agent', 'script:text', '--sandbox', 'process'],
      judge: ['--submission', 'empty'],
    }[command] as string[];
    const result = await bench(
      ...[command, '--scenario', 'decode', '--class', 'small', ...argv, '--output', 'text'],
    );
    expect(result.err).toMatch(/--output text: it is a file, not a folder\./);
    expect(result.exitCode).toBe(3);
  });
});

describe('bench arena leaderboard', () => {
  test('ranks, with outcomes and what was found', async () => {
    const { exitCode, out } = await bench('leaderboard', 'trials');
    expect(exitCode).toBe(0);
    // Worked out again in Python 3.11, Student's t integrated numerically: df 4.1087, t 2.7477.
    expect(out).toMatch(/^careful-agent +1 +8\.06× ±0\.12 +\[7\.77, 8\.36\] +1–2 +a +3\.50×/m);
    expect(out).toMatch(/^Outcomes of trials$/m);
    expect(out).toMatch(/^lucky-agent +12 +8 /m);
    expect(out).toMatch(/^lucky-agent +2\.77× → /m);
    expect(out).not.toMatch(/NaN|undefined|null|Infinity/);
  });

  test('--output writes HTML and JSON, again over those of before', async () => {
    for (const _ of [1, 2]) {
      const { exitCode, err } = await bench('leaderboard', 'trials', '--output', 'board');
      expect(exitCode).toBe(0);
      expect(err).toBe('board/leaderboard.html\nboard/leaderboard.json\n');
    }
    const stored = readFileSync(join(cwd, 'board/leaderboard.json'), 'utf8');
    expect(stored).toBe((await bench('leaderboard', 'trials', '--json')).out);
    const html = readFileSync(join(cwd, 'board/leaderboard.html'), 'utf8');
    const [, json = ''] = /id="leaderboard">(.*?)<\/script>/s.exec(html) ?? [];
    expect(JSON.parse(json)).toEqual(JSON.parse(stored));
  });

  test('counts a trial once that is named twice, and says so', async () => {
    const board = parse((await bench('leaderboard', 'trials', 'trials', '--json')).out);
    expect(board.trials).toHaveLength(48);
    expect(board.boards[0]?.doubts.map(({ id }) => id)).toEqual(['trial-repeated']);
  });

  test('never puts classes, machines or scenario texts on one board unsaid', async () => {
    const base = makeTrial('decode', 2);
    const trials = [
      base,
      { ...base, trialId: 'small', scenario: { ...base.scenario, class: 'small' as const } },
      { ...base, trialId: 'elsewhere', machine: 'a laptop' },
      { ...base, trialId: 'edited', scenario: { ...base.scenario, sha256: 'f'.repeat(64) } },
    ];
    storeTrials(join(cwd, 'mixed'), trials);
    const { boards } = parse((await bench('leaderboard', 'mixed', '--json')).out);
    expect(boards.map((board) => [board.class, board.machine, board.doubts.length])).toEqual([
      ['full', '1x H100 80 GB', 1],
      ['full', 'a laptop', 0],
      ['small', '1x H100 80 GB', 0],
    ]);
    expect(boards[0]?.complete).toBe(false);
    expect(boards[0]?.rows[0]?.aggregate).toBeNull();
  });
});

describe('bench arena scenario', () => {
  test('lists and shows what there is', async () => {
    const list = await bench('scenario', 'list');
    expect(list.out).toMatch(/^decode +B +Decode speed +speedup\.v1 +120 min +20 min$/m);
    const show = await bench('scenario', 'show', 'throughput', '--class', 'full');
    expect(show.out).toMatch(/^poisson +poisson, from 32 req\/s +256 +32 +820–1024 +820–1024$/m);
    expect(show.out).toMatch(/^Seeds: +21\/1337, 248\/428, 999\/777$/m);
    expect(show.out).not.toMatch(/Class small/);
    const json = JSON.parse((await bench('scenario', 'show', 'decode', '--json')).out) as object;
    expect(json).toMatchObject({ id: 'decode', sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
  });
});
