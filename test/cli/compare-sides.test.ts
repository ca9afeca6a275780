import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resolveSides } from '../../src/cli/options/compare/index.ts';
import { runCli } from './run-cli.ts';

let cwd = '';
beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), 'bench-sides-'));
  mkdirSync(join(cwd, 'old'));
  mkdirSync(join(cwd, 'new'));
  writeFileSync(join(cwd, 'one.yaml'), 'engine: llama.cpp\nmodel: m\nthreads: 2\n');
  writeFileSync(join(cwd, 'other.yaml'), 'engine: llama.cpp\nmodel: m\nrate: 3\n');
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const resolve = (given: Partial<Parameters<typeof resolveSides>[0]>) =>
  resolveSides({
    ...{ words: [], a: [], b: [], engine: [], endpoint: [], toggle: null, aa: false },
    ...{ common: {}, env: {}, cwd },
    ...given,
  });

/** Settings of both sides, those that were asked about. */
async function settingsOf<const K extends string>(
  keys: readonly K[],
  given: Parameters<typeof resolve>[0],
) {
  const { sides } = await resolve(given);
  return sides.map((side) => {
    if (side.kind !== 'live') throw new Error('stored');
    const settings = side.settings as unknown as Record<string, unknown>;
    return Object.fromEntries(keys.map((key) => [key, settings[key]]));
  });
}

const llama = { engine: ['llama.cpp'], common: { model: 'm' } };

describe('sides', () => {
  test('flags of each on top of what holds for both', async () => {
    const given = {
      ...llama,
      a: ['--threads 1'],
      b: ["--threads 2 --set 'n_ubatch=64' -- -fa off"],
    };
    expect(await settingsOf(['engine', 'model', 'threads', 'engineArg'], given)).toEqual([
      { engine: 'llama.cpp', model: 'm', threads: 1, engineArg: [] },
      {
        engine: 'llama.cpp',
        model: 'm',
        threads: 2,
        engineArg: ['--set', 'n_ubatch=64', '-fa', 'off'],
      },
    ]);
  });

  test('what is the default of both is said once: 4 callers, one warm-up, no gates', async () => {
    const keys = ['maxConcurrency', 'rate', 'warmupRuns', 'gates', 'duration'] as const;
    const [a, b] = await settingsOf(keys, { ...llama, aa: true });
    expect(a).toEqual({
      maxConcurrency: [4],
      rate: null,
      warmupRuns: 1,
      gates: 'off',
      duration: null,
    });
    expect(b).toEqual(a);
  });

  test('two engines, two endpoints, words', async () => {
    const endpoints = ['http://a:1/v1', 'b:2/v1'];
    const of = (given: Parameters<typeof resolve>[0]) => settingsOf(['engine', 'endpoint'], given);
    const live = [
      { engine: null, endpoint: 'http://a:1/v1' },
      { engine: null, endpoint: 'http://b:2/v1' },
    ];
    expect(await of({ endpoint: endpoints })).toEqual(live);
    expect(await of({ words: endpoints })).toEqual(live);
    expect(await of({ a: ['http://a:1/v1'], b: ['b:2/v1'] })).toEqual(live);
    expect(await of({ engine: ['llama.cpp', 'other'], common: { model: 'm' } })).toEqual([
      { engine: 'llama.cpp', endpoint: null },
      { engine: 'other', endpoint: null },
    ]);
  });

  test('a toggle is side B alone; a file is what it says, over what holds for both', async () => {
    const keys = ['threads', 'engineArg', 'seed'] as const;
    const given = { words: ['one.yaml'], common: { threads: '1', seed: '7' }, toggle: '--flash 1' };
    expect(await settingsOf(keys, given)).toEqual([
      { threads: 2, engineArg: [], seed: 7 },
      { threads: 2, engineArg: ['--flash', '1'], seed: 7 },
    ]);
  });

  test('stored results: folders, lists, repeated flags', async () => {
    const paths = async (given: Parameters<typeof resolve>[0]) =>
      (await resolve(given)).sides.map((side) => (side.kind === 'stored' ? side.paths : null));
    expect(await paths({ words: ['old', 'new'] })).toEqual([['old'], ['new']]);
    expect(await paths({ words: ['old,new', 'new'] })).toEqual([['old', 'new'], ['new']]);
    expect(await paths({ a: ['old', 'new'], b: ['new'] })).toEqual([['old', 'new'], ['new']]);
    expect(await paths({ words: ['old', 'new'], toggle: '--fp8' })).toEqual([['old'], ['new']]);
  });

  test.each<[string, Parameters<typeof resolve>[0], RegExp]>([
    ['one side', llama, /Only one side/],
    ['three', { words: ['old', 'new', 'old'] }, /3 sides/],
    ['three engines', { engine: ['a', 'b', 'c'] }, /--engine was given 3 times/],
    [
      'nothing of that name',
      { words: ['old', 'nwe'] },
      /"nwe" is no URL, YAML file, result folder/,
    ],
    ['a slip', { ...llama, a: ['--thread 1'], b: [''] }, /--thread is no option.*"--threads"/],
    ['a word', { ...llama, a: ['threads'], b: [''] }, /"threads" is no URL/],
    [
      'no engine to take it',
      { endpoint: ['http://a/v1'], a: ['--flash'], b: [''] },
      /no engine is started/,
    ],
    [
      'different loads',
      { words: ['one.yaml', 'other.yaml'] },
      /--rate is null on side A and \[3\]/,
    ],
    ['several rates', { ...llama, aa: true, common: { model: 'm', rate: '1,2' } }, /one load/],
    ['stored and live', { words: ['old', 'http://a/v1'] }, /One side is stored/],
    ['both at once', { words: ['old', 'new'], b: ['--threads 1'] }, /both stored and to be run/],
    [
      'an engine that no side takes',
      { words: ['http://a/v1', 'http://b/v1'], engine: ['llama.cpp'] },
      /--engine llama\.cpp: both sides are targets of their own/,
    ],
    [
      'an endpoint beside stored results',
      { words: ['old', 'new'], endpoint: ['http://a/v1'] },
      /--endpoint .* both sides are stored results/,
    ],
    ['engine and endpoint', { words: ['one.yaml', 'http://a/v1'] }, /One side is started here/],
  ])('%s is refused', async (_name, given, message) => {
    await expect(resolve(given)).rejects.toThrow(message);
    await expect(resolve(given)).rejects.toMatchObject({ exitCode: 2 });
  });
});

