import { describe, expect, it } from 'vitest';
import { buildLeaderboard, findRules, scoreTrial } from '../src/arena/index.ts';
import { makeFailed, makeState, makeTrial } from '../src/arena/trial.fixture.ts';
import type { TrialCheck, TrialResult } from '../src/model/index.ts';
import {
  renderJudgement,
  renderScenarioCheck,
  renderScores,
  renderTrialHtml,
} from '../src/report/index.ts';

const wide = { columns: 200, color: false };
const speedupRules = await findRules('speedup.v1');
const sglangRules = await findRules('sglang.v1');

function reportsOf(trial: TrialResult) {
  const rules = trial.scenario.scoring === 'sglang.v1' ? sglangRules : speedupRules;
  const score = scoreTrial(trial, rules, 'out');
  const html = renderTrialHtml(trial, score);
  return {
    score,
    terminal: renderJudgement(trial, score, wide),
    /** What is seen: without the data that the page carries. */
    page: html.replace(/<script[^>]*>[\s\S]*?<\/script>/g, ''),
    data: JSON.parse(/id="trial">(.*?)<\/script>/s.exec(html)?.[1] ?? ''),
  };
}

/** The speed-up in any form, with what is said right beside it. */
const told = (text: string) => [...text.matchAll(/[^<>\n]*35\.9[^<>\n]*/g)].map(([line]) => line);

describe('the speed of a trial', () => {
  it.each([
    'infra_error',
    'integrity_fail',
    'quality_fail',
    'server_fail',
    'wrong_engine',
  ] as const)('that ended as %s is only said to be measured', (kind) => {
    const { score, terminal, page } = reportsOf(makeFailed('decode', kind, 35.946));
    expect(score).toMatchObject({ speedup: expect.closeTo(35.946), speedCounts: false });
    expect(told(terminal)).toEqual(['measured, not counted: 35.946x  tpot_p50 of burst']);
    expect(told(page)).toEqual(['35.95×, measured, not counted']);
    expect(page).not.toContain('id="parts"');
  });

  it.each([
    ['scored', 35.946],
    ['regressed', 0.359],
  ])('that was %s is what the score is made of', (outcome, faster) => {
    const { score, terminal, page } = reportsOf(makeTrial('decode', faster));
    expect(score).toMatchObject({ outcome, speedCounts: true });
    expect(terminal).toMatch(new RegExp(`^${faster.toFixed(3)}x  tpot_p50`, 'm'));
    expect(terminal + page).not.toContain('not counted');
    expect(page).toContain('id="parts"');
  });

  it('does not count where too few tokens match', () => {
    const correctness = { tokenMatchShare: 0.5, prompts: 50 };
    const trial = makeTrial('sglang-system', 35.946);
    const { score, terminal } = reportsOf({
      ...trial,
      final: makeState('sglang-system', 35.946, { correctness }),
    });
    expect(score).toMatchObject({ score: 0.25, speedCounts: false });
    expect(told(terminal).every((line) => line.startsWith('measured, not counted: '))).toBe(true);
  });

  it('that has no score is not told as what was found either', () => {
    const trial = {
      ...makeFailed('decode', 'infra_error', 35.946),
      bestVerified: makeState('decode', 35.946, { measuredBy: 'preview' }),
    };
    const { score } = reportsOf(trial);
    const scores = renderScores(buildLeaderboard([score], [speedupRules], '1'), wide);
    expect(scores).toMatch(/infra error/);
    expect(told(scores)).toEqual([]);
  });

  it('stands in brackets in the table of a scenario check', () => {
    const one = { expected: '', reason: null, score: 1, speedup: 35.946, failedChecks: [] };
    const more = { writtenAgainst: null, why: null, tookS: 1, trial: 'x' };
    const folder = { ...one, ...more, verdict: 'as_expected' } as const;
    const text = renderScenarioCheck(
      {
        schema: 'inferencebench.scenario-check.v1',
        tool: { name: 'inferencebench', version: '1' },
        ...{ startedAt: '', endedAt: '', machine: 'm', accepted: true, why: [], parts: [] },
        sandbox: { id: 'bubblewrap', isolates: true },
        with: { modelPath: null, questionsSha256: null },
        scenario: { id: 'decode', sha256: '', class: 'small' },
        questions: null,
        folders: [
          { ...folder, id: 'oracle', part: 'oracle', outcome: 'scored' },
          { ...folder, id: 'filler', part: 'cheats', outcome: 'integrity_fail' },
          {
            ...folder,
            id: 'tied',
            part: 'cheats',
            outcome: 'scored',
            why: 'it could not cheat: x',
          },
        ],
        leftOut: [],
      },
      'scenario-check.json',
      wide,
    );
    expect(text).toMatch(/^oracle .* 35\.946 /m);
    expect(text).toMatch(/^filler .* \(35\.946\) /m);
    expect(text).toMatch(/^tied .* could not cheat$/m);
    expect(text).toContain('\ntied: it could not cheat: x\n');
    expect(text).toContain('class small, judged in bubblewrap');
    expect(text).toContain('(speed-up in brackets: measured, not counted)');
  });
});

