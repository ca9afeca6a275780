import { describe, expect, test } from 'vitest';
import type { ConformanceVerdict } from '../model/index.ts';
import type { SimSpecInput } from '../sim/index.ts';
import { type AskOptions, askSim, conformingServer } from './probe-server.fixture.ts';
import { probes } from './probes/index.ts';

type Quirks = NonNullable<SimSpecInput['quirks']>;
type Wire = NonNullable<SimSpecInput['wire']>;

const quirk = (quirks: Quirks): SimSpecInput => ({
  quirks: { ...conformingServer.quirks, ...quirks },
});
const ignores = (...fields: string[]) => quirk({ ignores: fields });
const wire = (shape: Wire): SimSpecInput => ({ wire: shape });
const rejects = (field: string): SimSpecInput => ({ rejectFields: [{ field, status: 422 }] });

/** What the server of no quirks shows. */
const conforming: Record<string, ConformanceVerdict> = {
  'page.models': 'yes',
  'page.health': 'yes',
  'page.metrics': 'yes',
  'stream.sse': 'yes',
  'stream.chunked': 'yes',
  'stream.done': 'yes',
  'stream.comments': 'no',
  'stream.reuse': 'yes',
  'chunk.role': 'yes',
  'chunk.role-early': 'no',
  'chunk.first-token': 'yes',
  'chunk.one-token': 'yes',
  'chunk.empty-text': 'no',
  'usage.stream': 'yes',
  'usage.continuous': 'yes',
  'usage.output': 'yes',
  'usage.prompt': 'yes',
  'length.max-tokens': 'yes',
  'length.max-completion-tokens': 'yes',
  'length.ignore-eos': 'yes',
  'length.min-tokens': 'yes',
  'length.stop': 'yes',
  'sampling.greedy': 'yes',
  'sampling.greedy-load': 'yes',
  'sampling.seed': 'yes',
  'field.logprobs': 'yes',
  'field.n': 'yes',
  'field.reasoning': 'no',
  'field.tools': 'yes',
  'error.model': 'yes',
  'error.bad-json': 'yes',
  'error.too-long': 'yes',
  'cache.prefix': 'no',
  'queue.above-slots': 'yes',
  'cancel.disconnect': 'yes',
};

type Quirky = [
  row: string,
  does: string,
  spec: SimSpecInput,
  verdict: ConformanceVerdict,
  options?: AskOptions,
];

