import { describe, expect, it } from 'vitest';
import type { WorkloadSettings } from './settings.ts';
import { resolveWorkload } from './workload-asked.ts';

const none: WorkloadSettings = {
  dataset: 'prose',
  datasetPath: null,
  inputTokens: null,
  outputTokens: null,
  randomRangeRatio: null,
  prefixTokens: null,
  prefixGroups: null,
  fitContext: false,
  salt: true,
  tokenizer: null,
  temperature: 0,
  ignoreEos: true,
  seed: 1,
};
const resolve = (settings: Partial<WorkloadSettings>) =>
  resolveWorkload({ ...none, ...settings }, false);

describe('resolveWorkload', () => {
  it('has the lengths of the options, of the data set, or of the default', () => {
    expect(resolve({}).inputTokens).toEqual({ shape: 'normal', mean: 128, std: 0 });
    expect(resolveWorkload(none, true).outputTokens).toEqual({ shape: 'normal', mean: 16, std: 0 });
    expect(resolve({ dataset: 'chat' }).inputTokens).toMatchObject({
      shape: 'lognormal',
      mean: 500,
    });
    expect(resolve({ inputTokens: 'uniform:5:9' }).inputTokens).toMatchObject({ min: 5, max: 9 });
  });

  // vLLM 0.8.4 and later: floor(L (1 - r)) to ceil(L (1 + r)); 0 is one fixed length.
  it.each([
    ['0.5', { min: 50, max: 152 }, { min: 10, max: 30 }],
    ['{"input": 0.01, "output": 0}', { min: 99, max: 103 }, { mean: 20, std: 0 }],
  ])('spreads lengths by --random-range-ratio %s', (randomRangeRatio, input, output) => {
    const asked = resolve({ inputTokens: '101', outputTokens: '20', randomRangeRatio });
    expect(asked.inputTokens).toMatchObject(input);
    expect(asked.outputTokens).toMatchObject(output);
  });

  it.each(['1', '1.0', '-0.1', 'x', '{"input": 0.5}'])(
    'refuses the ratio %s',
    (randomRangeRatio) => {
      expect(() => resolve({ randomRangeRatio })).toThrowError(
        expect.objectContaining({
          code: 'USAGE_RANGE_RATIO',
          hint: expect.stringContaining('0.8.4'),
        }),
      );
    },
  );

  it('shares beginnings', () => {
    expect(resolve({ dataset: 'random', prefixTokens: 20 }).prefix).toEqual({
      tokens: 20,
      groups: 1,
    });
    expect(resolve({ dataset: 'shared-prefix' }).prefix).toEqual({ tokens: 512, groups: 8 });
    expect(resolve({ dataset: 'shared-prefix', prefixGroups: 2 }).prefix?.groups).toBe(2);
    expect(resolve({}).prefix).toBeNull();
  });

  it.each<[Partial<WorkloadSettings>, string]>([
    [{ dataset: 'chat', inputTokens: '5' }, '--input-tokens has no effect on --dataset chat'],
    [{ dataset: 'chat', randomRangeRatio: '0.5' }, '--random-range-ratio has no effect'],
    [{ dataset: 'jsonl:x', inputTokens: '5' }, '--input-tokens has no effect on --dataset jsonl'],
    [{ dataset: 'jsonl:x', prefixTokens: 5 }, '--prefix-tokens has no effect'],
    [{ dataset: 'sharegpt-v3', outputTokens: '5' }, '--output-tokens has no effect'],
    [{ salt: false }, '--no-salt has no effect on --dataset prose'],
    [{ prefixGroups: 3 }, '--prefix-groups has no effect on --dataset prose: no --prefix-tokens'],
    [{ inputTokens: '9:3', randomRangeRatio: '0.5' }, '9:3 has a spread already'],
  ])('says so where an option would be ignored: %j', (settings, message) => {
    expect(() => resolve(settings)).toThrowError(
      expect.objectContaining({
        code: 'USAGE_CONFLICT',
        message: expect.stringContaining(message),
      }),
    );
  });

  it('lets rows without an output length have one', () => {
    expect(resolve({ dataset: 'jsonl:x', outputTokens: '5' }).outputTokens).toMatchObject({
      mean: 5,
    });
  });
});
