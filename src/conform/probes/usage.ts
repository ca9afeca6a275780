import type { Generation } from '../generation.ts';
import { heldOpenFields } from '../length-facts.ts';
import { chunkTokensOf } from '../output-tokens.ts';
import { count, type Finding, joinApis, lookAtEach } from '../per-api.ts';
import type { Api, Probe, ProbeContext } from '../probe.ts';
import { rejectionOf } from '../rejection.ts';

/** What the server says about tokens. */
export const usageProbe: Probe = {
  id: 'usage',
  rows: [
    {
      id: 'usage.stream',
      title: 'Usage in a stream',
      asked: 'stream_options.include_usage',
      means: {
        yes: 'Tokens are counted by the server.',
        partial:
          'Tokens are counted by the server for one API only; else chunks stand for tokens, or a tokenizer counts.',
        no: 'Tokens have to be counted with --tokenizer, or chunks stand for tokens.',
        ignored: 'Tokens have to be counted with --tokenizer, or chunks stand for tokens.',
      },
    },
    {
      id: 'usage.continuous',
      title: 'Running usage on every chunk',
      asked: 'stream_options.continuous_usage_stats',
      means: {
        yes: 'The tokens of every chunk are known: ITL is per token, whatever a chunk holds.',
        partial: 'The tokens of every chunk are known by one API only.',
        no: 'ITL is per chunk where a chunk may hold several tokens.',
        ignored: 'ITL is per chunk where a chunk may hold several tokens.',
      },
    },
    {
      id: 'usage.output',
      title: 'Usage agrees with the output',
      asked: 'completion_tokens of a stream beside its chunks and the tokens of its text',
      means: {
        yes: 'Token rates can be taken from usage.',
        partial: 'Near, not exact: text tokenised again may split in another way.',
        no: 'Token rates by usage are wrong: count with --tokenizer.',
      },
    },
    {
      id: 'usage.prompt',
      title: 'Usage agrees with a tokenizer about the prompt',
      asked: 'prompt_tokens of a reply beside /tokenize, or the tokenizer given',
      means: {
        yes: 'Input lengths are exact.',
        partial: 'Input lengths are exact for one API only.',
        no: 'Input lengths depend on who counts: a result has to say by whom.',
      },
    },
  ],
  async run(context, report) {
    report(
      'usage.stream',
      ...(await lookAtEach(context, (generation) => streamFinding(context, generation))),
    );
    if (context.signal.aborted) return;
    const running: (readonly [Api, Finding])[] = [];
    for (const api of context.apis) running.push([api, await continuousFinding(context, api)]);
    if (context.signal.aborted) return;
    report('usage.continuous', ...joinApis(running));
    const output: (readonly [Api, Finding])[] = [];
    const prompt: (readonly [Api, Finding])[] = [];
    for (const api of context.apis) {
      output.push([api, await outputFinding(context, api)]);
      prompt.push([api, await promptFinding(context, api)]);
    }
    if (context.signal.aborted) return;
    report('usage.output', ...joinApis(output));
    report('usage.prompt', ...joinApis(prompt));
  },
};

/** More tokens than any context has, where the server's own is not told. */
const absurdTokens = 1e9;

/** What in a generation's usage cannot be a count of its tokens, in words; null = nothing. */
function badUsage({ contextTokens }: ProbeContext, { badUsage, chunks }: Generation) {
  if (badUsage !== null) return badUsage;
  const most = Math.max(...chunks.map(({ usage }) => usage?.output ?? 0), 0);
  if (most <= (contextTokens ?? absurdTokens)) return null;
  return `completion_tokens is ${most}, more than ${contextTokens === null ? 'any' : 'the'} context holds`;
}

function streamFinding(context: ProbeContext, generation: Generation): Finding {
  const { chunks, usage } = generation;
  if (usage === null) return ['ignored', `no usage in ${count(chunks.length, 'chunk')}`];
  const bad = badUsage(context, generation);
  if (bad !== null) return ['no', bad];
  const having = chunks.filter((chunk) => chunk.usage?.output != null);
  if (having.length === 0) return ['no', 'a usage without completion_tokens'];
  const last = having.at(-1);
  if (having.length > 2) return ['yes', `on ${having.length} of ${chunks.length} chunks, unasked`];
  if (last?.choices.length === 0) return ['yes', 'a chunk of its own with empty choices'];
  if (last?.choices.some(({ finish }) => finish !== null)) {
    return ['yes', 'on the chunk with the finish_reason'];
  }
  return ['yes', `on ${count(having.length, 'chunk')} of ${chunks.length}`];
}

