import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import type { RequestRecord } from '../model/index.ts';
import { readCompactColumns } from './chunk-columns.ts';
import { createTemplateReader } from './raw/template-reader.ts';
import { createTemplateStore } from './raw/template-store.ts';
import { createRequestRecorder, type RequestRecorder } from './request-recorder.ts';
import { detailsOf } from './sent-details.ts';
import { createStreamScratch } from './stream-interpreter.ts';
import { createParsingReader, type StreamReader } from './stream-reader.ts';

/** A read: microseconds after the origin, and what it brought. */
type Read = [atUs: number, bytes: string | Uint8Array];

const originUs = 1_000_000.4;
const request = { index: 7, inputTokens: 20, outputTokens: 4 };
const context = {
  level: 0,
  requestId: 'req-7',
  intendedUs: originUs + 100,
  counted: true,
  originUs,
};
const sse = { 'content-type': 'text/event-stream' };

/** One for all tests: what one stream has taught may not show in another's record. */
const templates = createTemplateStore();
const scratch = createStreamScratch(readCompactColumns);

/** How the two transports read a stream; every record below has to come out of both. */
const readers: [string, () => StreamReader][] = [
  ['parsed', createParsingReader],
  ['by templates', () => createTemplateReader(templates, scratch)],
];
let createReader = readers[0]?.[1];

function start(status = 200, headers: Record<string, string> = sse): RequestRecorder {
  const reader = createReader?.();
  const recorder = createRequestRecorder(request, context, ['top-secret'], reader && { reader });
  recorder.sent(originUs + 150, { connectUs: 20, dnsUs: 3, tlsUs: 11 });
  recorder.headers(originUs + 500, status, headers);
  return recorder;
}

function feed(recorder: RequestRecorder, reads: readonly Read[]): void {
  reads.forEach(([atUs, bytes], read) => {
    recorder.data(originUs + atUs, Buffer.from(bytes as string), read);
  });
}

function recordOf(reads: readonly Read[], status?: number, headers?: Record<string, string>) {
  const recorder = start(status, headers);
  feed(recorder, reads);
  recorder.end(originUs + 9000);
  return ended(recorder);
}

/** The record with plain columns; the details stay with it. */
function ended(recorder: RequestRecorder): RequestRecord {
  const { record } = recorder;
  if (record === null) throw new Error('not ended');
  const { atUs, tokens, read, kind } = record.chunks;
  record.chunks = {
    atUs: Array.from(atUs),
    tokens: Array.from(tokens),
    read: Array.from(read),
    kind: Array.from(kind),
  };
  return record;
}

const event = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const chat = (delta: object, more: object = {}, top: object = {}) =>
  event({ choices: [{ index: 0, delta, finish_reason: null, ...more }], ...top });
const say = (content: string, top: object = {}) => chat({ content }, {}, top);
const stop = (reason = 'stop', top: object = {}) => chat({}, { finish_reason: reason }, top);
const usage = (output: number, input = 9) => ({
  usage: { prompt_tokens: input, completion_tokens: output },
});
const total = (output: number) => event({ choices: [], ...usage(output) });
const doneEvent = 'data: [DONE]\n\n';

const base: RequestRecord = {
  level: 0,
  index: 7,
  requestId: 'req-7',
  counted: true,
  intendedUs: 100,
  sentUs: 150,
  connectUs: 20,
  dnsUs: 3,
  tlsUs: 11,
  writtenUs: null,
  targetIndex: 0,
  headersUs: 500,
  firstByteUs: 1000,
  firstChunkUs: 1000,
  firstTokenUs: 2000,
  lastTokenUs: 3000,
  endUs: 9000,
  outcome: 'ok',
  status: 200,
  error: null,
  finishReason: 'stop',
  done: true,
  inputTokensAsked: 20,
  outputTokensAsked: 4,
  inputTokensUsage: 9,
  outputTokensUsage: 2,
  cachedTokensUsage: null,
  outputTokensCounted: null,
  tokenSource: 'one-per-chunk',
  chunks: { atUs: [2000, 3000], tokens: [1, 1], read: [1, 2], kind: [0, 0] },
};
const role: Read = [1000, chat({ role: 'assistant', content: '' })];

