import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { RequestRecord } from '../model/index.ts';
import { readCompactColumns } from './chunk-columns.ts';
import { noConnect } from './connect-times.ts';
import { createTemplateReader } from './raw/template-reader.ts';
import { createTemplateStore } from './raw/template-store.ts';
import { createRequestRecorder } from './request-recorder.ts';
import { detailsOf } from './sent-details.ts';
import { createStreamScratch } from './stream-interpreter.ts';
import { createParsingReader, type StreamReader } from './stream-reader.ts';

/** One exchange as it was recorded from a real engine. */
interface Recording {
  path: string;
  status: number;
  headers: Record<string, string>;
  headersUs: number;
  lines: { atUs: number; text: string }[];
  endUs: number;
}

const us = (seconds: string | undefined) => Math.round(Number(seconds) * 1e6);

function readRecordings(name: string): Recording[] {
  const file = new URL(`../../test/fixtures/engines/${name}-stream.txt`, import.meta.url);
  const recordings: Recording[] = [];
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const last = recordings.at(-1);
    const status = /^# status (\d+) headers (.*) t=([\d.]+)$/.exec(line);
    if (line.startsWith('# POST ')) {
      const path = line.split(' ')[2] ?? '';
      recordings.push({ path, status: 0, headers: {}, headersUs: 0, lines: [], endUs: 0 });
    } else if (last && status) {
      last.status = Number(status[1]);
      last.headersUs = us(status[3]);
      for (const [, header, value] of (status[2] ?? '').matchAll(/\('([^']+)', '([^']*)'\)/g)) {
        last.headers[(header ?? '').toLowerCase()] = value ?? '';
      }
    } else if (last && line.startsWith('# end t=')) last.endUs = us(line.slice(8));
    else if (last && line !== '') {
      const space = line.indexOf(' ');
      last.lines.push({ atUs: us(line.slice(0, space)), text: line.slice(space + 1) });
    }
  }
  return recordings;
}

const originUs = 5_000_000.25;
const request = { index: 3, inputTokens: 30, outputTokens: 12 };
const context = { level: 1, requestId: 'r-3', intendedUs: originUs, counted: true, originUs };

/** Replays a recording; the bytes of each line may be cut into pieces at that line's time. */
function replay(
  recording: Recording,
  cut: (bytes: Buffer) => Buffer[],
  reader: StreamReader,
): RequestRecord {
  const recorder = createRequestRecorder(request, context, [], { reader });
  recorder.sent(originUs, noConnect);
  recorder.headers(originUs + recording.headersUs, recording.status, recording.headers);
  const stream = recording.headers['content-type']?.startsWith('text/event-stream');
  let read = 0;
  for (const line of recording.lines) {
    const bytes = Buffer.from(stream ? `${line.text}\n\n` : line.text);
    for (const piece of cut(bytes)) recorder.data(originUs + line.atUs, piece, read);
    read++;
  }
  recorder.end(originUs + recording.endUs);
  if (recorder.record === null) throw new Error('the recorder did not end');
  return recorder.record;
}

interface Expected {
  path: string;
  outcome?: string;
  error?: string | RegExp;
  status?: number;
  firstByte: number;
  firstChunk: number | null;
  firstToken: number | null;
  lastToken: number | null;
  end: number;
  chunks: number;
  kind?: number;
  /** Where chunks differ in kind. */
  kinds?: number[];
  usage: [number | null, number | null, number | null];
  source: string;
  finish: string | null;
  done: boolean;
  text: string;
}

const length = { finish: 'length', done: true };
const failed = { firstChunk: null, firstToken: null, lastToken: null, chunks: 0, text: '' };
const silent = { source: 'none', finish: null, done: false };

