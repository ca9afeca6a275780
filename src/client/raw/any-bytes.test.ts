import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RequestRecord } from '../../model/index.ts';
import { readCompactColumns } from '../chunk-columns.ts';
import { noConnect } from '../connect-times.ts';
import { createRequestRecorder, type RequestRecorder } from '../request-recorder.ts';
import { detailsOf } from '../sent-details.ts';
import { createStreamScratch } from '../stream-interpreter.ts';
import { createResponseParser } from './response-parser.ts';
import { createTemplateReader } from './template-reader.ts';
import { createTemplateStore, type TemplateStore } from './template-store.ts';

const request = { index: 7, inputTokens: 20, outputTokens: 4 };
const context = { level: 0, requestId: 'r', intendedUs: 0, counted: true, originUs: 0 };
const headers = { 'content-type': 'text/event-stream' };
/** Events that were not parsed, and bytes that were not unframed, over all examples. */
let hits = 0;
let taken = 0;
const atUs = (read: number) => 1000 * (read + 1);

const scratch = createStreamScratch(readCompactColumns);

/** by-event: an HTTP chunk for each event, as most servers do, and reads that hold whole chunks. */
type Framing = 'chunked' | 'by-event' | 'length' | 'until-close';

/** A response on the wire, and which of its bytes are body. */
function frame(body: Buffer, framing: Framing, cuts: readonly number[]) {
  const lengthLine = framing === 'length' ? `content-length: ${body.length}\r\n` : '';
  const chunkedLine =
    framing === 'chunked' || framing === 'by-event' ? 'Transfer-Encoding: chunked\r\n' : '';
  const wire: [Buffer, isBody: boolean][] = [
    [
      Buffer.from(
        `HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n${lengthLine}${chunkedLine}\r\n`,
      ),
      false,
    ],
  ];
  if (chunkedLine !== '') {
    const pieces = framing === 'chunked' ? cutAt(body, cuts) : cutBehindEvents(body);
    for (const piece of pieces) {
      const extension = cuts.length % 2 === 0 ? '' : ';x=1';
      wire.push([Buffer.from(`${piece.length.toString(16)}${extension}\r\n`), false]);
      wire.push([piece, true], [Buffer.from('\r\n'), false]);
    }
    wire.push([Buffer.from('0\r\nx-trailer: 1\r\n\r\n'), false]);
  } else wire.push([body, true]);
  return {
    bytes: Buffer.concat(wire.map(([bytes]) => bytes)),
    isBody: wire.flatMap(([bytes, isBody]) => Array.from(bytes, () => isBody)),
  };
}

function cutBehindEvents(body: Buffer): Buffer[] {
  const text = body.toString('latin1');
  return text
    .split(/(?<=\r?\n\r?\n)/)
    .filter((event) => event !== '')
    .map((event) => Buffer.from(event, 'latin1'));
}

/** The ends of the chunks on the wire that are nearest before the cuts. */
function chunkEndsBefore(wire: Buffer, cuts: readonly number[]): number[] {
  const text = wire.toString('latin1');
  return cuts.map((cut) => Math.max(0, text.lastIndexOf('\n\r\n', cut % wire.length) + 3));
}

function cutAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const inside = cuts.map((cut) => cut % (bytes.length + 1)).sort((x, y) => x - y);
  const edges = [0, ...inside, bytes.length];
  return edges
    .slice(1)
    .map((edge, i) => bytes.subarray(edges[i], edge))
    .filter((piece) => piece.length > 0);
}

/** As the raw sender does it. */
function recordRaw(reads: readonly Buffer[], templates: TemplateStore): RequestRecord {
  const reader = createTemplateReader(templates, scratch);
  const recorder = createRequestRecorder(request, context, [], { reader });
  recorder.sent(0, noConnect);
  let nowUs = 0;
  let read = -1;
  let isFresh = false;
  const parser = createResponseParser({
    head: (head) => recorder.headers(500, head.status, head.headers),
    body(bytes, from, to) {
      if (isFresh) read++;
      isFresh = false;
      recorder.data(nowUs, bytes, read, from, to);
    },
    chunks(bytes, from, to) {
      if (!reader.isSteady) return from;
      const end = reader.pushChunks(bytes, from, to, nowUs, isFresh ? read + 1 : read);
      if (end === from) return from;
      if (isFresh) read++;
      isFresh = false;
      taken += end - from;
      return end;
    },
  });
  for (const [i, bytes] of reads.entries()) {
    isFresh = true;
    nowUs = atUs(i);
    // The buffer is shared: nothing may still point into it when the next read comes.
    const shared = Buffer.from(bytes);
    let from = 0;
    if (parser.isBetweenChunks && reader.isSteady && recorder.hasToken) {
      from = reader.pushChunks(shared, 0, shared.length, nowUs, read + 1);
      if (from > 0) read++;
      taken += from;
      isFresh = from === 0;
    }
    parser.push(shared, from, shared.length);
    shared.fill(0x7f);
  }
  expect(parser.error).toBeNull();
  expect(parser.ended || parser.eof()).toBe(true);
  return ended(recorder);
}

