import { describe, expect, test } from 'vitest';
import {
  numberIn,
  type OptionSpec,
  oneOf,
  parseBoolean,
  parseText,
} from '../../src/cli/options/option.ts';
import { configKey, longFlag, resolveOptions } from '../../src/cli/options/resolve.ts';
import { engineIds, runOptions, withoutOpenai } from '../../src/cli/options/run/index.ts';
import { datasetIds } from '../../src/cli/options/run/workload.ts';
import { isBenchError } from '../../src/core/index.ts';
import { engines, findEngine } from '../../src/engines/index.ts';
import { datasets } from '../../src/workload/index.ts';

const resolveRun = (
  flags: Record<string, unknown>,
  env: Record<string, string>,
  config: Record<string, unknown>,
) => resolveOptions(runOptions, flags, env, config);

describe('a flag wins over the environment, that over the config file, that over the default', () => {
  test.each([
    ['flag', { apiKey: 'f' }, { BENCH_API_KEY: 'e' }, { 'api-key': 'c' }, 'f'],
    ['environment', {}, { BENCH_API_KEY: 'e' }, { 'api-key': 'c' }, 'e'],
    ['config file', {}, {}, { 'api-key': 'c' }, 'c'],
    ['default', {}, {}, {}, null],
    ['empty environment', {}, { BENCH_API_KEY: '' }, { 'api-key': 'c' }, 'c'],
    ['empty entry of the config file', {}, {}, { 'api-key': null }, null],
  ])('api-key by %s', (_from, flags, env, config, expected) => {
    expect(resolveRun(flags, env, config).apiKey).toBe(expected);
  });

  const cases: [keyof typeof runOptions, unknown, unknown, unknown, unknown, unknown][] = [
    // key, flag, its value, config, its value, default
    ['rate', '4,1,1', [1, 4], [2, 8], [2, 8], null],
    ['rate', '4', [4], 2, [2], null],
    ['maxConcurrency', '3', [3], '5,2', [2, 5], null],
    ['seed', '7', 7, 9, 9, 42],
    ['requestTimeout', '0.5', 0.5, 30, 30, 600],
    ['inputTokens', '5', '5', 512, '512', null],
    ['api', 'chat', 'chat', 'completions', 'completions', 'auto'],
    ['arrival', 'constant', 'constant', 'gamma:2', 'gamma:2', 'poisson'],
    ['json', true, true, false, false, false],
    ['html', false, false, true, true, true],
    ['ignoreEos', false, false, false, false, true],
    ['header', ['A=1', 'B: 2'], { A: '1', B: '2' }, { C: 3 }, { C: '3' }, {}],
    ['extraBody', '{"k":1}', { k: 1 }, { k: { l: 2 } }, { k: { l: 2 } }, {}],
    ['engineArg', ['-a', '-b'], ['-a', '-b'], ['-c'], ['-c'], []],
    ['warmupRequests', '0', 0, 5, 5, null],
    ['sustained', true, 300, 60, 60, null],
    ['replica', ['h:1', 'h:2'], ['http://h:1', 'http://h:2'], ['h:3'], ['http://h:3'], []],
    ['maxErrorShare', '1', 1, 0, 0, 0.01],
  ];
  test.each(cases)('%s', (key, flag, fromFlag, configured, fromConfig, byDefault) => {
    const config = { [configKey(runOptions[key])]: configured };
    expect(resolveRun({ [key]: flag }, {}, config)[key]).toEqual(fromFlag);
    expect(resolveRun({}, {}, config)[key]).toEqual(fromConfig);
    expect(resolveRun({}, {}, {})[key]).toEqual(byDefault);
  });
});

