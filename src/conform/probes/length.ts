import type { Generation } from '../generation.ts';
import { heldOpenFields } from '../length-facts.ts';
import { outputTokensOf } from '../output-tokens.ts';
import type { Finding } from '../per-api.ts';
import type { HeldOpen, Probe, ProbeContext } from '../probe.ts';
import { rejectionOf } from '../rejection.ts';

/** Tokens asked for where the limit itself is in question. */
const limit = 7;
/** A stream that ignores its limit is hung up on. */
const muchTooMany = 64;

const asAsked = 'Output lengths are as asked.';
const reported = 'Lengths are the model’s own: a benchmark reports them, it cannot set them.';

/** How long answers get, and who decides. */
export const lengthProbe: Probe = {
  id: 'length',
  rows: [
    {
      id: 'length.max-tokens',
      title: 'max_tokens is exact',
      asked: `max_tokens: ${limit} of a text that would go on`,
      means: {
        yes: 'An upper bound of the output that holds to the token.',
        partial: 'Off by a token or in its finish_reason: read lengths off usage.',
        no: 'Name the limit by another field (--extra-body), or lengths are the model’s own.',
        ignored: 'Output has no bound: runs take as long as the model likes.',
      },
    },
    {
      id: 'length.max-completion-tokens',
      title: 'max_completion_tokens is exact',
      asked: `max_completion_tokens: ${limit} of a chat, without max_tokens`,
      means: {
        yes: 'The newer name works; either will do.',
        partial: 'Off by a token or in its finish_reason.',
        no: 'Clients that send only the newer name fail here.',
        ignored: 'Clients that send only the newer name get answers without a bound.',
      },
    },
    {
      id: 'length.ignore-eos',
      title: 'ignore_eos',
      asked: 'an answer that ends by itself, again with ignore_eos: true',
      means: { yes: asAsked, no: reported, ignored: `${reported} Nothing in the reply says so.` },
    },
    {
      id: 'length.min-tokens',
      title: 'min_tokens',
      asked: 'an answer that ends by itself, again with min_tokens at its limit',
      means: {
        yes: asAsked,
        no: 'Lengths are set by ignore_eos, or reported.',
        ignored: 'Lengths are set by ignore_eos, or reported. Nothing in the reply says so.',
      },
    },
    {
      id: 'length.stop',
      title: 'stop strings',
      asked: 'a greedy text again, with one of its words as stop string',
      means: {
        yes: 'Applications that rely on it can be replayed.',
        no: 'Traffic with stop strings cannot be replayed as it was.',
        ignored: 'Traffic with stop strings runs longer here than where it came from.',
      },
    },
  ],
  async run(context, report) {
    const { signal } = context;
    report('length.max-tokens', ...(await limitFinding(context, 'max_tokens')));
    if (signal.aborted) return;
    if (!context.apis.includes('chat')) {
      report('length.max-completion-tokens', 'unknown', 'there is no chat API');
    } else {
      report(
        'length.max-completion-tokens',
        ...(await limitFinding(context, 'max_completion_tokens')),
      );
    }
    const { ending, reason, ignoreEos, minTokens } = await context.lengths();
    if (signal.aborted) return;
    for (const [id, field, held] of [
      ['length.ignore-eos', 'ignore_eos', ignoreEos],
      ['length.min-tokens', 'min_tokens', minTokens],
    ] as const) {
      if (ending !== null && held !== null) report(id, ...heldFinding(held, ending));
      else report(id, ...(await acceptedFinding(context, field, reason)));
    }
    if (signal.aborted) return;
    report('length.stop', ...(await stopFinding(context)));
  },
};

async function limitFinding(
  context: ProbeContext,
  field: 'max_tokens' | 'max_completion_tokens',
): Promise<Finding> {
  const chat = field === 'max_completion_tokens';
  const held = await heldOpenFields(context, limit);
  const ask = () =>
    context.generate({
      ...(chat && { api: 'chat' as const }),
      // One of the two names alone, whatever preflight has settled on.
      fields: { ...held, max_tokens: undefined, max_completion_tokens: undefined, [field]: limit },
      stopWhen: (events) => events.length > muchTooMany,
    });
  const generation = await ask();
  const none = { max_tokens: undefined, max_completion_tokens: undefined };
  const rejected = await rejectionOf(context, generation, chat ? 'chat' : context.api, {
    ...(chat && { api: 'chat' as const }),
    ...{ fields: { ...held, ...none }, stopWhen: () => true },
  });
  return rejected ?? judgeLimit(generation, context);
}

