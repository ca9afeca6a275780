import type { WorkloadSettings } from '../../../app/index.ts';
import { numberIn, parseBoolean, parseText } from '../option.ts';
import type { OptionTable } from '../resolve.ts';

/** For shell completion; loading the data sets to ask them would cost every start-up. */
export const datasetIds = [
  'prose',
  'random',
  'shared-prefix',
  'chat',
  'code-generation',
  'long-context-qa',
  'summarization',
  'sharegpt-v3',
  'sharegpt',
  'jsonl',
] as const;

const group = 'Workload';

/** A config file may hold the pair as a map. */
const parseRatio = (value: unknown, flag: string) =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : parseText(value, flag);

export const workloadOptions: OptionTable<WorkloadSettings> = {
  dataset: {
    flags: '--dataset <id>',
    group,
    aliases: ['--dataset-name'],
    description:
      'where prompts come from: prose, random, shared-prefix, chat, code-generation, long-context-qa, summarization, sharegpt-v3[:FILE], sharegpt:FILE or jsonl:FILE',
    parse: parseText,
    suggest: datasetIds,
    default: datasetIds[0],
    defaultText: datasetIds[0],
  },
  datasetPath: {
    flags: '--dataset-path <file>',
    group,
    description: 'file of the data set, as behind the colon of --dataset',
    parse: parseText,
    default: null,
  },
  inputTokens: {
    flags: '--input-tokens <lengths>',
    aliases: ['--random-input-len', '--gsp-question-len'],
    group,
    description:
      'prompt tokens as the server counts them, chat template included: 512, 512:128 (mean:standard deviation), lognormal:MEAN:STD:MIN:MAX or uniform:MIN:MAX (default 128; quick look 32)',
    parse: parseText,
    default: null,
  },
  outputTokens: {
    flags: '--output-tokens <lengths>',
    aliases: ['--random-output-len', '--gsp-output-len'],
    group,
    description: 'output tokens, in the same forms (default 64; quick look 16)',
    parse: parseText,
    default: null,
  },
  randomRangeRatio: {
    flags: '--random-range-ratio <r>',
    group,
    description:
      'lengths alike likely from (1 - r) to (1 + r) times the one asked for, as vLLM has it since 0.8.4; or {"input": r, "output": r}',
    parse: parseRatio,
    default: null,
  },
  prefixTokens: {
    flags: '--prefix-tokens <n>',
    aliases: ['--random-prefix-len', '--gsp-system-prompt-len'],
    group,
    description:
      'generated prompts begin with so many tokens that others have too, on top of --input-tokens (shared-prefix: 512)',
    parse: numberIn({ min: 0, max: 1e6, integer: true }),
    default: null,
  },
  prefixGroups: {
    flags: '--prefix-groups <n>',
    aliases: ['--gsp-num-groups'],
    group,
    description: 'number of different shared beginnings (default 1; shared-prefix: 8)',
    parse: numberIn({ min: 1, max: 1e6, integer: true }),
    default: null,
  },
  fitContext: {
    flags: '--fit-context',
    group,
    description:
      "take only requests that fit the model's context, and rename the data set; without it, one that does not fit is refused",
    parse: parseBoolean,
    default: false,
  },
  salt: {
    flags: '--no-salt',
    group,
    description:
      'send rows of a file as they are (default: two words of their own in front, so that no prefix cache answers)',
    parse: parseBoolean,
    default: true,
  },
  tokenizer: {
    flags: '--tokenizer <file>',
    group,
    description: 'tokenizer.json to count with where the server has no /tokenize',
    parse: parseText,
    default: null,
  },
  temperature: {
    flags: '--temperature <t>',
    group,
    description: 'sampling temperature',
    parse: numberIn({ min: 0 }),
    default: 0,
    defaultText: '0',
  },
  ignoreEos: {
    flags: '--no-ignore-eos',
    group,
    description: 'let the model stop when it wants (default: ask for exactly --output-tokens)',
    parse: parseBoolean,
    default: true,
  },
  seed: {
    flags: '--seed <n>',
    group,
    description: 'seed of arrivals, lengths and prompts: same seed, same plan, byte for byte',
    parse: numberIn({ min: 0, max: 4294967295, integer: true }),
    default: 42,
    defaultText: '42',
  },
};