/** As the undici sender does it, from a body that was taken out of its framing otherwise. */
function recordPlain(reads: readonly Buffer[], isBody: readonly boolean[]): RequestRecord {
  const recorder = createRequestRecorder(request, context);
  recorder.sent(0, noConnect);
  recorder.headers(500, 200, headers);
  let at = 0;
  let read = -1;
  for (const [i, bytes] of reads.entries()) {
    const body = bytes.filter((_byte, j) => isBody[at + j]);
    at += bytes.length;
    if (body.length > 0) recorder.data(atUs(i), body, ++read);
  }
  return ended(recorder);
}

function ended(recorder: RequestRecorder): RequestRecord {
  recorder.end(9_000_000);
  if (recorder.record === null) throw new Error('not ended');
  return recorder.record;
}

function plain(record: RequestRecord) {
  const { atUs: stamps, tokens, read, kind } = record.chunks;
  const columns = [stamps, tokens, read, kind].map((column) => Array.from(column));
  return { ...record, chunks: columns, details: { ...detailsOf(record) } };
}

function expectSame(body: Buffer, framing: Framing, chunkCuts: number[], readCuts: number[]) {
  const { bytes, isBody } = frame(body, framing, chunkCuts);
  const reads = cutAt(bytes, framing === 'by-event' ? chunkEndsBefore(bytes, readCuts) : readCuts);
  const expected = plain(recordPlain(reads, isBody));
  // The first time teaches what the second time uses.
  const templates = createTemplateStore();
  expect(plain(recordRaw(reads, templates))).toEqual(expected);
  expect(plain(recordRaw(reads, templates))).toEqual(expected);
  hits += templates.hits;
}

const json = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const vllm = (delta: object, more: object = {}, top: object = {}) =>
  json({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1795353146,
    model: 'm',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: null, ...more }],
    ...top,
  });
const usage = (completion_tokens: number, prompt_tokens = 9) => ({
  usage: { prompt_tokens, total_tokens: prompt_tokens + completion_tokens, completion_tokens },
});

const text = fc.oneof(
  fc.constantFrom('a', ' the', '', 'é', '😀', '"', '\\', '\n', '}', '\u2028', 'data: x', '[DONE]'),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
);
const count = fc.nat(12);

/** Token chunks as servers write them: mostly plain, so that templates are learnt and used. */
const plainEvent = fc.oneof(
  { weight: 6, arbitrary: text.map((content) => vllm({ content })) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(text, count, count)
      .map(([content, n, prompt]) => vllm({ content }, {}, usage(n, prompt))),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(text, count, count, fc.double({ noNaN: true, noDefaultInfinity: true }))
      .map(([content, n, m, ms]) =>
        vllm({ content }, {}, { timings: { cache_n: m, prompt_n: n, predicted_n: n, ms, s: -ms } }),
      ),
  },
  fc
    .tuple(text, count, count)
    .map(([content, n, m]) => vllm({ content }, {}, { ...usage(n), timings: { predicted_n: m } })),
  fc.tuple(text, count, count, fc.constantFrom(null, 1.5, 3, 'x', -1)).map(([content, n, m, odd]) =>
    vllm(
      { content, tool_calls: null },
      { matched_stop: null },
      {
        usage: {
          ...usage(n).usage,
          reasoning_tokens: m,
          cost: m / 8,
          prompt_tokens_details: { cached_tokens: m % 4 === 0 ? odd : m },
          ...(m % 2 === 0 && { prompt_cache_hit_tokens: n % 3 === 0 ? odd : n }),
        },
        x_groq: { id: `x${m}`, times: [m / 3, odd] },
      },
    ),
  ),
  fc
    .tuple(text, count)
    .map(([content, n]) => json({ ...usage(n, n), choices: [{ delta: { content } }] })),
  text.map((content) => vllm({ role: 'assistant', content })),
  text.map((content) => vllm({ reasoning_content: content })),
  text.map((t) => json({ id: 'c', choices: [{ index: 0, text: t, finish_reason: null }] })),
  text.map((t) => json({ id: 'c', choices: [{ index: 1, text: t }], created: 3 })),
  text.map((content) => vllm({ content }).replaceAll('\n', '\r\n')),
  text.map((content) => vllm({ content }).replaceAll(/[^ -~\n]/g, escapeUnit)),
);

