import { describe, expect, it } from 'vitest';
import {
  type QuestionSetCheck,
  scenarioCheckParts,
  type TrialOutcome,
  type TrialScore,
} from '../../model/index.ts';
import type { StoredReference } from '../judge/order.ts';
import {
  type CheckSoFar,
  checkScenario,
  type EarlierCheck,
  type FolderToTry,
  type TriedFolder,
} from './check-scenario.ts';

type Came = {
  outcome: TrialOutcome;
  score?: number;
  speedup?: number;
  reason?: string;
  /** Why it has no chance to cheat. */
  prevented?: string;
  /** Of the check that it was written against; absent: fail. */
  against?: 'pass' | 'not_run';
};

const stored: StoredReference = {
  ...{ launches: [{ profiles: [] }], aloneP50Ms: 100, alikeShare: 0.5 },
  ...{ modelSha256: 'ab', ground: null },
};

/** Folders whose outcomes are given, and what each was judged against. */
async function check(
  came: Record<string, Came>,
  options: {
    questions?: Partial<QuestionSetCheck>;
    leftOut?: string[];
    earlier?: EarlierCheck;
  } = {},
) {
  const folders = Object.keys(came).map((id): FolderToTry => {
    const part = id === 'reference' || id === 'oracle' || id === 'empty' ? id : 'cheats';
    return { id, part, writtenAgainst: 'usage', prevented: came[id]?.prevented ?? null };
  });
  const against: (StoredReference | null)[] = [];
  const said: string[] = [];
  const kept: CheckSoFar[] = [];
  let asked = 0;
  const result = await checkScenario(
    {
      parts: scenarioCheckParts,
      folders,
      leftOut: options.leftOut ?? [],
      reference: null,
      earlier: options.earlier ?? null,
    },
    {
      say: (message) => void said.push(message),
      keep: async (soFar) => void kept.push(structuredClone(soFar)),
      async askQuestions() {
        asked++;
        return { accepted: true, ...options.questions } as QuestionSetCheck;
      },
      async judge({ id }, reference) {
        against.push(reference);
        const {
          outcome,
          score = null,
          speedup = score,
          reason = null,
          against: verdict = 'fail',
        } = came[id] as Came;
        const told = { outcome, reason, score, speedup, class: 'small' } as TrialScore;
        return {
          trial: { final: { checks: [{ id: 'usage', verdict }] } },
          score: told,
          judgement: { reference: { measured: 'in_trial', ...stored } },
          ...{ tookS: 10, path: id },
        } as unknown as TriedFolder;
      },
    },
  );
  const verdict = (id: string) => result.folders.find((one) => one.id === id)?.verdict;
  return { ...result, against, said, kept, asked, verdict };
}

const good: Record<string, Came> = {
  reference: { outcome: 'scored', score: 1.04 },
  oracle: { outcome: 'scored', score: 2.5 },
  empty: { outcome: 'server_fail', score: 1 },
  'usage-inflation': { outcome: 'integrity_fail', score: 1, speedup: 1.2 },
};