// Read off the files by eye: times of the lines, number of lines with text, the usage objects.
const expectations: Record<string, (Expected | null)[]> = {
  llamacpp: [
    {
      path: '/v1/chat/completions',
      firstByte: 284173,
      firstChunk: 284173,
      firstToken: 284253,
      lastToken: 529385,
      end: 529826,
      chunks: 12,
      usage: [34, 12, 0],
      source: 'one-per-chunk',
      ...length,
      text: '1. Red: The most obvious colour, but there are',
    },
    {
      path: '/v1/completions',
      firstByte: 75925,
      firstChunk: 75925,
      firstToken: 75925,
      lastToken: 217168,
      end: 217373,
      chunks: 8,
      usage: [5, 8, 0],
      source: 'one-per-chunk',
      ...length,
      text: ' Paris.\n\nThe United States has',
    },
    {
      path: '/v1/chat/completions',
      firstByte: 8717,
      firstChunk: 8717,
      firstToken: 102336,
      lastToken: 260313,
      end: 260978,
      chunks: 8,
      usage: [33, 8, 24],
      source: 'continuous-usage',
      ...length,
      text: "I'm ready to assist you with your",
    },
    {
      path: '/v1/chat/completions',
      firstByte: 32070,
      firstChunk: 32070,
      firstToken: 32136,
      lastToken: 135799,
      end: 136177,
      chunks: 6,
      usage: [33, 6, 32],
      source: 'one-per-chunk',
      ...length,
      text: "I'm ready to assist you",
    },
    {
      path: '/v1/completions',
      firstByte: 63790,
      firstChunk: 63790,
      firstToken: 63790,
      lastToken: 134258,
      end: 134471,
      chunks: 4,
      usage: [5, 4, 1],
      source: 'one-per-chunk',
      ...length,
      text: '-to-be',
    },
    // llama.cpp's own /completion: not an API that we send to.
    null,
    {
      path: '/v1/chat/completions',
      firstByte: 27708,
      firstChunk: 27708,
      firstToken: 27772,
      lastToken: 231966,
      end: 232164,
      chunks: 12,
      usage: [33, 12, 32],
      source: 'one-per-chunk',
      ...length,
      text: "Hey there, welcome to my|Alright, I'm glad",
    },
    {
      path: '/v1/completions',
      outcome: 'not_sse',
      error: /JSON|json/,
      firstByte: 50409,
      end: 50417,
      usage: [null, null, null],
      ...failed,
      ...silent,
    },
  ],
  'mlx-real': [
    {
      path: '/v1/chat/completions',
      firstByte: 3052291,
      firstChunk: 3564931,
      firstToken: 3564931,
      lastToken: 6837901,
      end: 6838205,
      chunks: 12,
      usage: [34, 12, 0],
      source: 'one-per-chunk',
      ...length,
      text: '1. Red: The most obvious colour, but there are',
    },
  ],
  // Our own reference server, torch 2.13.0 and transformers 5.23.0. One chunk per token; where a
  // token completes no character its text is empty, and it counts.
  pytorch: [
    {
      path: '/v1/chat/completions',
      firstByte: 651979,
      firstChunk: 651979,
      firstToken: 652001,
      lastToken: 1961176,
      end: 1961913,
      chunks: 12,
      usage: [34, 12, 0],
      source: 'continuous-usage',
      ...length,
      text: '1. Red: This is the most obvious colour, but',
    },
    {
      path: '/v1/completions',
      firstByte: 300062,
      firstChunk: 300062,
      firstToken: 300062,
      lastToken: 1200394,
      end: 1200793,
      chunks: 8,
      usage: [8, 8, 0],
      source: 'one-per-chunk',
      ...length,
      text: ' five, six, seven, eight,',
    },
    {
      path: '/v1/chat/completions',
      firstByte: 233376,
      firstChunk: 233376,
      firstToken: 233400,
      lastToken: 1770760,
      end: 1772334,
      chunks: 16,
      kinds: [3, 3, 0, 3, 3, 0, 3, 3, 0, 3, 3, 0, 3, 3, 0, 0],
      usage: [35, 16, 0],
      source: 'continuous-usage',
      ...length,
      text: '🌟🌟🌟🌟🌟\ufffd',
    },
    {
      path: '/v1/chat/completions',
      outcome: 'model_not_found',
      status: 404,
      error: "HTTP 404: The model 'other' does not exist: this server has 'smollm2-135m'.",
      firstByte: 10908,
      end: 10947,
      usage: [null, null, null],
      ...failed,
      ...silent,
    },
    {
      path: '/v1/completions',
      outcome: 'http_error',
      status: 400,
      error:
        "HTTP 400: This model's maximum context length is 8192 tokens; 9001 in the prompt and 4 to generate do not fit.",
      firstByte: 91450,
      end: 91482,
      usage: [null, null, null],
      ...failed,
      ...silent,
    },
  ],
  tf: [
    {
      path: '/v1/chat/completions',
      firstByte: 1954069,
      firstChunk: 1954069,
      firstToken: 2099359,
      lastToken: 2653016,
      end: 2655570,
      chunks: 8,
      usage: [34, 8, null],
      source: 'one-per-chunk',
      finish: 'length',
      done: false,
      text: '1. Red: This is the most',
    },
    {
      path: '/v1/chat/completions',
      outcome: 'http_error',
      status: 422,
      error: "HTTP 422: Unexpected fields in the request: {'ignore_eos'}",
      firstByte: 6529,
      end: 6535,
      usage: [null, null, null],
      ...failed,
      ...silent,
    },
    {
      path: '/v1/chat/completions',
      firstByte: 10708,
      firstChunk: 10708,
      firstToken: 119783,
      lastToken: 682360,
      end: 684087,
      chunks: 8,
      usage: [34, 8, null],
      source: 'one-per-chunk',
      finish: 'length',
      done: false,
      text: '1. Red: This is the most',
    },
    {
      path: '/v1/completions',
      firstByte: 112298,
      firstChunk: 112298,
      firstToken: 112298,
      lastToken: 711232,
      end: 712783,
      chunks: 8,
      usage: [2, 8, null],
      source: 'one-per-chunk',
      finish: 'length',
      done: false,
      text: ' of the United States is Washington D.',
    },
  ],
  'vllm-real': [
    {
      path: '/v1/chat/completions',
      firstByte: 254940,
      firstChunk: 254940,
      firstToken: 254990,
      lastToken: 1054397,
      end: 1055345,
      chunks: 12,
      usage: [34, 12, null],
      source: 'continuous-usage',
      ...length,
      text: '1. Red: This is the most obvious colour, but',
    },
  ],
  // A character of three tokens: two of them have no text, and count.
  'vllm-empty': [
    {
      path: '/v1/chat/completions',
      firstByte: 67949,
      firstChunk: 67949,
      firstToken: 68026,
      lastToken: 661840,
      end: 661900,
      chunks: 16,
      kinds: [3, 3, 0, 3, 3, 0, 3, 3, 0, 3, 3, 0, 3, 3, 0, 3],
      usage: [44, 16, null],
      source: 'continuous-usage',
      ...length,
      text: '🦊🦊🦊🦊🦊',
    },
    {
      path: '/v1/completions',
      firstByte: 73453,
      firstChunk: 73453,
      firstToken: 73453,
      lastToken: 357559,
      end: 357612,
      chunks: 8,
      usage: [5, 8, null],
      source: 'continuous-usage',
      ...length,
      text: ' the primary colours of the human eye,',
    },
  ],
  vllm: [
    {
      path: '/v1/chat/completions',
      firstByte: 319088,
      firstChunk: 319088,
      firstToken: 320042,
      lastToken: 377077,
      end: 389275,
      chunks: 6,
      kind: 3,
      usage: [7, 6, null],
      source: 'continuous-usage',
      ...length,
      text: '',
    },
    {
      path: '/v1/chat/completions',
      firstByte: 68656,
      firstChunk: 68656,
      firstToken: 68721,
      lastToken: 150719,
      end: 150886,
      chunks: 6,
      kind: 3,
      usage: [7, 6, null],
      source: 'one-per-chunk',
      ...length,
      text: '',
    },
    {
      path: '/v1/completions',
      firstByte: 34849,
      firstChunk: 34849,
      firstToken: 34849,
      lastToken: 124251,
      end: 125991,
      chunks: 6,
      usage: [5, 6, null],
      source: 'continuous-usage',
      ...length,
      text: ' fox fox fox fox fox fox',
    },
    {
      path: '/v1/completions',
      firstByte: 65775,
      firstChunk: 65775,
      firstToken: 65775,
      lastToken: 141526,
      end: 141714,
      chunks: 4,
      usage: [null, null, null],
      source: 'continuous-usage',
      ...length,
      text: 'dog871648042',
    },
    {
      path: '/v1/completions',
      outcome: 'model_not_found',
      status: 404,
      error: 'HTTP 404: The model `nosuch` does not exist. Valid aliases: tiny.',
      firstByte: 25026,
      end: 25035,
      usage: [null, null, null],
      ...failed,
      ...silent,
    },
    {
      path: '/v1/completions',
      outcome: 'http_error',
      status: 400,
      error:
        'HTTP 400: max_tokens=4000 cannot be greater than max_model_len=1024. Please request fewer output tokens. (parameter=max_tokens, value=4000)',
      firstByte: 13533,
      end: 13542,
      usage: [null, null, null],
      ...failed,
      ...silent,
    },
  ],
};

