import { spawnSync } from 'node:child_process';
import { env } from 'node:process';
import { afterAll, describe, it } from 'vitest';
import { corpus } from './corpus.ts';
import { judgeCorpusServer } from './judge-corpus.ts';

/** What the judge made of each: told as a table at the end. */
const rows: string[] = [];
const row = (...cells: string[]) =>
  rows.push(cells.map((cell, at) => cell.padEnd([26, 18, 16, 8][at] ?? 0)).join(' '));

/** `.ci/run` installs it: there, nothing is skipped. */
const canTrace = env['CI'] !== undefined || spawnSync('strace', ['-V']).status === 0;

describe.concurrent('the corpus of cheating and honest servers', () => {
  it.for(corpus)('$name', async (server, { expect, skip }) => {
    skip(server.caughtBy === 'opened-files' && !canTrace, 'there is no strace');
    const trial = await judgeCorpusServer(server);
    const checks = trial.final?.checks ?? [];
    const failed = checks.filter(({ verdict }) => verdict === 'fail');
    const caught = checks.find(({ id }) => id === server.caughtBy);
    row(server.name, server.caughtBy ?? '(honest)', trial.outcome.kind, caught?.verdict ?? '');
    if (server.caughtBy === null) {
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
    ].join('\n'),
  );
});
