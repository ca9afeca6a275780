import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { platform } from 'node:process';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { TrialState } from './journal.ts';
import { runTrial } from './run-trial.ts';
import { createTestTrial, type TestTrial } from './test-trial.fixture.ts';

let trial: TestTrial;
afterEach(() => trial?.remove());

const inTrial = (name: string) => join(trial.folder, 'trial', name);
const journal = () => readFileSync(inTrial('journal.jsonl'), 'utf8');
const remove = (name: string) => rmSync(inTrial(name), { recursive: true });
const writeJournal = (text: string) => writeFileSync(inTrial('journal.jsonl'), text);
const dropLine = (index: number) =>
  writeJournal(
    journal()
      .split('\n')
      .filter((_, at) => at !== index)
      .join('\n'),
  );

/** As where the workspace was a file system in a file, which was deleted: its folder is empty. */
const loseImage = () => {
  writeJournal(journal().replace('"disk":"watched"', '"disk":"file-system"'));
  remove('workspace');
  mkdirSync(inTrial('workspace'));
};
const used = (text: string) => () => writeFileSync(inTrial('used.json'), text);

const made = new Map<TrialState, TestTrial>();
afterAll(() => {
  for (const one of made.values()) one.remove();
});

const order = '{"settings":{"budget":60}}';
const inFolder = (one: TestTrial, name: string) => join(one.folder, 'trial', name);

/** A trial that got as far as a state: a copy, each is run once. */
async function endAt(state: TrialState): Promise<void> {
  const source = made.get(state) ?? createTestTrial('#!/bin/sh\n');
  if (!made.has(state)) {
    made.set(state, source);
    mkdirSync(inFolder(source, ''), { recursive: true });
    writeFileSync(inFolder(source, 'order.json'), order);
    const onState = (reached: string) => {
      if (reached === state) throw new Error('enough');
    };
    await expect(runTrial(await source.setup({ onState }))).rejects.toThrow('enough');
  }
  trial = createTestTrial('#!/bin/sh\n');
  cpSync(source.folder, trial.folder, { recursive: true });
}

