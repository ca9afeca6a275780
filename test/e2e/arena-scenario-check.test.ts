import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import process, { platform } from 'node:process';
import { describe, expect, it } from 'vitest';
import type { ScenarioCheck } from '../../src/model/index.ts';
import { placeOracle, placeScenario } from '../corpus/judge-corpus.ts';
import { runBench, tempDir } from './run-bench.ts';
import { spawnCli } from './spawn-cli.ts';

/** The corpus's scenario, whose reference is a toy model. */
async function placeToyScenario(root: string) {
  const scenario = await placeScenario(root);
  await placeOracle(scenario);
  const model = join(root, 'toy.model');
  writeFileSync(model, 'a toy model\n');
  return { scenario, model };
}

describe.skipIf(platform !== 'linux')('bench arena scenario check', () => {
  it('tries reference, oracle, an empty script, a cheat and the questions', async () => {
    const root = tempDir();
    const { scenario, model } = await placeToyScenario(root);
    const output = join(root, 'out');
    const cli = spawnCli([
      ...['arena', 'scenario', 'check', join(scenario, 'scenario.json'), '--model-path', model],
      ...['--only', 'questions,reference,oracle,empty,usage-inflation', '--output', output],
      '--json',
    ]);
    const { code, out, err } = await cli.ended;
    const check = JSON.parse(out) as ScenarioCheck;
    expect(JSON.parse(readFileSync(join(output, 'scenario-check.json'), 'utf8'))).toEqual(check);
    expect(check.questions).toMatchObject({ n: 30, distinct: 30, marginPoints: 20 });
    expect(check.questions, `${check.questions?.why}`).toMatchObject({ accepted: true });
    const byId = Object.fromEntries(check.folders.map((one) => [one.id, one]));
    expect(Object.keys(byId)).toEqual(['reference', 'oracle', 'empty', 'usage-inflation']);
    expect(byId['empty']).toMatchObject({ outcome: 'server_fail', verdict: 'as_expected' });
    // How fast each was is the machine's business here; that no check failed the honest ones is ours.
    for (const id of ['reference', 'oracle']) {
      expect(byId[id]?.failedChecks, err).toEqual([]);
      expect(['scored', 'regressed', 'infra_error']).toContain(byId[id]?.outcome);
    }
    if (byId['usage-inflation']?.outcome !== 'infra_error') {
      expect(byId['usage-inflation']).toMatchObject({
        ...{ outcome: 'integrity_fail', verdict: 'as_expected', writtenAgainst: 'usage' },
        failedChecks: expect.arrayContaining(['usage']),
      });
    }
    expect(check.leftOut).toContain('response-cache');
    // The reference was measured once, and stood in for the others.
    const trials = check.folders
      .filter(({ outcome }) => outcome === 'scored')
      .map(({ trial }) => JSON.parse(readFileSync(join(output, trial, 'trial.json'), 'utf8')));
    const inTrial = trials.filter((one) => one.reference.measured === 'in_trial');
    expect(inTrial.length).toBeLessThanOrEqual(1);
    const unknown = check.folders.some(({ verdict }) => verdict === 'unknown');
    expect(code).toBe(check.accepted === false ? 5 : unknown ? 6 : 0);
    if (check.accepted !== false) expect(check.accepted).toBeNull();
  }, 600_000);

  it('does not accept a scenario that a cheat gets through', async () => {
    const root = tempDir();
    const { scenario, model } = await placeToyScenario(root);
    const cheats = join(root, 'cheats');
    mkdirSync(join(cheats, 'honest-one'), { recursive: true });
    writeFileSync(
      join(cheats, 'honest-one', 'start_server.sh'),
      '#!/bin/sh\ncd honest\nexec ./start_server.sh\n',
    );
    writeFileSync(
      join(cheats, 'honest-one', 'cheat.json'),
      JSON.stringify({ does: 'nothing wrong', writtenAgainst: null }),
    );
    const cli = spawnCli([
      ...['arena', 'scenario', 'check', scenario, '--model-path', model, '--cheats', cheats],
      ...['--only', 'cheats', '--output', join(root, 'out')],
    ]);
    const { code, out } = await cli.ended;
    // The arena's own failure, on a machine that is busy just then.
    if (code === 6) return;
    expect(code, out).toBe(5);
    expect(out).toMatch(/honest-one {2}fails +(scored|regressed)/);
    expect(out).toContain('not accepted');
  }, 600_000);
});