describe('bench compare', () => {
  test.each<[string, string[], RegExp]>([
    ['an unknown metric', ['--metrics', 'ttft_p5_ms'], /no metric "ttft_p5_ms".*Did you mean/],
    [
      'a metric without a direction',
      ['--metrics', 'offered_rps'],
      /neither more nor less is better/,
    ],
    ['an unknown optimisation', ['--toggle', 'fp9:--x'], /no optimisation "fp9"/],
    ['too few blocks', ['--blocks', '2'], /"2" is not a whole number of at least 3/],
    ['a margin of nothing', ['--margin', '0'], /--margin/],
  ])('%s', async (_name, more, message) => {
    const argv = ['compare', '--engine', 'llama.cpp', '--model', 'm', '--aa', ...more, '--json'];
    const { exitCode, out, err } = await runCli(argv, { cwd });
    expect(exitCode, err).toBe(2);
    expect(JSON.parse(out).error.message).toMatch(message);
  });

  test.each([
    ['compare', ['compare', '--blocks', 'x', 'http://a/v1', 'http://b/v1']],
    ['plan', ['plan', '--headroom', 'x', 'old']],
    ['run', ['run', 'llm.inference', '--seed', 'x']],
  ])('a bad value of %s points to its own help', async (name, argv) => {
    const { exitCode, err } = await runCli(argv, { cwd });
    expect(exitCode, err).toBe(2);
    expect(err).toContain(`bench ${name} --help`);
  });
});