describe('the config file', () => {
  test.each(['max-error-share', 'max_error_share', 'maxErrorShare'])('knows %s', (name) => {
    expect(resolveRun({}, {}, { [name]: 0.2 }).maxErrorShare).toBe(0.2);
  });

  test('refuses a key that is none, and names the nearest', () => {
    expect(() => resolveRun({}, {}, { max_eror_share: 0.2 })).toThrow(
      /Unknown key "max_eror_share".*Did you mean "max-error-share"/,
    );
  });

  test('has a key of its own for every option', () => {
    const keys = Object.values(runOptions).map((spec) => configKey(spec));
    expect(new Set(keys).size).toBe(keys.length);
  });
});

test('the message names where the bad value came from', () => {
  const table: { level: OptionSpec<number> } = {
    level: {
      flags: '--level <n>',
      group: 'x',
      description: 'x',
      env: 'BENCH_LEVEL',
      parse: numberIn({ min: 1, integer: true }),
      default: 1,
    },
  };
  const thrown = (flags: object, env: object, config: object): string => {
    try {
      resolveOptions(table, { ...flags }, { ...env }, { ...config });
      return 'nothing';
    } catch (error) {
      return isBenchError(error) ? `${error.code} ${error.message}` : 'a bug';
    }
  };
  expect(thrown({ level: '0' }, {}, {})).toMatch(/^USAGE_BAD_VALUE --level: "0" is not a whole/);
  expect(thrown({}, { BENCH_LEVEL: 'x' }, {})).toMatch(/BENCH_LEVEL: "x"/);
  expect(thrown({}, {}, { level: 1.5 })).toMatch(/level \(config file\): "1\.5"/);
  expect(longFlag(table.level)).toBe('--level');
});

test('a value of the wrong form is shown, with one of the right form', () => {
  expect(() => resolveRun({}, {}, { slo: { ttft: 3 } })).toThrow(
    expect.objectContaining({
      message: 'slo (config file): "{"ttft":3}" is not a text.',
      hint: 'For example slo: ttft=300,tpot=50,p=99',
    }),
  );
});

test.each([
  ['a boolean in words', () => parseBoolean('yes', '--json')],
  ['an empty text', () => parseText('  ', '--model')],
  ['a map for a text', () => parseText({ a: 1 }, '--model')],
  ['a number as text with junk', () => numberIn({})('1e', '--x')],
  ['nothing for a number', () => numberIn({})('', '--x')],
  ['not a number', () => numberIn({})('NaN', '--x')],
  ['a list for a choice', () => oneOf(['a', 'b'])(['a', 'b'], '--x')],
])('%s is refused', (_name, parse) => {
  expect(parse).toThrow(expect.objectContaining({ code: 'USAGE_BAD_VALUE' }));
});

test('every data set is offered by completion', () => {
  expect(datasetIds).toEqual(datasets.ids());
});

test('openai is the endpoint; without one it is an error that says what to give', () => {
  const settings = resolveRun({ engine: 'OpenAI', endpoint: 'http://h:1/v1' }, {}, {});
  expect(withoutOpenai(settings)).toMatchObject({ engine: null, endpoint: 'http://h:1/v1' });
  const alone = resolveRun({ engine: 'openai' }, {}, {});
  expect(withoutOpenai(alone).engine).toBe('openai');
  expect(() => findEngine('openai')).toThrow(
    expect.objectContaining({
      exitCode: 2,
      hint: expect.stringMatching(/--endpoint .*llama\.cpp, .*sglang, trtllm, tgi/),
    }),
  );
  expect(() => findEngine('vlmm')).toThrow(
    expect.objectContaining({
      exitCode: 2,
      hint: `Known: ${engines.ids().join(', ')}; and openai, with --endpoint URL, for a server that runs already.`,
    }),
  );
});

test('engines have names of their own', () => {
  const names = engines.list().flatMap(({ id, aliases }) => [id, ...aliases]);
  expect(new Set(names).size).toBe(names.length);
  expect(['tensorrt-llm', 'trt-llm', 'TRTLLM'].map((name) => findEngine(name).id)).toEqual([
    ...['trtllm', 'trtllm', 'trtllm'],
  ]);
});

test('every engine is offered by completion', () => {
  expect([...engineIds]).toEqual(engines.ids());
});