/** For every row at least one server that does otherwise. */
const misbehaving: Quirky[] = [
  ['page.models', 'no list', { routes: { models: false } }, 'no'],
  ['page.models', 'another model', { models: ['other'], acceptAnyModel: true }, 'partial'],
  ['page.health', 'no page', { routes: { health: false } }, 'no'],
  ['page.metrics', 'no page', { routes: { metrics: false } }, 'no'],
  ['page.metrics', 'metrics of nobody known', quirk({ foreignMetrics: true }), 'partial'],
  ['stream.sse', 'one JSON reply', { faults: [{ kind: 'json-not-sse' }] }, 'no'],
  ['stream.sse', 'an HTML page', { faults: [{ kind: 'html' }] }, 'no'],
  ['stream.sse', 'events that are no JSON', { faults: [{ kind: 'garbage' }] }, 'error'],
  ['stream.sse', 'a reset', { faults: [{ kind: 'reset' }] }, 'error'],
  [
    'stream.chunked',
    'a body that ends with the connection',
    wire({ body: 'close-delimited' }),
    'no',
  ],
  ['stream.done', 'no [DONE]', wire({ done: false }), 'no'],
  ['stream.comments', 'keep-alive comments', wire({ keepAliveMs: 2 }), 'yes'],
  ['stream.reuse', 'closes behind the stream', wire({ body: 'close-delimited' }), 'no'],
  ['stream.reuse', 'fails', { faults: [{ kind: 'http', status: 500 }] }, 'unknown'],
  ['chunk.role', 'no role', wire({ roleChunk: 'none' }), 'no'],
  ['chunk.role', 'the role in every delta', wire({ roleChunk: 'in-delta' }), 'partial'],
  [
    'chunk.role-early',
    'the role before prefill',
    { ...wire({ roleChunk: 'before-prefill' }), prefill: { baseMs: 300 } },
    'yes',
  ],
  ['chunk.first-token', 'no text at all', wire({ emptyTextEvery: 1 }), 'no'],
  ['chunk.one-token', 'three tokens a chunk', { tokensPerChunk: 3 }, 'no'],
  ['chunk.empty-text', 'every second text empty', wire({ emptyTextEvery: 2 }), 'yes'],
  ['usage.stream', 'none', wire({ usage: 'none' }), 'ignored'],
  ['usage.stream', 'ignores what asks for it', ignores('stream_options.include_usage'), 'ignored'],
  ['usage.continuous', 'at the end only', wire({ usage: 'separate' }), 'ignored'],
  [
    'usage.continuous',
    'rejects stream_options',
    rejects('stream_options'),
    'no',
    { target: { droppedFields: ['stream_options'] } },
  ],
  ['usage.output', 'five tokens too many', quirk({ usageOffset: { completion: 5 } }), 'no'],
  ['usage.output', 'two tokens too many', quirk({ usageOffset: { completion: 2 } }), 'partial'],
  [
    'usage.output',
    'several tokens a chunk, no tokenizer',
    { tokensPerChunk: 3, routes: { tokenize: false } },
    'unknown',
  ],
  ['usage.prompt', 'three tokens too many', quirk({ usageOffset: { prompt: 3 } }), 'no'],
  ['usage.prompt', 'no tokenizer', { routes: { tokenize: false } }, 'unknown'],
  ['length.max-tokens', 'ignores it', ignores('max_tokens'), 'ignored'],
  ['length.max-tokens', 'one token more', quirk({ extraTokens: 1 }), 'partial'],
  ['length.max-tokens', 'another finish_reason', quirk({ finishReason: 'stop' }), 'partial'],
  ['length.max-tokens', 'rejects it', rejects('max_tokens'), 'no'],
  ['length.max-completion-tokens', 'ignores it', ignores('max_completion_tokens'), 'ignored'],
  ['length.max-completion-tokens', 'rejects it', rejects('max_completion_tokens'), 'no'],
  [
    'length.max-completion-tokens',
    'no chat',
    { routes: { chat: false } },
    'unknown',
    { target: { api: 'completions' } },
  ],
  ['length.ignore-eos', 'ignores it', ignores('ignore_eos'), 'ignored'],
  ['length.ignore-eos', 'rejects it', rejects('ignore_eos'), 'no'],
  ['length.ignore-eos', 'a model that never ends', { stopEarly: null }, 'unknown'],
  [
    'length.ignore-eos',
    'rejects it, never ends',
    { ...rejects('ignore_eos'), stopEarly: null },
    'no',
  ],
  ['length.min-tokens', 'ignores it', ignores('min_tokens'), 'ignored'],
  ['length.min-tokens', 'rejects it', rejects('min_tokens'), 'no'],
  ['length.stop', 'ignores it', ignores('stop'), 'ignored'],
  ['length.stop', 'rejects it', rejects('stop'), 'no'],
  ['sampling.greedy', 'another text each time', quirk({ greedyNoise: 'always' }), 'no'],
  ['sampling.greedy-load', 'another text under load', quirk({ greedyNoise: 'under-load' }), 'no'],
  ['sampling.greedy-load', 'another text each time', quirk({ greedyNoise: 'always' }), 'unknown'],
  ['sampling.seed', 'ignores it', ignores('seed'), 'ignored'],
  ['sampling.seed', 'rejects it', rejects('seed'), 'no'],
  ['sampling.seed', 'one text whatever the seed', { text: 'counted', stopEarly: null }, 'partial'],
  ['field.logprobs', 'ignores it', ignores('logprobs'), 'ignored'],
  ['field.logprobs', 'rejects it', rejects('logprobs'), 'no'],
  ['field.logprobs', 'for the first token only', quirk({ logprobsFor: 1 }), 'partial'],
  ['field.n', 'ignores it', ignores('n'), 'ignored'],
  ['field.n', 'rejects it', rejects('n'), 'no'],
  ['field.n', 'counts one choice', quirk({ usageOffset: { completion: -4 } }), 'partial'],
  ['field.reasoning', 'a field of its own', wire({ reasoning: { tokens: 2 } }), 'yes'],
  ['field.reasoning', 'a think tag', quirk({ thinkTag: true }), 'partial'],
  ['field.tools', 'ignores them', ignores('tools'), 'ignored'],
  ['field.tools', 'rejects them', rejects('tools'), 'no'],
  ['error.model', 'takes any name', { acceptAnyModel: true }, 'ignored'],
  ['error.model', 'another shape', quirk({ errorShape: 'detail' }), 'partial'],
  ['error.model', 'a server error', { faults: [{ kind: 'http', status: 500 }] }, 'error'],
  ['error.bad-json', 'answers it', quirk({ badJson: 'accept' }), 'ignored'],
  ['error.bad-json', 'a server error', quirk({ badJson: 'crash' }), 'error'],
  ['error.bad-json', 'plain text', quirk({ errorShape: 'text' }), 'partial'],
  ['error.too-long', 'cuts it', quirk({ tooLong: 'cut' }), 'ignored'],
  ['error.too-long', 'another shape', quirk({ errorShape: 'detail' }), 'partial'],
  ['error.too-long', 'context not told', {}, 'unknown', { contextTokens: null }],
  ['cache.prefix', 'reuses prompts', { prefixCache: {} }, 'yes'],
  ['queue.above-slots', 'refuses', { queue: 0, queueFullStatus: 429 }, 'no'],
  ['queue.above-slots', 'fails some', { faults: [{ kind: 'http', when: { every: 3 } }] }, 'error'],
  [
    'queue.above-slots',
    'tells nothing',
    { routes: { metrics: false } },
    'unknown',
    { slots: null },
  ],
  ['cancel.disconnect', 'goes on', quirk({ keepsGenerating: true }), 'no'],
  [
    'cancel.disconnect',
    'tells nothing',
    { routes: { metrics: false } },
    'unknown',
    { slots: null },
  ],
];