describe.skipIf(platform !== 'linux')('a resume', () => {
  it.each<[string, TrialState, () => void, RegExp]>([
    ['the journal', 'prepared', () => remove('journal.jsonl'), /secret is there, but no state/],
    ['the journal', 'done', () => remove('journal.jsonl'), /secret is there, but no state/],
    ['all of the journal', 'done', () => writeJournal(''), /secret is there, but no state/],
    [
      'journal and secret',
      'agent_ended',
      () => ['journal.jsonl', 'secret'].forEach(remove),
      /used.json is there|agent.log is there/,
    ],
    ['its first line', 'done', () => dropLine(0), /line 1 of journal.jsonl is "agent_starting"/],
    ['its fourth line', 'done', () => dropLine(3), /line 4 .* right after "agent_started"/],
    [
      'half of its first line',
      'done',
      () => writeJournal(journal().slice(40)),
      /line 1: it is not JSON/,
    ],
    [
      'a field of a line',
      'done',
      () => writeJournal(journal().replace('"trialId"', '"trialIs"')),
      /line 1: it is no state of a trial \(trialId: /,
    ],
    ['the secret', 'collected', () => remove('secret'), /secret".* is missing/],
    [
      'the secret that was committed to',
      'prepared',
      () => writeFileSync(inTrial('secret'), 'ab'.repeat(32)),
      /not the one whose hash was published/,
    ],
    ["the agent's program", 'prepared', () => remove('agent'), /agent\/\) is missing/],
    ['the workspace', 'agent_ended', () => remove('workspace'), /workspace is missing/],
    ['the image of it', 'prepared', loseImage, /workspace\.img is missing/],
    ['the image of it', 'agent_started', loseImage, /workspace\.img is missing/],
    ['the image of it', 'agent_ended', loseImage, /workspace\.img is missing/],
    ['a time used', 'agent_started', used('{"usedS":-5}'), /used\.json" is damaged/],
    ['a time used', 'agent_started', used('{"usedS":NaN}'), /used\.json" is damaged/],
    ['a time used', 'agent_started', used('{"usedS":1e999}'), /used\.json" is damaged/],
    ['a time used', 'agent_started', used('{"usedS":"5"}'), /used\.json" is damaged/],
    ['a time used', 'agent_started', used('[5]'), /used\.json" is damaged/],
    ['a time used', 'agent_started', used(''), /used\.json" is damaged/],
    [
      'the budget it was ordered with',
      'agent_started',
      () => writeFileSync(inTrial('order.json'), order.replace('60', '90')),
      /order\.json is not the one that the trial was begun with/,
    ],
    [
      'half of a line before the last',
      'agent_ended',
      () => writeJournal(journal().replace('"agent_starting",', '')),
      /line 2: it is not JSON/,
    ],
    [
      'half of its last line, newline and all',
      'agent_ended',
      () => writeJournal(`${journal().slice(0, -9)}\n`),
      /line 4: it is not JSON/,
    ],
    ['what was collected', 'collected', () => remove('submission'), /submission\/\) is missing/],
    ['the result', 'judged', () => remove('trial.json'), /judged, but its trial.json is missing/],
    ['the result', 'done', () => remove('trial.json'), /judged, but its trial.json is missing/],
    ['half of the result', 'done', () => writeFileSync(inTrial('trial.json'), '{'), /not JSON/],
  ])('without %s (%s) is refused, and begins nothing anew', async (_, state, damage, message) => {
    await endAt(state);
    damage();
    const before = [...tryRead('journal.jsonl'), ...tryRead('secret')];
    await expect(runTrial(await trial.setup())).rejects.toMatchObject({
      code: 'RESULT_CORRUPT',
      exitCode: 3,
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/another|again/),
    });
    expect([...tryRead('journal.jsonl'), ...tryRead('secret')]).toEqual(before);
  });

  it('publishes the same hash as before', async () => {
    await endAt('prepared');
    const said: string[] = [];
    const result = await runTrial(await trial.setup({ say: (line) => said.push(line) }));
    expect(said[0]).toContain(`SHA-256 ${result.seeds.secretSha256}`);
    expect(JSON.parse(journal().split('\n')[0] ?? '').secretSha256).toBe(result.seeds.secretSha256);
  });

  it('leaves out a last line that was cut off, says so, and goes on from the state before', async () => {
    await endAt('agent_ended');
    const before = journal();
    appendFileSync(inTrial('journal.jsonl'), '{"state":"collected","submis');
    const said: string[] = [];
    const result = await runTrial(await trial.setup({ say: (line) => said.push(line) }));
    expect(said[0]).toMatch(/last line of .*journal\.jsonl" was cut off/);
    expect(result.outcome.kind).toBe('scored');
    expect(journal().startsWith(`${before}{"state":"collected","submission"`)).toBe(true);
  });

  it('of a trial from before orders and disks were recorded goes on', async () => {
    await endAt('agent_ended');
    const [first = '', ...rest] = journal().split('\n');
    const { orderSha256, disk, ...older } = JSON.parse(first);
    expect([orderSha256, disk]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), 'watched']);
    writeJournal([JSON.stringify(older), ...rest].join('\n'));
    writeFileSync(inTrial('order.json'), '{}');
    expect((await runTrial(await trial.setup())).outcome.kind).toBe('scored');
  });

  it('of what was changed after it was collected judges nothing', async () => {
    await endAt('collected');
    writeFileSync(inTrial('submission/start_server.sh'), '#!/bin/sh\n# speed 9\n');
    const result = await runTrial(await trial.setup());
    expect(result.outcome).toEqual({
      kind: 'infra_error',
      reason: 'what was judged is not what was collected',
    });
  });
});

function tryRead(name: string): string[] {
  try {
    return [readFileSync(inTrial(name), 'utf8')];
  } catch {
    return [];
  }
}
