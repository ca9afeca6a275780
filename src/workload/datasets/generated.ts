import { createHash } from 'node:crypto';
import { createProse } from '../text/prose.ts';
import { createRandomWords } from '../text/random-words.ts';
import type { TextMaker, TextMakerOptions } from '../text/text-maker.ts';
import { type Dataset, type LoadedDataset, noOverhead, type PrefixSpec } from './dataset.ts';

/** What tells one generated data set from another. */
type GeneratedKind = Pick<Dataset, 'id' | 'aliases' | 'title' | 'lengths' | 'prefix'> & {
  makeText(options: TextMakerOptions): Promise<TextMaker>;
};

/** A data set of text that is made, of any length, exact to the token where a tokenizer can be asked. */
function defineGenerated({ makeText, ...kind }: GeneratedKind): Dataset {
  return {
    ...kind,
    file: 'none',
    lengthsFrom: 'options',
    async load({ counter, overhead = noOverhead, seed = 0, prefix = kind.prefix ?? null }) {
      const maker = await makeText({ counter, overheadTokens: overhead.promptTokens });
      const plain: LoadedDataset = {
        id: kind.id,
        hash: maker.hash,
        rows: null,
        promptText: (recipe, inputTokens) => maker.prompt(recipe.seed, inputTokens),
        describe: describe(kind, maker),
        source: {
          source: 'generated',
          revision: null,
          sha256: null,
          rule: 'text of each prompt from its own seed (plan.jsonl lists seeds and lengths)',
        },
      };
      return prefix === null ? plain : withPrefix(plain, maker, prefix, seed);
    },
  };
}

/**
 * Beginnings come from the run's seed alone: they are the same at every level and in the warm-up,
 * as a service's system prompts are.
 */
function withPrefix(
  plain: LoadedDataset,
  maker: TextMaker,
  prefix: PrefixSpec,
  seed: number,
): LoadedDataset {
  const beginnings = Array.from({ length: prefix.groups }, (_, group) =>
    maker.piece(beginningSeed(seed, group), prefix.tokens),
  );
  const hash = createHash('sha256').update(JSON.stringify([plain.hash, beginnings]));
  return {
    ...plain,
    hash: hash.digest('hex'),
    prefix,
    promptText({ seed: own, row }, inputTokens) {
      const beginning = beginnings[row ?? 0] ?? '';
      return `${beginning} ${maker.prompt(own, inputTokens - prefix.tokens)}`;
    },
    describe: `${plain.describe}; each begins with one of ${prefix.groups} shared texts of ${prefix.tokens} tokens`,
  };
}

/** Far from the seeds of prompts, which lie in the lower half of the range at first. */
const beginningSeed = (seed: number, group: number) => (0xf0000000 + seed * 65_537 + group) >>> 0;

function describe(kind: Pick<GeneratedKind, 'lengths' | 'title'>, maker: TextMaker): string {
  const name = kind.lengths === undefined ? '' : `${kind.title}: `;
  return `${name}${maker.describe}`;
}

const lognormal = (mean: number, std: number, min: number, max: number) =>
  ({ shape: 'lognormal', mean, std, min, max }) as const;

/** The default: any length, text that a model would see. */
const prose = defineGenerated({
  id: 'prose',
  title: 'made-up English sentences, any length',
  makeText: (options) => createProse(options),
});

/** Noise, as `random` of `vllm bench serve`. */
const random = defineGenerated({
  id: 'random',
  title: 'random everyday English words, any length',
  makeText: createRandomWords,
});

const sharedPrefix = defineGenerated({
  id: 'shared-prefix',
  aliases: ['generated-shared-prefix'],
  title: 'made-up English sentences behind a few shared beginnings, as system prompts are',
  prefix: { tokens: 512, groups: 8 },
  makeText: (options) => createProse(options),
});

/**
 * Lengths of the methodology article, tokens: mean, standard deviation, bounds. They are those of
 * the tokens themselves; the logarithm's follow from them (logNormalParameters).
 */
const chat = defineGenerated({
  id: 'chat',
  title: 'synthetic, lengths of chat: prompt 500 ± 300 (50 to 4000), output 200 ± 150 (10 to 2000)',
  lengths: { input: lognormal(500, 300, 50, 4000), output: lognormal(200, 150, 10, 2000) },
  makeText: (options) => createProse(options, 'What should I do about it next ?'),
});

const codeGeneration = defineGenerated({
  id: 'code-generation',
  aliases: ['code_generation'],
  title:
    'synthetic, lengths of code generation: prompt 1500 ± 800 (200 to 8000), output 500 ± 400 (50 to 4000)',
  lengths: { input: lognormal(1500, 800, 200, 8000), output: lognormal(500, 400, 50, 4000) },
  makeText: (options) =>
    createProse(options, 'Write a short program that does all of the above , with a test .'),
});

const longContextQa = defineGenerated({
  id: 'long-context-qa',
  aliases: ['long_context_qa'],
  title:
    'synthetic, lengths of questions about long texts: prompt 16000 ± 12000 (2000 to 128000), output 300 ± 200 (20 to 2000)',
  lengths: {
    input: lognormal(16_000, 12_000, 2000, 128_000),
    output: lognormal(300, 200, 20, 2000),
  },
  makeText: (options) =>
    createProse(
      options,
      'Read the text above again : what do the people in it want most , and why ?',
    ),
});

const summarization = defineGenerated({
  id: 'summarization',
  title:
    'synthetic, lengths of summaries: prompt 4000 ± 2000 (500 to 32000), output 150 ± 80 (50 to 500)',
  lengths: { input: lognormal(4000, 2000, 500, 32_000), output: lognormal(150, 80, 50, 500) },
  makeText: (options) => createProse(options, 'Give me a short summary of the text above .'),
});

export const generatedDatasets: readonly Dataset[] = [
  prose,
  random,
  sharedPrefix,
  chat,
  codeGeneration,
  longContextQa,
  summarization,
];
