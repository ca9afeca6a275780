import { ChunkKind, type RequestRecord } from '../model/index.ts';

/** One body, read by read, and the record that it has to give. */
export interface GoldenStream {
  name: string;
  /** Rows of the pitfall list (`golden-pitfalls.test.ts`) that it is about. */
  rows: readonly number[];
  status: number;
  contentType: string;
  /** Each comes by a network read of its own, `atMs` after the request. */
  reads: readonly { atMs: number; bytes: Buffer }[];
  /** How the body ends, 10 ms after the last read: as HTTP says, or by the loss of the connection. */
  end: 'whole' | 'lost';
  expected: GoldenRecord;
}

/** What of a record the bytes decide. Times are numbers of reads. */
export interface GoldenRecord
  extends Pick<
    RequestRecord,
    | 'outcome'
    | 'status'
    | 'error'
    | 'finishReason'
    | 'done'
    | 'inputTokensUsage'
    | 'outputTokensUsage'
    | 'cachedTokensUsage'
    | 'tokenSource'
  > {
  firstByte: number | null;
  firstChunk: number | null;
  /** One row each: number of the read, tokens, kind. First and last token are the first and last. */
  chunks: readonly (readonly [read: number, tokens: number, kind: ChunkKind])[];
  /** Text of all lanes, one after the other, `|` between them; null where it does not matter. */
  text: string | null;
}

/** What the golden requests ask for; usages that differ are drift. */
export const goldenAsked = { inputTokens: 20, outputTokens: 4 };

const { content, reasoning, tool, empty } = ChunkKind;

const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const chat = (delta: object, choice: object = {}, top: object = {}) =>
  event({
    id: 'c-1',
    object: 'chat.completion.chunk',
    created: 17,
    choices: [{ index: 0, delta, finish_reason: null, ...choice }],
    ...top,
  });
const say = (text: string, top: object = {}) => chat({ content: text }, {}, top);
const role = chat({ role: 'assistant', content: '' });
const stop = (reason = 'length', top: object = {}) => chat({}, { finish_reason: reason }, top);
const usage = (output: number, input = 20) => ({
  usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
});
const total = (output: number, input?: number) => event({ choices: [], ...usage(output, input) });
const done = 'data: [DONE]\n\n';

const fine: GoldenRecord = {
  outcome: 'ok',
  status: 200,
  error: null,
  finishReason: 'length',
  done: true,
  inputTokensUsage: 20,
  outputTokensUsage: 2,
  cachedTokensUsage: null,
  tokenSource: 'one-per-chunk',
  firstByte: 0,
  firstChunk: 0,
  chunks: [
    [0, 1, content],
    [1, 1, content],
  ],
  text: 'ab',
};
const unsaid = { inputTokensUsage: null, outputTokensUsage: null };
const nothing = {
  ...unsaid,
  finishReason: null,
  done: false,
  tokenSource: 'none' as const,
  firstChunk: null,
  chunks: [],
  text: null,
};

const gapMs = 25;

function golden(
  name: string,
  rows: readonly number[],
  reads: readonly (string | Buffer)[],
  changes: Partial<GoldenRecord> = {},
  more: Partial<Pick<GoldenStream, 'status' | 'contentType' | 'end'>> = {},
): GoldenStream {
  return {
    name,
    rows,
    status: 200,
    contentType: 'text/event-stream',
    end: 'whole',
    reads: reads.map((bytes, i) => ({ atMs: (i + 1) * gapMs, bytes: Buffer.from(bytes) })),
    ...more,
    expected: { ...fine, status: more.status ?? 200, ...changes },
  };
}

const smile = Buffer.from(say('😀'));
const inSmile = smile.indexOf(0xf0) + 2;
const twoTokens = [say('a'), say('b'), stop() + total(2) + done];
const reasoned = (field: string, value: unknown) => chat({ [field]: value });

