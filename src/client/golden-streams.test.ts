import { describe, expect, it } from 'vitest';
import type { RequestRecord } from '../model/index.ts';
import { readCompactColumns } from './chunk-columns.ts';
import { noConnect } from './connect-times.ts';
import { type GoldenStream, goldenAsked, goldenStreams } from './golden-streams.fixture.ts';
import { createResponseParser } from './raw/response-parser.ts';
import { createTemplateReader } from './raw/template-reader.ts';
import { createTemplateStore } from './raw/template-store.ts';
import { createRequestRecorder, type RequestRecorder } from './request-recorder.ts';
import { detailsOf } from './sent-details.ts';
import { createStreamScratch } from './stream-interpreter.ts';

const originUs = 3_000_000.5;
const context = {
  level: 2,
  requestId: 'golden-5',
  intendedUs: originUs,
  counted: true,
  originUs,
};
const request = { index: 5, ...goldenAsked };
const headersMs = 5;
const lateMs = 10;

function endOf(stream: GoldenStream, recorder: RequestRecorder): RequestRecord {
  const nowUs = originUs + endUsOf(stream);
  if (stream.end === 'lost') recorder.fail(nowUs, 'reset', 'read ECONNRESET');
  else recorder.end(nowUs);
  if (recorder.record === null) throw new Error('not ended');
  return recorder.record;
}

const endUsOf = ({ reads }: GoldenStream) => ((reads.at(-1)?.atMs ?? 0) + lateMs) * 1000;

/** As an HTTP client hands it over: bodies without their framing, parsed. */
function overUndici(stream: GoldenStream): RequestRecord {
  const recorder = createRequestRecorder(request, context);
  recorder.sent(originUs, noConnect);
  recorder.written(originUs + 40);
  recorder.headers(originUs + headersMs * 1000, stream.status, {
    'content-type': stream.contentType,
  });
  for (const [read, { atMs, bytes }] of stream.reads.entries()) {
    recorder.data(originUs + atMs * 1000, bytes, read);
  }
  return endOf(stream, recorder);
}

const templates = createTemplateStore();
/** One after the other, as the sender uses it. */
const reader = createTemplateReader(templates, createStreamScratch(readCompactColumns));

/** As own sockets read it: bytes of the wire, known shapes not parsed. */
function overRaw(stream: GoldenStream): RequestRecord {
  reader.reset();
  const recorder = createRequestRecorder(request, context, [], { reader });
  recorder.sent(originUs, noConnect);
  recorder.written(originUs + 40);
  let nowUs = originUs + headersMs * 1000;
  let read = -1;
  const parser = createResponseParser({
    head: (head) => recorder.headers(nowUs, head.status, head.headers),
    body: (bytes, from, to) => recorder.data(nowUs, bytes, read, from, to),
    chunks: (bytes, from, to) =>
      reader.isSteady
        ? reader.pushChunks(bytes, from, to, Math.round(nowUs - originUs), read)
        : from,
  });
  const push = (bytes: Buffer, from = 0) => parser.push(bytes, from, bytes.length);
  push(
    Buffer.from(
      `HTTP/1.1 ${stream.status} X\r\ncontent-type: ${stream.contentType}\r\ntransfer-encoding: chunked\r\n\r\n`,
    ),
  );
  for (const { atMs, bytes } of stream.reads) {
    nowUs = originUs + atMs * 1000;
    read++;
    const wire = Buffer.concat([
      Buffer.from(`${bytes.length.toString(16)}\r\n`),
      bytes,
      Buffer.from('\r\n'),
    ]);
    const isSteady = parser.isBetweenChunks && reader.isSteady && recorder.hasToken;
    const from = isSteady
      ? reader.pushChunks(wire, 0, wire.length, Math.round(nowUs - originUs), read)
      : 0;
    push(wire, from);
  }
  if (stream.end === 'whole') push(Buffer.from('0\r\n\r\n'));
  expect(parser.ended).toBe(stream.end === 'whole');
  return endOf(stream, recorder);
}

/** The whole record, every field. */
function expectedOf(stream: GoldenStream): RequestRecord {
  const { chunks, firstByte, firstChunk, text: _text, error, ...same } = stream.expected;
  const atUs = (read: number | null | undefined) =>
    read === null || read === undefined ? null : (stream.reads[read]?.atMs ?? 0) * 1000;
  return {
    level: 2,
    index: 5,
    requestId: 'golden-5',
    counted: true,
    intendedUs: 0,
    sentUs: 0,
    connectUs: 0,
    dnsUs: 0,
    tlsUs: 0,
    writtenUs: 40,
    targetIndex: 0,
    headersUs: headersMs * 1000,
    firstByteUs: atUs(firstByte),
    firstChunkUs: atUs(firstChunk),
    firstTokenUs: atUs(chunks[0]?.[0]),
    lastTokenUs: atUs(chunks.at(-1)?.[0]),
    endUs: endUsOf(stream),
    error: same.outcome === 'reset' ? 'read ECONNRESET' : error,
    inputTokensAsked: goldenAsked.inputTokens,
    outputTokensAsked: goldenAsked.outputTokens,
    outputTokensCounted: null,
    ...same,
    chunks: {
      atUs: chunks.map(([read]) => atUs(read) ?? 0),
      read: chunks.map(([read]) => read),
      tokens: chunks.map(([, tokens]) => tokens),
      kind: chunks.map(([, , kind]) => kind),
    },
  };
}

function plain(record: RequestRecord): RequestRecord {
  const { atUs, tokens, read, kind } = record.chunks;
  const [a, t, r, k] = [atUs, tokens, read, kind].map((column) => Array.from(column));
  return { ...record, chunks: { atUs: a ?? [], tokens: t ?? [], read: r ?? [], kind: k ?? [] } };
}

const paths: [string, (stream: GoldenStream) => RequestRecord][] = [
  ['undici', overUndici],
  ['raw', overRaw],
  // By now the shapes are known.
  ['raw again', overRaw],
];

describe.each(paths)(
  'recorded bytes with arrival times give exactly this record: %s',
  (_path, play) => {
    it.each(goldenStreams)('$name', (stream) => {
      const record = play(stream);
      expect(plain(record)).toEqual(expectedOf(stream));
      if (stream.expected.text === null) return;
      const lanes = detailsOf(record)?.text.lanes.map((lane) => lane.text);
      expect(lanes?.join('|')).toBe(stream.expected.text);
    });
  },
);

it('a record stays as it was when its reader reads the next streams', () => {
  const streams = goldenStreams.filter(({ expected }) => expected.text !== null);
  const records = streams.map(overRaw);
  for (const [i, record] of records.entries()) {
    const lanes = detailsOf(record)?.text.lanes.map((lane) => lane.text);
    expect(lanes?.join('|')).toBe(streams[i]?.expected.text);
  }
});

it('are not all parsed', () => {
  expect(templates.hits).toBeGreaterThan(goldenStreams.length);
});