const escapeUnit = (letter: string) =>
  Array.from(
    { length: letter.length },
    (_, i) => `\\u${letter.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('');

const oddEvent = fc.oneof(
  fc.constantFrom(
    vllm({ content: 'a' }, { finish_reason: 'length' }),
    vllm({}, { finish_reason: 'stop' }),
    vllm({ content: 'a' }, { logprobs: { content: [] } }),
    vllm({ content: 'a' }, { token_ids: [1, 2] }),
    vllm({ content: 'a', reasoning: 'b' }),
    vllm({ content: 'a', new_field: 'b' }),
    vllm({ content: null, tool_calls: [{ index: 0, function: { name: 'f', arguments: '{}' } }] }),
    vllm({ content: 'a' }, {}, { error: { message: 'boom' } }),
    vllm({ content: 'a' }, {}, { object: 'error', message: 'boom' }),
    vllm({ content: 'a' }, {}, { timings: { predicted_n: 3, prompt_n: 2 } }),
    vllm({ content: 'a' }, {}, { timings: { predicted_n: 3, prompt_n: '2' } }),
    vllm({ content: 'a' }, {}, { timings: { predicted_n: 1.5 } }),
    vllm({ content: 'a' }, {}, { timings: {} }),
    vllm({ content: 'a' }, {}, { usage: {}, timings: { predicted_n: 2 } }),
    vllm({ content: 'a' }, {}, { timings: { predicted_n: 2, ms: 5 } }).replace(':5', ':05'),
    vllm({ content: 'a' }, {}, { timings: { predicted_n: 2, ms: 5 } }).replace(':5', ':5.'),
    vllm({ content: 'a' }, {}, { timings: { predicted_n: 2, ms: 5 } }).replace(':5', ':-'),
    vllm({ content: 'a' }, {}, { timings: { predicted_n: 2, ms: 5 } }).replace(':2', ':2e0'),
    vllm({ content: 'a' }, {}, { usage: { completion_tokens: 1.5 } }),
    vllm({ content: 'a' }, {}, { usage: { completion_tokens: 2, prompt_tokens: '7' } }),
    json({
      choices: [
        { index: 0, delta: { content: 'a' } },
        { index: 1, delta: { content: 'b' } },
      ],
    }),
    json({ choices: [], ...usage(3) }),
    json({ choices: [{ index: 0, delta: { content: 'assistant', role: 'assistant' } }] }),
    'data: {"choices":[{"index":0,"delta":{"content":"a","content":"b"}}]}\n\n',
    'data: {"choices":[{"index":0,"delta":{"c\\u006fntent":"a"}}]}\n\n',
    'data: {"id":"x\ty","choices":[{"index":0,"delta":{"content":"a"}}]}\n\n',
    'data: {"id":1,"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n',
    'data: {"id":01,"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n',
    'data:{"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n',
    'data: {"choices":[{"index":0,\ndata: "delta":{"content":"a"}}]}\n\n',
    'id: 3\nevent: message\ndata: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n',
    'event: error\ndata: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n',
    'event: error\n',
    ': keep-alive\n\n',
    'data: ping\n\n',
    'data: [DONE]\n\n',
    'retry: 3\n\n',
    '\n',
    '\r',
    '\ufeff',
  ),
  fc.string({ maxLength: 12 }),
);

const streams = fc
  .tuple(
    fc.array(fc.oneof({ weight: 5, arbitrary: plainEvent }, oddEvent), { maxLength: 14 }),
    // Bytes overwritten anywhere: a template must notice each of them.
    fc.array(fc.tuple(fc.nat(4000), fc.nat(255)), { maxLength: 2 }),
    fc.boolean(),
  )
  .map(([events, damage, isDamaged]) => {
    const bytes = Buffer.from(events.join(''));
    if (isDamaged) for (const [at, byte] of damage) if (at < bytes.length) bytes[at] = byte;
    return bytes;
  });

const framings = fc.constantFrom<Framing>('chunked', 'by-event', 'length', 'until-close');
const cuts = fc.array(fc.nat(6000), { maxLength: 12 });

describe('any bytes, cut anywhere, give the same record over both transports', () => {
  it('made up', () => {
    fc.assert(fc.property(streams, framings, cuts, cuts, expectSame), { numRuns: 1500 });
    // The property would hold of itself if no template were ever used.
    expect(hits).toBeGreaterThan(500);
    expect(taken).toBeGreaterThan(5000);
  });

  it.each(['llamacpp', 'mlx-real', 'tf', 'vllm-real', 'vllm'])('recorded from %s', (name) => {
    const file = new URL(`../../../test/fixtures/engines/${name}-stream.txt`, import.meta.url);
    const bodies = readFileSync(file, 'utf8')
      .split(/^# POST .*$/m)
      .map((part) =>
        part
          .split('\n')
          .filter((line) => /^[\d.]+ ?(data|:|event|$)/.test(line))
          .map((line) => `${line.replace(/^[\d.]+ ?/, '')}\n\n`)
          .join(''),
      )
      .filter((body) => body !== '');
    expect(bodies.length).toBeGreaterThan(0);
    fc.assert(
      fc.property(fc.constantFrom(...bodies), framings, cuts, cuts, (body, framing, ...both) =>
        expectSame(Buffer.from(body), framing, ...both),
      ),
      { numRuns: 150 },
    );
    for (const body of bodies) {
      expectSame(Buffer.from(body), 'chunked', [], []);
      expectSame(
        Buffer.from(body),
        'by-event',
        [],
        Array.from({ length: 40 }, (_, i) => i * 300),
      );
      expectSame(Buffer.from(body), 'until-close', [], Array.from(Buffer.from(body).keys()));
    }
  });
});