function judgeLimit(generation: Generation, { droppedFields }: ProbeContext): Finding {
  const { finish, failed, textChunks } = generation;
  if (failed === 'stopped' && textChunks > limit + 2) {
    return ['ignored', `over ${textChunks - 1} tokens, then hung up`];
  }
  if (failed !== null) return ['unknown', failed];
  const tokens = outputTokensOf(generation);
  const evidence = `${tokens} tokens${generation.usage === null ? ' by chunks' : ''}, finish_reason ${finishWord(finish)}`;
  if (tokens === limit) return [finish === 'length' ? 'yes' : 'partial', evidence];
  if (tokens > limit) return [tokens <= limit + 2 ? 'partial' : 'ignored', evidence];
  if (finish === 'length') return ['no', evidence];
  const kept = droppedFields.includes('ignore_eos') ? '' : ', although it was to go on';
  return ['unknown', `${evidence}: the model ended it${kept}`];
}

function heldFinding(
  { outcome, generation }: HeldOpen,
  ending: { tokens: number; limit: number },
): Finding {
  const without = `${ending.tokens} of ${ending.limit} tokens without it`;
  if (outcome === 'rejected') return ['no', `rejected: ${generation.failed}`];
  if (outcome === 'failed') {
    return [
      'unknown',
      `${without}, then ${generation.failed ?? `finish_reason ${finishWord(generation.finish)}`}`,
    ];
  }
  const evidence = `${without}, ${outputTokensOf(generation)} with it, finish_reason ${finishWord(generation.finish)}`;
  return [outcome, evidence];
}

/** Where no answer ends by itself, at least whether the field is taken. */
async function acceptedFinding(
  context: ProbeContext,
  field: 'ignore_eos' | 'min_tokens',
  reason: string,
): Promise<Finding> {
  const value = field === 'ignore_eos' ? true : 2;
  const generation = await context.generate({ maxTokens: 2, fields: { [field]: value } });
  const rejected = await rejectionOf(context, generation);
  if (rejected !== null) return rejected;
  const { failed } = generation;
  return ['unknown', failed ?? `accepted; ${reason}, so that its effect cannot be seen`];
}

async function stopFinding(context: ProbeContext): Promise<Finding> {
  const ask = { maxTokens: 24, fields: await heldOpenFields(context, 24) };
  const plain = await context.generate(ask);
  if (plain.failed !== null) return ['unknown', plain.failed];
  const words = plain.text.split(/\s+/).filter((text) => /^\p{L}{3,}$/u.test(text));
  const stop = words[Math.floor(words.length / 2)];
  if (stop === undefined) return ['unknown', 'no word in the text to stop at'];
  // min_tokens would forbid the stop.
  const { min_tokens: _, ...fields } = ask.fields;
  const stopped = await context.generate({ ...ask, fields: { ...fields, stop: [stop] } });
  const rejected = await rejectionOf(context, stopped);
  if (rejected !== null) return rejected;
  const { failed, text, finish } = stopped;
  if (failed !== null) return ['unknown', failed];
  const evidence = `${plain.text.length} characters without it, ${text.length} with it, finish_reason ${finishWord(finish)}`;
  const before = text.slice(0, -stop.length);
  if (before.includes(stop)) return ['ignored', `${evidence}, the string stands inside`];
  if (text.endsWith(stop) && finish === 'length') return ['ignored', evidence];
  if (finish === 'stop' && text.length < plain.text.length) return ['yes', evidence];
  return ['unknown', `${evidence}, another text`];
}

/** Text from outside, as long as it is one word. */
const finishWord = (finish: string | null) =>
  finish === null ? 'none' : /^[\w-]{1,30}$/.test(finish) ? finish : 'of another kind';