describe.skipIf(platform !== 'linux')('a check that is interrupted', () => {
  it('keeps what it could tell, and goes on with the rest', async () => {
    const root = tempDir();
    const { scenario, model } = await placeToyScenario(root);
    const output = join(root, 'out');
    const file = join(output, 'scenario-check.json');
    const read = (): ScenarioCheck => JSON.parse(readFileSync(file, 'utf8'));
    const asked = ['arena', 'scenario', 'check', scenario, '--model-path', model];
    const only = ['--only', 'empty,launcher-exits'];
    const first = spawnCli([...asked, ...only, '--output', output]);
    // Judging the second has begun: that of the first is written.
    await until(first.child, /judging launcher-exits/);
    first.child.kill('SIGINT');
    const { code, err } = await first.ended;
    expect(code, err).toBe(130);
    expect(err).toContain(`--resume ${relative(process.cwd(), output)} in place of`);
    const [empty] = read().folders;
    expect(read()).toMatchObject({ accepted: null, folders: [{ id: 'empty' }] });
    expect(read().why.join()).toContain('launcher-exits');

    // Another model, and less than was asked for, are other checks.
    for (const [other, message] of [
      [['--model-path', join(root, 'toy.model2')], 'its model is'],
      [only, '--resume and --only are given together'],
    ] as const) {
      writeFileSync(join(root, 'toy.model2'), 'another toy model\n');
      const refused = await runBench([
        ...['arena', 'scenario', 'check', scenario, '--resume', output],
        ...(other === only ? ['--model-path', model] : []),
        ...other,
      ]);
      expect(refused.exitCode).toBe(2);
      expect(refused.err).toContain(message);
    }
    expect(read().folders).toHaveLength(1);

    const again = spawnCli([...asked, '--resume', output, '--json']);
    const { out, err: told } = await again.ended;
    expect(told).toContain('told before: empty');
    expect(told).not.toContain('judging empty');
    const { folders, startedAt } = JSON.parse(out) as ScenarioCheck;
    expect(folders.map(({ id }) => id)).toEqual(['empty', 'launcher-exits']);
    expect(folders[0]).toEqual(empty);
    expect(read().startedAt).toBe(startedAt);

    // Another scenario is another check.
    const text = readFileSync(join(scenario, 'scenario.json'), 'utf8');
    writeFileSync(join(scenario, 'scenario.json'), `${text}\n`);
    const other = await runBench([...asked, '--resume', output]);
    expect(other.exitCode).toBe(2);
    expect(other.err).toContain("its scenario's SHA-256 is");
  }, 600_000);
});

async function until(child: ChildProcess, line: RegExp): Promise<void> {
  let text = '';
  await new Promise<void>((resolve, reject) => {
    child.stderr?.on('data', (bytes: Buffer) => {
      text += bytes.toString();
      if (line.test(text)) resolve();
    });
    child.once('close', () => reject(new Error(`ended too early: ${text}`)));
  });
}

describe('bench arena scenario check, asked wrongly', () => {
  it.each([
    ['a part that is not there', ['decode', '--only', 'orcale'], 'no part or cheat "orcale"'],
    ['a folder of cheats that is not there', ['decode', '--cheats', 'nowhere'], 'nowhere'],
    [
      'a class without an oracle',
      ['decode', '--class', 'full', '--model-path', 'm', '--only', 'oracle'],
      'no oracle',
    ],
    ['a scenario that is not there', ['decoed'], 'Did you mean "decode"?'],
    ['both folders', ['decode', '--output', 'a', '--resume', 'b'], 'given together'],
  ])('refuses %s', async (_, argv, message) => {
    const { exitCode, err } = await runBench(['arena', 'scenario', 'check', ...argv]);
    expect(exitCode).toBe(2);
    expect(err).toContain(message);
  });
});
