import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readReference, writeReference } from '../../src/app/arena/judge/reference-file.ts';
import { runCli } from './run-cli.ts';

let cwd = '';
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'bench-judge-cli-'));
  mkdirSync(join(cwd, 'submission'));
  mkdirSync(join(cwd, 'full'));
  writeFileSync(join(cwd, 'full', 'old.json'), '{}');
  const row = '{"question": "Why?", "options": ["x", "y"], "answer": "A"}';
  writeFileSync(join(cwd, 'questions.jsonl'), `${row}\n{"question": "Why?", "options": 2}\n`);
  writeFileSync(join(cwd, 'reference.json'), '{"schema": "other"}');
  writeFileSync(join(cwd, 'words.txt'), 'words');
  writeFileSync(join(cwd, 'words.gguf'), 'words');
  for (const [folder, config] of [
    ['no-architecture', '{}'],
    ['null-config', 'null'],
    ['no-weights', '{"model_type": "llama"}'],
  ] as const) {
    mkdirSync(join(cwd, folder));
    writeFileSync(join(cwd, folder, 'config.json'), config);
  }
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));
const judge = (...argv: string[]) => runCli(['arena', 'judge', ...argv], { cwd });

describe('bench arena judge says what is wrong before anything is started', () => {
  const given = ['--scenario', 'decode', '--submission', 'submission'];
  const small = [...given, '--class', 'small', '--sandbox', 'process'];
  test.each([
    ['no scenario', ['--submission', 'submission'], 2, /needs --scenario/],
    ['no submission', ['--scenario', 'decode'], 2, /needs --submission/],
    ['an unknown scenario', ['--scenario', 'decod', '--submission', 'submission'], 2, /decod/],
    ['a class that is none', [...given, '--class', 'tiny'], 2, /--class/],
    ['no such folder', ['--scenario', 'decode', '--submission', 'x'], 2, /"x": there is no such/],
    [
      'a file in place of a folder',
      ['--scenario', 'decode', '--submission', 'reference.json'],
      2,
      /"reference\.json": it is a file, not a folder/,
    ],
    ['a folder with something in it', [...small, '--output', 'full'], 3, /not empty/],
    [
      'questions that are not there',
      [...given, '--questions', 'x.jsonl'],
      2,
      /Cannot read .*x.jsonl/,
    ],
    [
      'a model that no engine reads',
      [...small, '--model-path', 'words.gguf'],
      3,
      /words\.gguf": it does not begin as a GGUF file/,
    ],
    [
      'a folder without a model',
      [...small, '--model-path', 'submission'],
      3,
      /submission": it has no config\.json/,
    ],
    [
      'a model that is any file',
      [...small, '--model-path', 'words.txt'],
      3,
      /words\.txt": it does not begin as a GGUF file/,
    ],
    [
      'a model whose config says nothing',
      [...small, '--model-path', 'no-architecture'],
      3,
      /no-architecture": its config\.json names no model_type/,
    ],
    [
      'a model whose config is no object',
      [...small, '--model-path', 'null-config'],
      3,
      /null-config": its config\.json names no model_type/,
    ],
    [
      'a model without weights',
      [...small, '--model-path', 'no-weights'],
      3,
      /no-weights": it has no weights/,
    ],
    ['more disk than there is', [...given, '--disk', '99999999'], 2, /--disk: "99999999"/],
    ['questions of a hub', [...given, '--questions', 'hub:a/b'], 2, /downloads no data sets/],
    [
      'questions that are none, by line',
      [...given, '--questions', 'questions.jsonl'],
      2,
      /questions.jsonl, line 2: "options" is no list/,
    ],
    [
      'questions where none are asked',
      [
        '--scenario',
        'sglang-system',
        '--submission',
        'submission',
        '--questions',
        'questions.jsonl',
      ],
      2,
      /sglang-system asks none/,
    ],
    ['a reference that is none', [...given, '--reference', 'reference.json'], 3, /not a reference/],
    [
      'a reference that is not there',
      [...given, '--reference', 'none.json'],
      3,
      /none\.json": there is no such file/,
    ],
    [
      'a reference that is a folder',
      [...given, '--reference', 'full'],
      3,
      /full": it is a folder, not a file/,
    ],
    [
      'a reference that is not JSON',
      [...given, '--reference', 'words.txt'],
      3,
      /words\.txt": it is not JSON/,
    ],
  ])('%s', async (_, argv, code, message) => {
    const { exitCode, out, err } = await judge(...argv);
    expect({ exitCode, out }).toEqual({ exitCode: code, out: '' });
    expect(err).toMatch(message);
    expect(err).not.toMatch(/\bE(NOENT|ISDIR|NOTDIR)\b/);
  });
});

test('bench arena run says it of a stored reference too, before the agent starts', async () => {
  const argv = ['--scenario', 'decode', '--class', 'small', '--agent', 'default-config'];
  const { exitCode, err } = await runCli(
    ['arena', 'run', ...argv, '--reference', 'reference.json', '--output', 'run'],
    { cwd },
  );
  expect({ exitCode, err }).toEqual({ exitCode: 3, err: expect.stringMatching(/not a reference/) });
});

describe('a stored reference', () => {
  const wanted = {
    ...{ version: '1', machine: 'm', scenarioSha256: 'ab', class: 'small' as const },
    questionsSha256: null,
    nowMs: Date.parse('2026-11-02T10:00:00Z'),
  };
  const file = {
    ...{ version: '1', machine: 'm', scenarioSha256: 'ab', class: 'small' as const },
    questionsSha256: null,
    ...{ measuredAt: '2026-11-02T09:00:00Z', aloneP50Ms: 100, launches: [{ profiles: [] }] },
    ...{ alikeShare: 0.25, modelSha256: 'ef' },
    ground: {
      ...{ sandbox: 'process', clientCpus: null },
      limits: [{ limit: 'cpus', asked: 2, by: 'taskset' }],
    },
  };
  const read = (change: object) => {
    const path = join(cwd, 'stored.json');
    writeFileSync(path, writeReference({ ...file, ...change }));
    return readReference(path, wanted);
  };

  test('is taken where it was measured here, so, and lately', async () => {
    const { launches, aloneP50Ms, alikeShare, modelSha256, ground } = file;
    expect(await read({})).toEqual({ launches, aloneP50Ms, alikeShare, modelSha256, ground });
  });

  test('is refused in the form of earlier versions, with what to do', async () => {
    const schema = 'inferencebench.reference.v1';
    const refused = await read({ schema }).catch((error: unknown) => error);
    expect(refused).toMatchObject({
      code: 'PREREQ_REFERENCE',
      message: expect.stringContaining(`it is "${schema}"`),
      hint: expect.stringContaining('Leave --reference away'),
    });
  });

  test.each([
    ['of another version', { version: '2' }, /its version is "2"/],
    ['of another machine', { machine: 'n' }, /its machine is "n"/],
    ['of another scenario', { scenarioSha256: 'cd' }, /its scenarioSha256 is "cd"/],
    ['with other questions', { questionsSha256: 'ef' }, /its questionsSha256 is "ef"/],
    ['of another class', { class: 'full' }, /its class is "full"/],
    ['of the day before', { measuredAt: '2026-11-01T09:00:00Z' }, /older than 24 hours/],
    ['of tomorrow', { measuredAt: '2026-11-03T09:00:00Z' }, /older than 24 hours/],
  ])('is refused %s', async (_, change, message) => {
    await expect(read(change)).rejects.toThrow(message);
  });
});