describe('checkScenario', () => {
  it('accepts that a cheat which the sandbox leaves no chance is scored for what is honest in it', async () => {
    const prevented = 'nothing lasts';
    const scored: Came = { outcome: 'scored', score: 2, prevented, against: 'pass' };
    const { accepted, folders } = await check({ ...good, relaunch: scored });
    expect(accepted).toBe(true);
    expect(folders.at(-1)).toMatchObject({
      verdict: 'as_expected',
      why: 'it could not cheat: nothing lasts',
    });
    // Its check has to say so too; and nobody else is excused.
    const seen = await check({ ...good, relaunch: { outcome: 'scored', score: 2, prevented } });
    expect([seen.accepted, seen.verdict('relaunch')]).toEqual([false, 'not_as_expected']);
    const other = await check({
      ...good,
      relaunch: { outcome: 'scored', score: 2, against: 'pass' },
    });
    expect([other.accepted, other.verdict('relaunch')]).toEqual([false, 'not_as_expected']);
  });

  it('accepts what tells everything apart, with one measurement of the reference', async () => {
    const { accepted, why, against, said, folders } = await check(good);
    expect({ accepted, why }).toEqual({ accepted: true, why: [] });
    expect(against).toEqual([null, stored, stored, stored]);
    expect(said.slice(0, 2)).toEqual([
      'reference: scored, as expected, after 10 s; 3 left',
      'oracle: scored, as expected, after 10 s; 2 left, at most about 20 s',
    ]);
    expect(folders[3]).toMatchObject({ failedChecks: ['usage'], trial: 'usage-inflation' });
  });

  it('keeps what it knows after each step, and what is not yet tried', async () => {
    const { kept } = await check(good);
    expect(kept.map(({ folders }) => folders.length)).toEqual([0, 0, 1, 2, 3, 4]);
    expect(kept[3]).toMatchObject({
      accepted: null,
      why: ['not tried: empty, usage-inflation'],
      questions: { accepted: true },
    });
    expect(kept.at(-1)?.accepted).toBe(true);
  });

  it('goes on after what was told before, and tries again what was not', async () => {
    const whole = await check({ ...good, empty: { outcome: 'infra_error' } });
    const { questions, folders } = whole;
    const again = await check(good, { earlier: { questions, folders } });
    // The one that could not be told.
    expect(again.against).toHaveLength(1);
    expect(again.asked).toBe(0);
    expect(again).toMatchObject({ accepted: true, why: [] });
    expect(again.folders.map(({ id }) => id)).toEqual(Object.keys(good));
  });

  it('never keeps less than was told before', async () => {
    const { questions, folders } = await check({ ...good, oracle: { outcome: 'infra_error' } });
    const again = await check(good, { earlier: { questions, folders } });
    const ids = again.kept.map((one) => one.folders.map(({ id }) => id));
    expect(ids).toEqual([['reference', 'empty', 'usage-inflation'], Object.keys(good)]);
  });

  it('holds the oracle to the score that the reference had before', async () => {
    const { questions, folders } = await check(good);
    const again = await check(
      { ...good, oracle: { outcome: 'scored', score: 1.02 } },
      { earlier: { questions, folders: folders.filter(({ id }) => id !== 'oracle') } },
    );
    expect(again.verdict('oracle')).toBe('not_as_expected');
  });

  const bad: [string, string, Came, RegExp][] = [
    [
      'a reference twice as fast as itself',
      'reference',
      { outcome: 'scored', score: 2.1 },
      /drift/,
    ],
    [
      'a reference half as fast as itself',
      'reference',
      { outcome: 'regressed', score: 1, speedup: 0.4 },
      /0.400 times/,
    ],
    [
      'a reference that a check fails',
      'reference',
      { outcome: 'integrity_fail', reason: 'failed: repeat' },
      /failed: repeat/,
    ],
    [
      'an oracle no better than the reference',
      'oracle',
      { outcome: 'scored', score: 1.03 },
      /not above 1.040/,
    ],
    ['an oracle that is slower', 'oracle', { outcome: 'regressed', score: 1 }, /regressed/],
    ['an empty script that scores', 'empty', { outcome: 'regressed', score: 1 }, /no check/],
    ['a cheat that scores', 'usage-inflation', { outcome: 'scored', score: 3 }, /scored 3.000/],
  ];
  it.each(bad)('does not accept %s', async (_, id, came, why) => {
    const found = await check({ ...good, [id]: came });
    expect(found.accepted).toBe(false);
    expect(found.verdict(id)).toBe('not_as_expected');
    expect(found.why.join()).toMatch(why);
  });

  it('says nothing where the arena failed, or something was left out', async () => {
    const failed = await check({ ...good, oracle: { outcome: 'infra_error', reason: 'drifted' } });
    expect(failed.accepted).toBeNull();
    expect(failed.verdict('oracle')).toBe('unknown');
    expect(failed.why).toEqual(['oracle: not to be told (drifted)']);
    const partly = await check(good, { leftOut: ['held-back'] });
    expect(partly).toMatchObject({ accepted: null, why: ['not tried: held-back'] });
  });

  it('says nothing by a cheat that broke, unless its own check is what failed it', async () => {
    const broke: Came = {
      outcome: 'server_fail',
      reason: 'the launcher ended',
      against: 'not_run',
    };
    const { accepted, why, verdict } = await check({ ...good, 'usage-inflation': broke });
    expect([accepted, verdict('usage-inflation')]).toEqual([null, 'unknown']);
    expect(why).toEqual([
      'usage-inflation: not to be told (it was not caught, it broke: the launcher ended)',
    ]);
    const refusing: Came = { outcome: 'server_fail', score: 1 };
    expect((await check({ ...good, 'usage-inflation': refusing })).accepted).toBe(true);
  });

  it('does not accept a set of questions that tells nothing', async () => {
    const { accepted, why } = await check(good, {
      questions: { accepted: false, why: 'too easy' },
    });
    expect({ accepted, why }).toEqual({ accepted: false, why: ['questions: too easy'] });
  });
});
