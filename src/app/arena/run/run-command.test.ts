import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeHost, packageVersion } from '../../../host/index.ts';
import { runArenaJudge } from '../judge/judge-command.ts';
import { resumeArenaRun, runArenaRun } from './run-command.ts';
import type { ArenaRunSettings } from './run-settings.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bench-arena-run-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const host = () => createFakeHost({ cwd: root, env: { PATH: '/usr/bin:/bin' } });

const asked: ArenaRunSettings = {
  ...{ scenario: 'decode', class: 'small', agent: 'script:agent.sh', budget: 60 },
  ...{ startingPoint: null, sandbox: 'process', repeat: 1, disk: 64, questions: null },
  ...{ reference: null, modelPath: 'model.gguf', forceEngine: null, secondOpinion: null },
  ...{ output: null, startupTimeout: null, json: false },
};
const order = {
  schema: 'inferencebench.arena-order.v1',
  version: packageVersion(),
  settings: asked,
};

describe('a resume', () => {
  const resume = (dir = 'trial') => resumeArenaRun(dir, { json: false }, host());
  const place = (text: string) => {
    mkdirSync(join(root, 'trial'));
    writeFileSync(join(root, 'trial', 'order.json'), text);
  };

  it('of no folder, of a file, and of a folder without an order names what is missing', async () => {
    await expect(resume('nowhere')).rejects.toMatchObject({
      ...{ code: 'RESULT_NOT_FOUND', exitCode: 3 },
      message: 'No trial to resume in "nowhere": there is no such folder.',
      hint: expect.stringMatching(/order\.json/),
    });
    writeFileSync(join(root, 'file'), '');
    await expect(resume('file')).rejects.toThrow(/it is a file, not a folder/);
    await expect(resume('.')).rejects.toThrow(/"\.": order\.json: there is none/);
  });

  it.each([
    ['nothing', ''],
    ['half of it', JSON.stringify(order).slice(0, 80)],
    ['another value', 'null'],
    ['no settings', JSON.stringify({ ...order, settings: undefined })],
    ['no version', JSON.stringify({ ...order, version: undefined })],
    ['a class that is none', JSON.stringify({ ...order, settings: { ...asked, class: 'huge' } })],
  ])('of an order with %s says that the file is damaged', async (_, text) => {
    place(text);
    await expect(resume()).rejects.toMatchObject({
      ...{ code: 'RESULT_CORRUPT', exitCode: 3 },
      message: expect.stringMatching(/trial\/order\.json".*(not JSON|not the order of a trial)/),
      hint: expect.stringMatching(/run the trial again in another folder/),
    });
    expect(readdirSync(join(root, 'trial'))).toEqual(['order.json']);
  });

  it('of a trial of another version names both', async () => {
    place(JSON.stringify({ ...order, version: '0.0.1' }));
    await expect(resume()).rejects.toMatchObject({
      code: 'RESULT_OTHER_VERSION',
      message: `The trial in "trial" was begun by version 0.0.1; this is ${packageVersion()}.`,
    });
  });
});

const run = (changes: Partial<ArenaRunSettings>) => runArenaRun({ ...asked, ...changes }, host());
const judge = (changes: object) => {
  mkdirSync(join(root, 'submission'), { recursive: true });
  return runArenaJudge({ ...asked, submission: 'submission', ...changes }, host());
};

describe.each([
  ['run', run],
  ['judge', judge],
])('arena %s that is refused leaves no folder', (_, command) => {
  beforeEach(() => {
    writeFileSync(join(root, 'agent.sh'), '#!/bin/sh\n');
    writeFileSync(join(root, 'bad.gguf'), 'not one');
  });

  it.each([
    ['an unknown scenario', { scenario: 'nowhere' }],
    ['a model that is not there', {}],
    ['a model that is none', { modelPath: 'bad.gguf' }],
    ['questions that are not there', { questions: 'none.json' }],
    ['an engine that is none', { forceEngine: 'none', modelPath: null }],
  ])('for %s', async (_name, changes) => {
    await expect(command(changes)).rejects.toMatchObject({
      code: expect.stringMatching(/^(USAGE|PREREQ)_/),
    });
    expect(existsSync(join(root, 'arena-results'))).toBe(false);
    await expect(command({ ...changes, output: 'a/b' })).rejects.toThrow();
    expect(existsSync(join(root, 'a'))).toBe(false);
  });

  it('but what was there stays', async () => {
    mkdirSync(join(root, 'arena-results/other'), { recursive: true });
    mkdirSync(join(root, 'empty'));
    await expect(command({})).rejects.toThrow();
    expect(readdirSync(join(root, 'arena-results'))).toEqual(['other']);
    await expect(command({ output: 'empty' })).rejects.toThrow();
    expect(readdirSync(join(root, 'empty'))).toEqual([]);
    await expect(command({ output: '.' })).rejects.toMatchObject({ code: 'RESULT_EXISTS' });
    expect(existsSync(join(root, 'agent.sh'))).toBe(true);
  });
});