export const goldenStreams: readonly GoldenStream[] = [
  golden('one token per read', [1], twoTokens),
  golden('all of it in one read', [1], [twoTokens.join('')], {
    chunks: [
      [0, 1, content],
      [0, 1, content],
    ],
  }),
  golden(
    'two tokens in each read',
    [1],
    [say('a') + say('b'), say('c') + say('d') + stop() + total(4) + done],
    {
      outputTokensUsage: 4,
      chunks: [
        [0, 1, content],
        [0, 1, content],
        [1, 1, content],
        [1, 1, content],
      ],
      text: 'abcd',
    },
  ),
  golden(
    'lines end with CR LF',
    [2],
    twoTokens.map((text) => text.replaceAll('\n', '\r\n')),
  ),
  golden(
    'data without a blank, in several lines, beside comments and other fields',
    [2],
    [
      `: keep-alive\n\nid: 7\nevent: message\nretry: 5\n${say('a').replace('data: ', 'data:')}`,
      'data: {"choices":[{"index":0,\ndata:"delta":{"content":"b"}}]}\n\n',
      stop() + total(2) + done,
    ],
  ),
  golden(
    'an event over four reads, cut inside of a character',
    [2],
    [
      smile.subarray(0, 10),
      smile.subarray(10, inSmile),
      smile.subarray(inSmile, smile.length - 1),
      smile.subarray(-1),
      say('b') + stop() + total(2) + done,
    ],
    {
      firstChunk: 3,
      chunks: [
        [3, 1, content],
        [4, 1, content],
      ],
      text: '😀b',
    },
  ),
  golden(
    'a role and comments long before the first token',
    [3],
    [role, ': waiting\n\n', say('a'), say('b'), stop() + total(2) + done],
    {
      chunks: [
        [2, 1, content],
        [3, 1, content],
      ],
    },
  ),
  golden(
    'a comment before anything: first byte, chunk and token are three',
    [3],
    [': processing\n\n', role, say('a'), say('b') + stop() + total(2) + done],
    {
      firstChunk: 1,
      chunks: [
        [2, 1, content],
        [3, 1, content],
      ],
    },
  ),
  golden(
    'a role with running usage 0 before the prompt is read',
    [3, 7],
    [
      chat({ role: 'assistant', content: '' }, {}, usage(0)),
      say('a', usage(1)),
      say('b', usage(2)),
      stop('length', usage(2)) + done,
    ],
    {
      tokenSource: 'continuous-usage',
      chunks: [
        [1, 1, content],
        [2, 1, content],
      ],
    },
  ),
  golden(
    'a tool call and no content',
    [4],
    [
      role + chat({ tool_calls: [{ index: 0, id: 'x', function: { name: 'f', arguments: '' } }] }),
      chat({ tool_calls: [{ index: 0, function: { arguments: '{"a":' } }] }),
      chat({ tool_calls: [{ index: 0, function: { arguments: '1}' } }] }),
      stop('tool_calls') + total(3) + done,
    ],
    {
      finishReason: 'tool_calls',
      outputTokensUsage: 3,
      chunks: [
        [0, 1, tool],
        [1, 1, tool],
        [2, 1, tool],
      ],
      text: null,
    },
  ),
  golden(
    'the old single function call',
    [4],
    [
      chat({ function_call: { name: 'f' } }),
      chat({ function_call: { arguments: '{}' } }),
      stop('function_call') + total(2) + done,
    ],
    {
      finishReason: 'function_call',
      chunks: [
        [0, 1, tool],
        [1, 1, tool],
      ],
      text: null,
    },
  ),
  ...(
    [
      ['reasoning_content', 'hm'],
      ['reasoning', 'hm'],
      ['reasoning_text', 'hm'],
      ['thinking', 'hm'],
      ['thought', 'hm'],
      ['reasoning_details', [{ type: 'reasoning.text', text: 'hm' }]],
      ['reasoning_details', [{ type: 'reasoning.summary', summary: 'hm' }]],
      ['thinking_blocks', [{ type: 'thinking', thinking: 'hm' }]],
    ] as const
  ).map(([field, value]) =>
    golden(
      `thoughts come first, as ${field}${Array.isArray(value) ? ` ${Object.keys(value[0] as object)[1]}` : ''}`,
      [5],
      [role, reasoned(field, value), say('a'), stop() + total(2) + done],
      {
        chunks: [
          [1, 1, reasoning],
          [2, 1, content],
        ],
        text: 'hm|a',
      },
    ),
  ),
  golden(
    'thoughts inside of the content',
    [5],
    [say('<think>'), say('hm'), say('</think>'), say('a') + stop() + total(4) + done],
    {
      outputTokensUsage: 4,
      chunks: [
        [0, 1, content],
        [1, 1, content],
        [2, 1, content],
        [3, 1, content],
      ],
      text: '<think>hm</think>a',
    },
  ),
  golden(
    'text in a field that nobody knows is a token',
    [5],
    [chat({ inner_monologue: 'hm' }), say('a'), stop() + total(2) + done],
    { text: null },
  ),
  golden(
    'usage, finish and the last token in one event',
    [6],
    [say('a'), chat({ content: 'b' }, { finish_reason: 'length' }, usage(2)), done],
  ),
  golden(
    'usage long after the last token',
    [6],
    [say('a'), say('b'), stop(), '', total(2), done].filter((text) => text !== ''),
  ),
  golden(
    'usage on every event: the last one wins',
    [6, 7],
    [say('a', usage(1)), say('b', usage(2)) + stop('length', usage(2)) + total(2) + done],
    {
      tokenSource: 'continuous-usage',
    },
  ),
  golden(
    'several tokens in a chunk, by running usage',
    [7],
    [say('a', usage(1)), say('bcd', usage(4)), say('e', usage(5)) + stop() + total(5) + done],
    {
      outputTokensUsage: 5,
      tokenSource: 'continuous-usage',
      chunks: [
        [0, 1, content],
        [1, 3, content],
        [2, 1, content],
      ],
      text: 'abcde',
    },
  ),
  golden(
    'several tokens in a chunk, by token ids',
    [7],
    [
      chat({ content: 'a' }, { token_ids: [5] }),
      chat({ content: 'bc' }, { token_ids: [6, 7] }),
      stop() + total(3) + done,
    ],
    {
      outputTokensUsage: 3,
      tokenSource: 'continuous-usage',
      chunks: [
        [0, 1, content],
        [1, 2, content],
      ],
      text: 'abc',
    },
  ),
  golden(
    'several tokens in a chunk, by timings',
    [7],
    [
      say('a', { timings: { cache_n: 12, prompt_n: 8, predicted_n: 1, predicted_ms: 0.001 } }),
      say('bc', { timings: { cache_n: 12, prompt_n: 8, predicted_n: 3, predicted_ms: 44.25 } }),
      stop('length', { timings: { cache_n: 12, prompt_n: 8, predicted_n: 3, predicted_ms: 45 } }) +
        done,
    ],
    {
      outputTokensUsage: 3,
      cachedTokensUsage: 12,
      tokenSource: 'continuous-usage',
      chunks: [
        [0, 1, content],
        [1, 2, content],
      ],
      text: 'abc',
    },
  ),
  golden(
    'a token without text, held back by the detokenizer',
    [7],
    [say('a', usage(1)), say('', usage(2)), say('ü', usage(3)) + stop() + total(3) + done],
    {
      outputTokensUsage: 3,
      tokenSource: 'continuous-usage',
      chunks: [
        [0, 1, content],
        [1, 1, empty],
        [2, 1, content],
      ],
      text: 'aü',
    },
  ),
  golden(
    'fewer chunks than tokens, and nothing tells which: left to the tokenizer',
    [7, 8],
    [say('one two'), say(' three'), stop() + total(3) + done],
    { outputTokensUsage: 3, tokenSource: 'assumed', text: 'one two three' },
  ),
  golden(
    'a prompt of another length than asked for',
    [9],
    [...twoTokens.slice(0, 2), stop() + total(2, 31) + done],
    { inputTokensUsage: 31 },
  ),
  golden(
    'an error inside of a good stream',
    [17],
    [say('a'), event({ error: { message: 'out of memory', code: 500 } }), done],
    {
      ...unsaid,
      outcome: 'stream_error',
      error: 'out of memory',
      finishReason: null,
      tokenSource: 'assumed',
      chunks: [[0, 1, content]],
      text: 'a',
    },
  ),
  golden('an error event', [17], [say('a'), 'event: error\ndata: {"message":"gone"}\n\n'], {
    ...unsaid,
    outcome: 'stream_error',
    error: 'gone',
    finishReason: null,
    done: false,
    tokenSource: 'assumed',
    chunks: [[0, 1, content]],
    text: 'a',
  }),
  golden('a stream that just ends', [17], [say('a'), say('b')], {
    ...unsaid,
    outcome: 'truncated',
    error: 'The stream ended with neither a finish_reason nor [DONE].',
    finishReason: null,
    done: false,
    tokenSource: 'assumed',
  }),
  golden('no [DONE] behind the finish', [17], [say('a'), say('b'), stop() + total(2)], {
    done: false,
  }),
  golden('an end without a token', [17], [role, stop('stop') + total(0) + done], {
    outcome: 'no_tokens',
    error: 'The stream ended properly but held no token.',
    finishReason: 'stop',
    outputTokensUsage: 0,
    tokenSource: 'none',
    chunks: [],
    text: null,
  }),
  golden(
    'the connection is lost in the middle',
    [17],
    [say('a'), say('b')],
    {
      ...unsaid,
      outcome: 'reset',
      error: null,
      finishReason: null,
      done: false,
      tokenSource: 'assumed',
    },
    { end: 'lost' },
  ),
  golden('the connection is lost behind [DONE]', [17], twoTokens, {}, { end: 'lost' }),
  golden(
    'an HTTP error',
    [17, 19],
    ['{"error":{"message":"overloaded"}}'],
    { ...nothing, outcome: 'overloaded', error: 'HTTP 503: overloaded' },
    { status: 503, contentType: 'application/json' },
  ),
  golden(
    'tokens of the prompt from the cache',
    [25],
    [
      ...twoTokens.slice(0, 2),
      stop() +
        event({
          choices: [],
          usage: { ...usage(2).usage, prompt_tokens_details: { cached_tokens: 16 } },
        }) +
        done,
    ],
    { cachedTokensUsage: 16 },
  ),
  golden(
    'fewer tokens than asked for: it stopped by itself',
    [26],
    [say('a'), say('b'), stop('stop') + total(2) + done],
    { finishReason: 'stop' },
  ),
];