async function continuousFinding(context: ProbeContext, api: Api): Promise<Finding> {
  const held = await heldOpenFields(context, context.sizes.tokens);
  const generation = await context.generate({
    api,
    fields: { ...held, stream_options: { include_usage: true, continuous_usage_stats: true } },
  });
  const { chunks, failed } = generation;
  const rejected = await rejectionOf(context, generation, api);
  if (rejected !== null) return rejected;
  if (failed !== null) return ['unknown', failed];
  const bad = badUsage(context, generation);
  if (bad !== null) return ['no', bad];
  const bearing = chunks.filter(({ choices }) => choices.some(({ text }) => text !== ''));
  const counted = bearing.filter(({ usage }) => usage?.output != null);
  const evidence = `usage on ${counted.length} of ${count(bearing.length, 'chunk')} with text`;
  if (bearing.length < 3) return ['unknown', `only ${count(bearing.length, 'chunk')} with text`];
  if (counted.length >= bearing.length - 1) {
    const numbers = counted.map(({ usage }) => usage?.output ?? 0);
    const grows = numbers.every((n, i) => i === 0 || n >= (numbers[i - 1] ?? 0));
    const moves = (numbers.at(-1) ?? 0) > (numbers[0] ?? 0);
    return grows && moves
      ? ['yes', evidence]
      : ['partial', `${evidence}, a count that does not grow`];
  }
  return counted.length > 1 ? ['partial', evidence] : ['ignored', evidence];
}

/** How far a text that is tokenised again may be from what the model wrote: share, and tokens. */
const nearShare = 0.1;
const nearTokens = 2;

async function outputFinding(context: ProbeContext, api: Api): Promise<Finding> {
  const generation = await context.ordinary(api);
  if (generation.failed !== null) return ['unknown', generation.failed];
  const bad = badUsage(context, generation);
  if (bad !== null) return ['no', bad];
  const output = generation.usage?.output ?? null;
  if (output === null) return ['unknown', 'no usage to compare'];
  const { textChunks, finish } = generation;
  const chunks = chunkTokensOf(generation);
  // The token that ends a text has none.
  const ends = finish === 'stop' ? 1 : 0;
  const fits = (n: number) => n === output || n + ends === output;
  if (fits(textChunks) || fits(chunks)) {
    return ['yes', `${output} by usage, ${fits(textChunks) ? textChunks : chunks} chunks`];
  }
  const counted = await context.countText(generation.text);
  if (counted === null) {
    return ['unknown', `${output} by usage, ${textChunks} chunks with text, no tokenizer to ask`];
  }
  const evidence = `${output} by usage, ${counted.tokens} by ${sourceWord(counted.source)}, ${textChunks} chunks with text`;
  if (fits(counted.tokens)) return ['yes', evidence];
  const off = Math.abs(counted.tokens - output);
  return [off <= Math.max(nearTokens, nearShare * output) ? 'partial' : 'no', evidence];
}

async function promptFinding(context: ProbeContext, api: Api): Promise<Finding> {
  const { failed } = await context.ordinary(api);
  if (failed !== null) return ['unknown', failed];
  const prompt = `${context.freshWords(24)}.`;
  const counted = await context.countPrompt(api, prompt);
  if (counted === null) return ['unknown', 'neither /tokenize nor a tokenizer to compare with'];
  const generation = await context.generate({ api, prompt, maxTokens: 1 });
  const told = generation.usage?.input ?? null;
  if (told === null)
    return [
      'unknown',
      generation.failed ?? generation.badUsage ?? 'the reply has no prompt_tokens',
    ];
  const evidence = `${told} by usage, ${counted.tokens} by ${sourceWord(counted.source)}`;
  return [told === counted.tokens ? 'yes' : 'no', evidence];
}

/** Without the path of a file: that is nobody else's business. */
const sourceWord = (source: string) =>
  source.startsWith('tokenizer.json') ? 'tokenizer.json' : source.replace(/^server /, '');