describe.each(readers)('%s', (_reader, create) => {
  beforeAll(() => {
    createReader = create;
  });

  describe('a byte stream with arrival times gives exactly this record', () => {
    const twoTokens = { atUs: [2000, 3000], tokens: [1, 1], kind: [0, 0] };
    const cases: [string, Read[], Partial<RequestRecord>][] = [
      [
        'role-only first chunk, usage in a chunk of its own',
        [role, [2000, say('a')], [3000, say('b')], [4000, stop()], [4500, total(2) + doneEvent]],
        {},
      ],
      [
        'empty-text tokens that running usage tells',
        [
          [1000, chat({ role: 'assistant', content: '' }, {}, usage(0))],
          [2000, say('', usage(1))],
          [2500, say('', usage(1))],
          [3000, say('a', usage(4))],
          [4000, stop('stop', usage(4)) + total(4) + doneEvent],
        ],
        {
          outputTokensUsage: 4,
          tokenSource: 'continuous-usage',
          chunks: { atUs: [2000, 3000], tokens: [1, 3], read: [1, 3], kind: [3, 0] },
        },
      ],
      [
        'an end-of-text token on the finishing chunk',
        [
          role,
          [2000, say('a', usage(1))],
          [3000, stop('stop', usage(2))],
          [4000, total(2) + doneEvent],
        ],
        { tokenSource: 'continuous-usage', chunks: { ...twoTokens, read: [1, 2], kind: [0, 3] } },
      ],
      [
        'a total on the last content chunk is not a step',
        [role, [2000, say('a')], [3000, say('b', usage(2))], [4000, stop() + doneEvent]],
        {},
      ],
      [
        'usage that stays at zero until the end',
        [
          role,
          [2000, say('a', usage(0))],
          [3000, say('b', usage(0))],
          [4000, stop('stop', usage(2))],
          [4000, doneEvent],
        ],
        {},
      ],
      [
        'keep-alive comments',
        [
          [1000, ': keepalive 1/2\n\n'],
          [1500, chat({ role: 'assistant' })],
          [2000, `: x\n\n${say('a')}`],
          [3000, say('b') + stop() + total(2) + doneEvent],
        ],
        { firstChunkUs: 1500, chunks: { ...twoTokens, read: [2, 3] } },
      ],
      [
        'no [DONE]',
        [role, [2000, say('a')], [3000, say('b')], [4000, stop('length', usage(2))]],
        { finishReason: 'length', done: false },
      ],
      [
        'no finish_reason but [DONE]',
        [role, [2000, say('a')], [3000, say('b') + total(2) + doneEvent]],
        { finishReason: null },
      ],
      [
        'reasoning under several names, then content',
        [
          [1000, chat({ role: 'assistant', reasoning_content: '' })],
          [2000, chat({ reasoning_content: 'hm', content: null })],
          [2200, chat({ reasoning: 'm' })],
          [2400, chat({ reasoning_details: [{ type: 'reasoning.text', text: 'so' }] })],
          [2500, chat({ reasoning_details: [{ type: 'reasoning.summary', summary: 'so' }] })],
          [2600, chat({ thinking_blocks: [{ type: 'thinking', thinking: 'ok' }] })],
          [3000, say('yes') + stop() + total(6) + doneEvent],
        ],
        {
          outputTokensUsage: 6,
          chunks: {
            atUs: [2000, 2200, 2400, 2500, 2600, 3000],
            tokens: [1, 1, 1, 1, 1, 1],
            read: [1, 2, 3, 4, 5, 6],
            kind: [1, 1, 1, 1, 1, 0],
          },
        },
      ],
      [
        'tool calls only',
        [
          role,
          [
            2000,
            chat({
              tool_calls: [
                { index: 0, id: 'c', type: 'function', function: { name: 'f', arguments: '' } },
              ],
            }),
          ],
          [3000, chat({ tool_calls: [{ index: 0, function: { arguments: '{}' } }] })],
          [4000, stop('tool_calls') + total(2) + doneEvent],
        ],
        { finishReason: 'tool_calls', chunks: { ...twoTokens, read: [1, 2], kind: [2, 2] } },
      ],
      [
        'several events in one read',
        [
          role,
          [2000, say('a') + say('b') + say('c')],
          [3000, say('d') + stop() + total(4) + doneEvent],
        ],
        {
          outputTokensUsage: 4,
          chunks: {
            atUs: [2000, 2000, 2000, 3000],
            tokens: [1, 1, 1, 1],
            read: [1, 1, 1, 2],
            kind: [0, 0, 0, 0],
          },
        },
      ],
      [
        'one event over many reads counts when it is complete',
        [
          role,
          [1200, 'data: {"choices":[{"index":0,'],
          [1500, '"delta":{"content":"a"}}]}\n'],
          [2000, '\n'],
          [3000, say('b') + stop() + total(2) + doneEvent],
        ],
        { chunks: { ...twoTokens, read: [3, 4] } },
      ],
      [
        'CRLF, split between CR and LF',
        [
          [1000, `${chat({ role: 'assistant' }).trimEnd()}\r\n\r`],
          [2000, `\n${say('a').trimEnd()}\r\n\r\n`],
          [3000, (say('b') + stop() + total(2) + doneEvent).replaceAll('\n', '\r\n')],
        ],
        {},
      ],
      [
        'logprobs',
        [
          role,
          [2000, chat({ content: 'a' }, { logprobs: { content: [{ token: 'a', logprob: -1 }] } })],
          [3000, say('b') + stop() + total(2) + doneEvent],
        ],
        {},
      ],
      [
        'two choices in one chunk and apart',
        [
          role,
          [
            2000,
            event({
              choices: [
                { index: 0, delta: { content: 'a' } },
                { index: 1, delta: { content: 'b' } },
              ],
            }),
          ],
          [
            3000,
            event({ choices: [{ index: 1, delta: { content: 'c' }, finish_reason: 'stop' }] }) +
              total(3) +
              doneEvent,
          ],
        ],
        { outputTokensUsage: 3, tokenSource: 'assumed' },
      ],
      [
        'running usage per choice',
        [
          role,
          [2000, event({ choices: [{ index: 1, delta: { content: 'a' } }], ...usage(1) })],
          [2500, event({ choices: [{ index: 0, delta: { content: 'bc' } }], ...usage(2) })],
          [
            3000,
            event({
              choices: [{ index: 1, delta: { content: 'd' }, finish_reason: 'stop' }],
              ...usage(2),
            }),
          ],
          [3500, total(4) + doneEvent],
        ],
        {
          outputTokensUsage: 4,
          tokenSource: 'continuous-usage',
          chunks: { atUs: [2000, 2500, 3000], tokens: [1, 2, 1], read: [1, 2, 3], kind: [0, 0, 0] },
        },
      ],
      [
        'a chunk of several tokens and nothing to tell how many',
        [role, [2000, say('a b c')], [3000, say('d') + stop() + total(4) + doneEvent]],
        { outputTokensUsage: 4, tokenSource: 'assumed' },
      ],
      [
        'the whole answer in one chunk with its usage',
        [role, [2000, say('a b c', usage(3))], [4000, stop('stop', usage(3)) + doneEvent]],
        {
          lastTokenUs: 2000,
          outputTokensUsage: 3,
          tokenSource: 'continuous-usage',
          chunks: { atUs: [2000], tokens: [3], read: [1], kind: [0] },
        },
      ],
      [
        'cached tokens',
        [
          role,
          [2000, say('a')],
          [3000, say('b') + stop()],
          [
            4000,
            event({
              choices: [],
              usage: {
                prompt_tokens: 9,
                completion_tokens: 2,
                prompt_tokens_details: { cached_tokens: 5 },
              },
            }) + doneEvent,
          ],
        ],
        { cachedTokensUsage: 5 },
      ],
      [
        'an error inside the stream keeps what came before',
        [
          role,
          [2000, say('a')],
          [3000, say('b')],
          [4000, event({ error: { message: 'out of memory, top-secret', code: 500 } }) + doneEvent],
        ],
        {
          outcome: 'stream_error',
          error: 'out of memory, <redacted>',
          finishReason: null,
          inputTokensUsage: null,
          outputTokensUsage: null,
          tokenSource: 'assumed',
        },
      ],
      [
        'an error event',
        [role, [2000, say('a')], [3000, say('b')], [4000, 'event: error\ndata: overloaded\n\n']],
        {
          outcome: 'stream_error',
          error: 'overloaded',
          finishReason: null,
          done: false,
          inputTokensUsage: null,
          outputTokensUsage: null,
          tokenSource: 'assumed',
        },
      ],
      [
        'neither finish_reason nor [DONE]',
        [role, [2000, say('a')], [3000, say('b')]],
        {
          outcome: 'truncated',
          error: 'The stream ended with neither a finish_reason nor [DONE].',
          finishReason: null,
          done: false,
          inputTokensUsage: null,
          outputTokensUsage: null,
          tokenSource: 'assumed',
        },
      ],
      [
        'no token at all',
        [role, [4000, stop() + total(0) + doneEvent]],
        {
          outcome: 'no_tokens',
          error: 'The stream ended properly but held no token.',
          firstTokenUs: null,
          lastTokenUs: null,
          outputTokensUsage: 0,
          tokenSource: 'none',
          chunks: { atUs: [], tokens: [], read: [], kind: [] },
        },
      ],
      [
        'no content-type, body closed by the connection',
        [role, [2000, say('a')], [3000, say('b') + stop() + total(2) + doneEvent]],
        {},
      ],
    ];

    it.each(cases)('%s', (name, reads, changes) => {
      const record = recordOf(reads, 200, name.startsWith('no content-type') ? {} : sse);
      expect(record).toEqual({ ...base, ...changes });
    });

    it.each(cases)('also when every read is cut into bytes: %s', (_name, reads, changes) => {
      const recorder = start();
      reads.forEach(([atUs, text], read) => {
        for (const byte of Buffer.from(text as string)) {
          recorder.data(originUs + atUs, Uint8Array.of(byte), read);
        }
      });
      recorder.end(originUs + 9000);
      expect(ended(recorder)).toEqual({ ...base, ...changes });
    });

    it('text is put together from split multi-byte characters, lanes apart', () => {
      const bytes = Buffer.from(chat({ reasoning: 'grün' }) + say('😀é'));
      const at = bytes.indexOf(0xf0) + 2;
      const record = recordOf([role, [2000, bytes.subarray(0, at)], [3000, bytes.subarray(at)]]);
      expect(detailsOf(record)?.text).toEqual({
        lanes: [
          { choice: 0, kind: 1, text: 'grün' },
          { choice: 0, kind: 0, text: '😀é' },
        ],
        segments: [
          { row: 0, lane: 0, end: 4 },
          { row: 1, lane: 1, end: 3 },
        ],
      });
      expect(record.chunks.atUs).toEqual([2000, 3000]);
    });

    it('unknown fields with text count as tokens and are named', () => {
      const record = recordOf([
        role,
        [2000, chat({ deep_thought: 'x' })],
        [3000, say('b') + stop() + doneEvent],
      ]);
      expect(record.chunks.atUs).toEqual([2000, 3000]);
      expect(detailsOf(record)?.notes).toMatchObject({
        unknownDeltaFields: ['deep_thought'],
        choices: 1,
        malformedEvents: 0,
        finishWithoutDone: false,
      });
    });

    it('notes logprobs, odd events and a missing [DONE]', () => {
      const record = recordOf([
        role,
        [2000, `data: ping\n\n${chat({ content: 'a' }, { logprobs: {} })}`],
        [3000, stop()],
      ]);
      expect(record.outcome).toBe('ok');
      expect(detailsOf(record)?.notes).toMatchObject({
        logprobs: true,
        malformedEvents: 1,
        finishWithoutDone: true,
      });
    });

    it('promotes empty chunks only when chunks then equal the usage', () => {
      const stream = (tokens: number, finish: string): Read[] => [
        role,
        [2000, say('a')],
        [2500, say('')],
        [3000, say('b') + finish],
        [4000, total(tokens) + doneEvent],
      ];
      const kinds = (tokens: number, finish: string) =>
        Array.from(recordOf(stream(tokens, finish)).chunks.kind);
      const emptyFinish = chat({ content: '' }, { finish_reason: 'stop' });
      expect(kinds(2, emptyFinish)).toEqual([0, 0]);
      expect(kinds(3, emptyFinish)).toEqual([0, 3, 0]);
      expect(kinds(4, emptyFinish)).toEqual([0, 3, 0, 3]);
      expect(kinds(5, emptyFinish)).toEqual([0, 0]);
      expect(kinds(4, stop())).toEqual([0, 0]);
    });
  });

  describe('a response that is not an event stream', () => {
    it.each<[string, number, Record<string, string>, string | Uint8Array, string, RegExp]>([
      [
        'gzip by header',
        200,
        { ...sse, 'content-encoding': 'gzip' },
        gzipSync(say('a')),
        'not_sse',
        /content-encoding gzip/,
      ],
      ['gzip without a header', 200, sse, gzipSync(say('a')), 'not_sse', /got gzip/],
      [
        'HTML',
        200,
        { 'content-type': 'text/html' },
        '<html><title>Log in</title></html>',
        'not_sse',
        /text\/html: Log in/,
      ],
      ['HTML called a stream', 200, sse, ' <html>no</html>', 'not_sse', /HTML/],
      [
        'a whole JSON completion',
        200,
        { 'content-type': 'application/json' },
        '{"choices":[]}',
        'not_sse',
        /application\/json/,
      ],
      ['a JSON error in a 200', 200, {}, '{"error":"busy"}', 'not_sse', /JSON .*busy/],
      [
        'an OpenAI error',
        500,
        {},
        '{"error":{"message":"boom top-secret"}}',
        'http_error',
        /^HTTP 500: boom <redacted>$/,
      ],
      [
        'FastAPI detail',
        422,
        {},
        '{"detail":[{"loc":["body","x"],"msg":"extra"}]}',
        'http_error',
        /^HTTP 422: body.x: extra$/,
      ],
      ['an error without a body', 500, {}, '', 'http_error', /^HTTP 500$/],
      ['an overloaded server', 503, {}, '', 'overloaded', /^HTTP 503$/],
      [
        'a rate limit',
        429,
        { 'retry-after': '20', 'x-ratelimit-limit-requests': '60' },
        '{"error":{"message":"Slow down (please)"}}',
        'rate_limited',
        /^HTTP 429 \(retry-after: 20 s; x-ratelimit-limit-requests: 60\): Slow down \(please\)$/,
      ],
      [
        'limits in the headers of another error',
        500,
        { 'x-ratelimit-limit-requests': '60' },
        'boom',
        'http_error',
        /^HTTP 500: boom$/,
      ],
      [
        'an HTML error page',
        502,
        {},
        '<html><h1>Bad Gateway</h1></html>',
        'http_error',
        /^HTTP 502: Bad Gateway$/,
      ],
      ['a redirect', 302, {}, '', 'http_error', /^HTTP 302$/],
      [
        'a path that is not there',
        404,
        {},
        '{"detail":"Not Found"}',
        'http_error',
        /^HTTP 404: Not Found$/,
      ],
      [
        'an unknown model (OpenAI)',
        404,
        {},
        '{"error":{"message":"x","code":"model_not_found"}}',
        'model_not_found',
        /^HTTP 404: x$/,
      ],
      [
        'an unknown model (Ollama)',
        404,
        {},
        '{"error":"model \\"m\\" not found, try pulling it first"}',
        'model_not_found',
        /not found/,
      ],
      [
        'an unknown model in a 400',
        400,
        {},
        '{"message":"The model m does not exist."}',
        'model_not_found',
        /exist/,
      ],
      ['an empty stream', 200, sse, '', 'truncated', /neither/],
    ])('%s', (_name, status, headers, body, outcome, error) => {
      const record = recordOf([[1000, body]], status, headers);
      expect(record).toMatchObject({ outcome, status, firstTokenUs: null, tokenSource: 'none' });
      expect(record.error).toMatch(error);
    });

    it('keeps errors short', () => {
      const record = recordOf([[1000, 'x'.repeat(100_000)]], 500, {});
      expect(record.error).toHaveLength(500);
    });
  });

  describe('endings from outside', () => {
    const partial: Read[] = [role, [2000, say('a')]];

    it('keeps partial tokens of a reset', () => {
      const recorder = start();
      feed(recorder, partial);
      recorder.fail(originUs + 5000, 'reset', 'other side closed');
      expect(recorder.record).toMatchObject({
        outcome: 'reset',
        endUs: 5000,
        lastTokenUs: 2000,
        error: 'other side closed',
      });
    });

    it('is ok when the connection breaks after [DONE]', () => {
      const recorder = start();
      feed(recorder, [...partial, [3000, stop() + doneEvent]]);
      recorder.fail(originUs + 5000, 'reset', 'other side closed');
      expect(recorder.record).toMatchObject({ outcome: 'ok', error: null });
    });

    it('prefers what the server said to how it hung up', () => {
      const recorder = start(500, {});
      feed(recorder, [[1000, '{"error":"boom"}']]);
      recorder.fail(originUs + 5000, 'reset', 'other side closed');
      expect(recorder.record).toMatchObject({ outcome: 'http_error', error: 'HTTP 500: boom' });
    });

    it('ends once', () => {
      const recorder = start();
      recorder.fail(originUs + 5000, 'timeout', 'late');
      feed(recorder, partial);
      recorder.end(originUs + 6000);
      expect(recorder.record).toMatchObject({ outcome: 'timeout', endUs: 5000, firstByteUs: null });
    });

    it('ends with stream_error on an endless line', () => {
      const recorder = start();
      const mega = new Uint8Array(1024 * 1024).fill(0x61);
      for (let i = 0; i < 17; i++) recorder.data(originUs + 1000 + i, mega, i);
      expect(recorder.record).toMatchObject({ outcome: 'stream_error', endUs: 1016 });
    });
  });

  describe('any bytes at all', () => {
    const parts = fc.constantFrom(
      say('a'),
      say('', usage(1)),
      say('é😀'),
      chat({ role: 'assistant' }),
      stop(),
      total(2),
      doneEvent,
      ': c\n\n',
      'data: {"choices":[{}]}\n\n',
      'data: {"choices":[null,3]}\r\n\r\n',
      'data: 3\n\n',
      event({ error: 'x' }),
      event({ choices: [{ delta: { tool_calls: [null, { function: 3 }] } }] }),
      event({ usage: { completion_tokens: -1 }, timings: { predicted_n: 'x' } }),
      event({ choices: 'x' }),
      event({
        choices: [{ index: 1, delta: { reasoning: ['a', { text: 'b' }, 4] }, token_ids: [1, 2] }],
      }),
    );
    const bodies = fc.oneof(
      fc.array(parts, { maxLength: 12 }).map((list) => new Uint8Array(Buffer.from(list.join('')))),
      fc.uint8Array({ maxLength: 80 }),
    );

    it('give the same record wherever they are cut, and columns of equal length', () => {
      fc.assert(
        fc.property(bodies, fc.array(fc.nat(1500)), (bytes, cuts) => {
          const whole = recordOf([[1000, bytes]]);
          const recorder = start();
          const edges = [
            0,
            ...cuts.filter((cut) => cut < bytes.length).sort((x, y) => x - y),
            bytes.length,
          ];
          for (let i = 1; i < edges.length; i++) {
            recorder.data(originUs + 1000, bytes.subarray(edges[i - 1], edges[i]), 0);
          }
          recorder.end(originUs + 9000);
          const cut = ended(recorder);
          expect(cut).toEqual(whole);
          expect(detailsOf(cut)).toEqual(detailsOf(whole));
          const lengths = Object.values(cut.chunks).map((column) => column.length);
          expect(new Set(lengths).size).toBe(1);
        }),
        { numRuns: 1000 },
      );
    });
  });
});
