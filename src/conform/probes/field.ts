import { ChunkKind } from '../../model/index.ts';
import type { Generation } from '../generation.ts';
import { heldOpenFields } from '../length-facts.ts';
import { count, type Finding, joinApis } from '../per-api.ts';
import type { Api, Probe, ProbeContext } from '../probe.ts';
import { rejectionOf } from '../rejection.ts';

/** Optional fields that change what a reply holds. */
export const fieldProbe: Probe = {
  id: 'field',
  rows: [
    {
      id: 'field.logprobs',
      title: 'Log probabilities',
      asked: 'chat: logprobs and top_logprobs; completions: logprobs',
      means: {
        yes: 'Quality can be measured by likelihood; each chunk tells its tokens.',
        partial: 'Quality can be measured by likelihood, by one API or for part of the tokens.',
        no: 'Quality can be measured by texts only.',
        ignored: 'Quality can be measured by texts only. Nothing in the reply says so.',
      },
    },
    {
      id: 'field.n',
      title: 'Several choices (n > 1)',
      asked: 'n: 2',
      means: {
        yes: 'A request may be several sequences: count tokens by usage, not by request.',
        partial:
          'A request is several sequences, and its last usage counts one of them: token rates by it are too low.',
        no: 'One sequence for each request.',
        ignored: 'One sequence for each request, whatever was asked.',
      },
    },
    {
      id: 'field.reasoning',
      title: 'Reasoning in a field of its own',
      asked: 'fields of the deltas of a chat',
      means: {
        yes: 'Tokens of reasoning are tokens: a client that reads content alone reports TTFT too late.',
        partial: 'Reasoning stands inside the content: it counts as output.',
        no: 'None seen with this model.',
      },
    },
    {
      id: 'field.tools',
      title: 'Tool calls',
      asked: 'a chat with one tool and tool_choice: required',
      means: {
        yes: 'Agents’ traffic can be replayed; a stream may hold no content at all.',
        no: 'Agents’ traffic cannot be replayed.',
        ignored: 'Agents’ traffic gets plain text here. Nothing in the reply says so.',
      },
    },
  ],
  async run(context, report) {
    const { signal } = context;
    const logprobs: (readonly [Api, Finding])[] = [];
    for (const api of context.apis) logprobs.push([api, await logprobsFinding(context, api)]);
    if (signal.aborted) return;
    report('field.logprobs', ...joinApis(logprobs));
    report('field.n', ...(await choicesFinding(context)));
    if (signal.aborted) return;
    if (!context.apis.includes('chat')) {
      report('field.reasoning', 'unknown', 'there is no chat API');
      report('field.tools', 'unknown', 'there is no chat API');
      return;
    }
    report('field.reasoning', ...reasoningFinding(await context.ordinary('chat')));
    report('field.tools', ...(await toolsFinding(context)));
  },
};

async function logprobsFinding(context: ProbeContext, api: Api): Promise<Finding> {
  const fields = api === 'chat' ? { logprobs: true, top_logprobs: 1 } : { logprobs: 1 };
  const generation = await context.generate({ api, fields });
  const rejected = await rejectionOf(context, generation, api);
  if (rejected !== null) return rejected;
  if (generation.failed !== null) return ['unknown', generation.failed];
  const choices = generation.chunks.flatMap((chunk) => chunk.choices);
  const bearing = choices.filter(({ text }) => text !== '');
  const having = choices.filter(({ logprobs }) => (logprobs ?? 0) > 0);
  const tokens = having.reduce((sum, { logprobs }) => sum + (logprobs ?? 0), 0);
  const output = generation.usage?.output ?? null;
  if (having.length === 0) {
    const verdict = bearing.length === 0 ? 'unknown' : 'ignored';
    return [verdict, `none on ${count(bearing.length, 'chunk')} with text`];
  }
  const evidence = `for ${tokens}${output === null ? '' : ` of ${output}`} tokens, on ${count(having.length, 'chunk')}`;
  // The token that ends a text may have one or none.
  return [output === null || tokens >= output - 1 ? 'yes' : 'partial', evidence];
}

async function choicesFinding(context: ProbeContext): Promise<Finding> {
  // Some servers refuse several choices of a greedy text.
  const fields = { n: 2, temperature: 1, ...(await heldOpenFields(context, 4)) };
  const generation = await context.generate({ maxTokens: 4, fields });
  const rejected = await rejectionOf(context, generation);
  if (rejected !== null) return rejected;
  if (generation.failed !== null) return ['unknown', generation.failed];
  const indexes = new Set(generation.chunks.flatMap(({ choices }) => choices.map((c) => c.index)));
  const output = generation.usage?.output ?? null;
  const evidence = `${count(indexes.size, 'choice')} of up to 4 tokens, ${output ?? 'no'} tokens by the last usage`;
  if (indexes.size < 2) return ['ignored', evidence];
  const pieces = generation.chunks
    .flatMap(({ choices }) => choices)
    .filter(({ text }) => text !== '');
  // More pieces of text than tokens: those of one choice alone are counted.
  return [output !== null && output < pieces.length ? 'partial' : 'yes', evidence];
}

function reasoningFinding(generation: Generation): Finding {
  if (generation.failed !== null) return ['unknown', generation.failed];
  const choices = generation.chunks.flatMap((chunk) => chunk.choices);
  const names = [...new Set(choices.flatMap(({ reasoning }) => reasoning))];
  const chunks = choices.filter(({ kind }) => kind === ChunkKind.reasoning).length;
  if (names.length > 0) {
    const shown = names.filter((name) => /^\w{1,40}$/.test(name)).join(', ');
    return ['yes', `${shown} on ${count(chunks, 'chunk')}`];
  }
  if (/^\s*<think/.test(generation.text)) return ['partial', 'the content begins with a think tag'];
  return ['no', `no such field in ${count(generation.chunks.length, 'chunk')}`];
}

const lookup = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Weather of a city.',
    parameters: {
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
    },
  },
};

async function toolsFinding(context: ProbeContext): Promise<Finding> {
  const generation = await context.generate({
    api: 'chat',
    prompt: 'What is the weather in Paris?',
    maxTokens: 48,
    fields: { tools: [lookup], tool_choice: 'required' },
  });
  const { status } = generation.exchange;
  const rejected = await rejectionOf(context, generation, 'chat');
  if (rejected !== null) return rejected;
  if (status === 501) return ['no', `not served: ${generation.failed}`];
  const choices = generation.chunks.flatMap((chunk) => chunk.choices);
  const calls = choices.filter(({ tools }) => tools).length;
  if (calls > 0) return ['yes', `tool_calls on ${count(calls, 'chunk')}`];
  if (generation.failed !== null) {
    return [(status ?? 0) >= 500 ? 'error' : 'unknown', generation.failed];
  }
  const verdict = generation.textChunks === 0 ? 'unknown' : 'ignored';
  return [verdict, `${count(generation.textChunks, 'chunk')} of text, no tool_calls`];
}
