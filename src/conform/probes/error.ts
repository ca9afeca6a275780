import type { Exchange } from '../../client/index.ts';
import { contentOf, contentType, endWords, isOpenAiError, shapeOfText } from '../generation.ts';
import type { Finding } from '../per-api.ts';
import type { Probe, ProbeContext } from '../probe.ts';

/** Longest prompt that is sent to see it refused, tokens. */
const longestContext = 150_000;
const errorTimeoutMs = 20_000;

/** What the server says to requests that it cannot serve. */
export const errorProbe: Probe = {
  id: 'error',
  rows: [
    {
      id: 'error.model',
      title: 'A wrong model name is refused',
      asked: 'a generation by a model that is not there',
      means: {
        yes: 'A mistyped model ends a run at once.',
        partial: 'A mistyped model ends a run, with an error that clients may not read.',
        ignored: 'A mistyped model is measured as if it were the right one: check page.models.',
      },
    },
    {
      id: 'error.too-long',
      title: 'A prompt beyond the context is refused',
      asked: 'a prompt of more words than the context has tokens',
      means: {
        yes: 'Requests that do not fit show as errors, not as short prompts.',
        partial: 'Requests that do not fit are refused, with an error that clients may not read.',
        ignored:
          'Prompts are cut silently, or go beyond the context: times are of other prompts than were sent.',
      },
    },
    {
      id: 'error.bad-json',
      title: 'A body that is no JSON is refused',
      asked: 'half a JSON object',
      means: {
        yes: 'A broken request is told from a broken server.',
        partial: 'A broken request is refused, with an error that clients may not read.',
        error: 'A broken request looks like a broken server.',
        ignored: 'A broken request is answered as if it had been whole.',
      },
    },
  ],
  async run(context, report) {
    const { signal } = context;
    report('error.model', ...(await wrongModel(context)));
    if (signal.aborted) return;
    report('error.bad-json', ...(await badJson(context)));
    if (signal.aborted) return;
    report('error.too-long', ...(await tooLong(context)));
  },
};

/** A reply that has begun to generate is not waited for. */
const atFirstWord = (events: Exchange['events']) =>
  contentOf({ events: events.slice(-1), body: '' }) !== null;

async function wrongModel(context: ProbeContext): Promise<Finding> {
  const { exchange } = await context.generate({
    maxTokens: 1,
    fields: { model: 'inferencebench-no-such-model' },
    stopWhen: atFirstWord,
  });
  return judge(exchange);
}

async function badJson(context: ProbeContext): Promise<Finding> {
  const exchange = await context.exchange({
    path: context.pathOf(context.api),
    body: '{"model": "x", "stream": tru',
    timeoutMs: errorTimeoutMs,
    stopWhen: atFirstWord,
  });
  if (exchange.end === 'timeout') return ['error', endWords(exchange)];
  return judge(exchange);
}

async function tooLong(context: ProbeContext): Promise<Finding> {
  const { contextTokens } = context;
  if (contextTokens === null)
    return ['unknown', 'the server does not tell how long its context is'];
  if (contextTokens > longestContext) {
    return ['unknown', `a context of ${contextTokens} tokens: more than is sent here`];
  }
  const { exchange } = await context.generate({
    prompt: context.freshWords(contextTokens + 16),
    maxTokens: 1,
    stopWhen: atFirstWord,
  });
  const [verdict, evidence] = judge(exchange);
  return [verdict, `context of ${contextTokens} tokens: ${evidence}`];
}

function judge(exchange: Exchange): Finding {
  const { status, body, events } = exchange;
  if (status === null) {
    return [exchange.end === 'timeout' ? 'unknown' : 'error', endWords(exchange)];
  }
  const evidence = `HTTP ${status}, ${/json/.test(contentType(exchange)) ? shapeOfText(body) : contentType(exchange)}`;
  if (status >= 500) return ['error', evidence];
  if (status >= 400) return [isOpenAiError(body) ? 'yes' : 'partial', evidence];
  const content = contentOf(exchange);
  // Some refuse inside of a reply that they have begun.
  if (content === 'error') {
    return [
      'partial',
      events.length > 0
        ? `HTTP ${status}, then an error inside the stream`
        : `${evidence} in place of a generation`,
    ];
  }
  if (content === 'text') return ['ignored', `HTTP ${status}, it generates`];
  const end = exchange.end === 'complete' ? '' : `, then ${endWords(exchange)}`;
  return ['unknown', `HTTP ${status}${end}: neither an error nor a text`];
}