/** Time goes slower on a busy machine: what hangs is to be ended, no more. */
const patient = { timeout: 300_000 };
const familyOf = (row: string) => probes.get(row.split('.')[0] ?? '');

describe.each(probes.list())('rows of $id', (probe) => {
  test('a server without quirks', patient, async () => {
    const rows = await askSim([probe], conformingServer);
    const verdicts = Object.fromEntries(rows.map(({ id, verdict }) => [id, verdict]));
    const wanted = probe.rows.map(({ id }) => [id, conforming[id]] as const);
    expect(verdicts, JSON.stringify(rows, null, 1)).toEqual(Object.fromEntries(wanted));
  });
});

test.each(misbehaving)('%s: %s', patient, async (row, _does, spec, verdict, options) => {
  const rows = await askSim([familyOf(row)], { ...conformingServer, ...spec }, options);
  const found = rows.find(({ id }) => id === row);
  expect(found?.verdict, found?.evidence).toBe(verdict);
});

test('every row has a server that does otherwise', () => {
  const ids = probes.list().flatMap(({ rows }) => rows.map(({ id }) => id));
  const shown = new Set(misbehaving.map(([row]) => row));
  expect(ids.filter((id) => !shown.has(id))).toEqual([]);
  expect(ids.toSorted()).toEqual(Object.keys(conforming).toSorted());
});