const cuts: [string, (bytes: Buffer) => Buffer[]][] = [
  ['whole lines', (bytes) => [bytes]],
  ['single bytes', (bytes) => Array.from(bytes, (_byte, i) => bytes.subarray(i, i + 1))],
  ['before the last byte', (bytes) => [bytes.subarray(0, -1), bytes.subarray(-1)]],
  [
    'in thirds',
    (bytes) =>
      [0, 1, 2].map((i) =>
        bytes.subarray(
          Math.floor((i * bytes.length) / 3),
          Math.floor(((i + 1) * bytes.length) / 3),
        ),
      ),
  ],
];

const templates = createTemplateStore();
const scratch = createStreamScratch(readCompactColumns);
const readers: Record<string, () => StreamReader> = {
  parsed: createParsingReader,
  'by templates': () => createTemplateReader(templates, scratch),
};

describe.each(
  Object.entries(expectations).flatMap(([name, expected]) =>
    Object.keys(readers).map((how) => [name, how, expected] as const),
  ),
)('the recorded %s streams, %s', (name, how, expected) => {
  const recordings = readRecordings(name);

  it('are all there', () => {
    expect(recordings).toHaveLength(expected.length);
  });

  it.each(cuts)('give the hand-checked records, read as %s', (_name, cut) => {
    expected.forEach((want, i) => {
      const recording = recordings[i];
      if (want === null || recording === undefined) return;
      const record = replay(recording, cut, (readers[how] ?? createParsingReader)());
      expect(recording.path).toBe(want.path);
      expect(record).toMatchObject({
        level: 1,
        index: 3,
        intendedUs: 0,
        sentUs: 0,
        headersUs: recording.headersUs,
        firstByteUs: want.firstByte,
        firstChunkUs: want.firstChunk,
        firstTokenUs: want.firstToken,
        lastTokenUs: want.lastToken,
        endUs: want.end,
        outcome: want.outcome ?? 'ok',
        status: want.status ?? 200,
        finishReason: want.finish,
        done: want.done,
        inputTokensUsage: want.usage[0],
        outputTokensUsage: want.usage[1],
        cachedTokensUsage: want.usage[2],
        tokenSource: want.source,
      });
      if (want.error === undefined) expect(record.error).toBeNull();
      else
        expect(record.error).toEqual(
          want.error instanceof RegExp ? expect.stringMatching(want.error) : want.error,
        );
      expect(record.chunks.atUs).toHaveLength(want.chunks);
      expect(Array.from(record.chunks.tokens)).toEqual(new Array(want.chunks).fill(1));
      expect(Array.from(record.chunks.kind)).toEqual(
        want.kinds ?? new Array(want.chunks).fill(want.kind ?? 0),
      );
      expect(
        detailsOf(record)
          ?.text.lanes.map((lane) => lane.text)
          .join('|'),
      ).toBe(want.text);
    });
  });
});

it('most token chunks of these engines are not parsed', () => {
  const store = createTemplateStore();
  for (const name of ['llamacpp', 'mlx-real', 'tf', 'vllm-real']) {
    const recording = readRecordings(name)[0];
    if (recording === undefined) throw new Error('no recording');
    const hits = store.hits;
    const reader = createTemplateReader(store, createStreamScratch());
    const record = replay(recording, (bytes) => [bytes], reader);
    // The first teaches, and the last may carry the end.
    expect(store.hits - hits).toBeGreaterThanOrEqual(record.chunks.atUs.length - 2);
  }
  expect(store.templates).toBeGreaterThan(3);
});