describe('checks that did not run', () => {
  const open = (id: string, evidence: string): TrialCheck => ({
    ...{ id, kind: 'integrity', required: true, verdict: 'not_run', evidence },
  });
  const reason = 'ended before: The launcher ended with exit code 1: no output';
  const checks = [
    { ...open('readiness', 'The launcher ended with exit code 1'), verdict: 'fail' as const },
    ...Array.from({ length: 18 }, (_, at) => open(`check-${at}`, reason)),
    open('opened-files', 'there is no strace'),
  ];
  const failed = makeFailed('decode', 'server_fail');
  const { terminal, page, data } = reportsOf({
    ...failed,
    final: makeState('decode', 1, { outcome: 'server_fail', checks, launches: [] }),
  });

  it('for one reason are one line of the terminal', () => {
    expect(terminal.split(reason)).toHaveLength(2);
    expect(terminal).toContain(`\n18 checks did not run: ${reason}\n`);
    expect(terminal).toMatch(/^not_run {2}opened-files +there is no strace$/m);
    expect(terminal).toMatch(/^fail {5}readiness /m);
  });

  it('for one reason are one row of the page, with their names', () => {
    expect(page.split(reason)).toHaveLength(2);
    expect(page).toContain('18 checks did not run');
    expect(page).toContain('check-0, check-1');
    expect(page).toContain('there is no strace');
    expect(page).toContain('19 not run');
  });

  it('are a line of the terminal also where nothing was collected', () => {
    const outcome = {
      kind: 'server_fail',
      reason: 'nothing to start: no start_server.sh',
    } as const;
    const early = reportsOf({ ...failed, outcome, final: null, bestVerified: null });
    expect(early.terminal).toContain(
      `\n\nthe checks did not run: ended before: ${outcome.reason}\n\n`,
    );
    expect(early.terminal).not.toContain('\n\n\n');
  });

  it('are all in the data', () => {
    expect(data.trial.final.checks).toEqual(checks);
  });
});

type Receipt = NonNullable<NonNullable<TrialResult['agentPhase']>['receipt']>;

describe("the end of an agent's processes", () => {
  const endOf = (receipt: Partial<Receipt>) => {
    const trial = makeTrial('decode', 2);
    const { page } = reportsOf({
      ...trial,
      agentPhase: {
        ...trial.agentPhase,
        receipt: { limits: [], memoryPeakBytes: null, ...receipt },
      },
    } as TrialResult);
    return /Its end<\/th><td[^>]*>([^<]*)</.exec(page)?.[1];
  };

  it.each([
    [
      { how: 'terminated', aliveAtStop: 3, swept: 2, endedBy: 'pid-namespace', survivors: 0 },
      'it ended when it was told to; 3 processes alive then; 2 processes ended by force with their PID namespace; 0 processes survived',
    ],
    [
      { how: 'already-exited', aliveAtStop: null, swept: 0, endedBy: 'signals', survivors: 0 },
      'it had ended by itself; how many processes were alive then is not known; 0 processes ended by force; 0 processes survived',
    ],
    // As earlier versions wrote it.
    [
      { how: 'killed', swept: 1, survivors: 0 },
      'it was killed; 1 process ended by force; 0 processes survived',
    ],
  ] as [Receipt, string][])('is told in words: %j', (receipt, words) => {
    expect(endOf(receipt)).toBe(words);
  });
});
