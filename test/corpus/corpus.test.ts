import { spawnSync } from 'node:child_process';
import { env } from 'node:process';
import { afterAll, describe, it } from 'vitest';
import { clopperPearson } from '../../src/stats/index.ts';
import { corpus } from './corpus.ts';
import { judgeCorpusServer } from './judge-corpus.ts';

/** Honest servers are judged so often, for a rate that says something: not in CI, it takes hours. */
const repeats = Math.max(1, Number(env['BENCH_CORPUS_REPEAT'] ?? 1));
const asked = corpus.flatMap((server) =>
  Array.from({ length: server.caughtBy === null ? repeats : 1 }, (_, at) => ({
    ...server,
    title: at === 0 ? server.name : `${server.name}, once more (${at + 1})`,
  })),
);
const honest = { judged: 0, failed: 0 };

/** What the judge made of each: told as a table at the end. */
const rows: string[] = [];
const row = (...cells: string[]) =>
  rows.push(cells.map((cell, at) => cell.padEnd([26, 18, 16, 8][at] ?? 0)).join(' '));

/** `.ci/run` installs it: there, nothing is skipped. */
const canTrace = env['CI'] !== undefined || spawnSync('strace', ['-V']).status === 0;

describe.concurrent('the corpus of cheating and honest servers', () => {
  it.for(asked)('$title', async (server, { expect, skip }) => {
    skip(server.caughtBy === 'opened-files' && !canTrace, 'there is no strace');
    const trial = await judgeCorpusServer(server);
    const checks = trial.final?.checks ?? [];
    const failed = checks.filter(({ verdict }) => verdict === 'fail');
    const caught = checks.find(({ id }) => id === server.caughtBy);
    row(server.name, server.caughtBy ?? '(honest)', trial.outcome.kind, caught?.verdict ?? '');
    if (server.caughtBy === null) {
      honest.judged += 1;
      honest.failed += failed.length > 0 ? 1 : 0;
      expect(failed.map(({ id, evidence }) => `${id}: ${evidence}`)).toEqual([]);
      const open = checks.filter(({ required, verdict }) => required && verdict === 'not_run');
      expect(open.map(({ id, evidence }) => `${id}: ${evidence}`)).toEqual([]);
    } else {
      expect(caught, `${server.caughtBy}: ${caught?.evidence}`).toMatchObject({ verdict: 'fail' });
      expect(['scored', 'regressed', 'infra_error']).not.toContain(trial.outcome.kind);
    }
  });
});

afterAll(() => {
  console.log(
    [
      '',
      'server                     caught by          outcome          verdict',
      ...rows.toSorted(),
      '',
      falsePositives(),
    ].join('\n'),
  );
});

/** Clopper and Pearson, one side: 0 of 60 is at most 4.9 %. */
function falsePositives(): string {
  const { judged, failed } = honest;
  if (judged === 0) return 'no honest server was judged';
  const most = clopperPearson(failed, judged, 0.9).high;
  return `honest servers failed by any check: ${failed} of ${judged}, at most ${(100 * most).toFixed(1)} % (95 %)`;
}
