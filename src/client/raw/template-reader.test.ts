import { describe, expect, it } from 'vitest';
import { readText } from '../output-text.ts';
import { createStreamScratch } from '../stream-interpreter.ts';
import { createParsingReader, type StreamReader } from '../stream-reader.ts';
import { createTemplateReader } from './template-reader.ts';
import { createTemplateStore } from './template-store.ts';

const event = (json: string) => `data: ${json}\n\n`;
const plain =
  '{"id":"c-1","created":17,"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}],"usage":{"prompt_tokens":7,"total_tokens":8,"completion_tokens":1}}';

function read(reader: StreamReader, stream: string) {
  const bytes = Buffer.from(stream);
  reader.push(bytes, 0, bytes.length, 1000, 0);
  reader.end();
  const { chunks, takeText, ...result } = reader.result();
  const columns = Object.values(chunks).map((column) => Array.from(column as ArrayLike<number>));
  return { ...result, columns, text: readText(takeText()) };
}

/** Events that come after `plain` has been learnt: how many of them match it. */
function hitsOf(stream: string): number {
  const templates = createTemplateStore();
  read(createTemplateReader(templates, createStreamScratch()), event(plain));
  expect(templates.templates).toBe(1);
  const fast = read(createTemplateReader(templates, createStreamScratch()), stream);
  expect(fast).toEqual(read(createParsingReader(), stream));
  return templates.hits;
}

const swap = (from: string, to: string) => {
  expect(plain).toContain(from);
  return event(plain.replace(from, to));
};

describe('an event of a shape that is known', () => {
  it.each([
    ['another text', '"content":"a"', '"content":" the quick brown fox jumps over the dog 123"'],
    ['text beyond ASCII', '"content":"a"', '"content":"grün 😀"'],
    ['short escapes', '"content":"a"', '"content":"\\"\\\\\\n\\t\\/\\b\\f\\r"'],
    ['half a pair, escaped', '"content":"a"', '"content":"\\uD83D"'],
    ['another id', '"id":"c-1"', '"id":"a longer one \\" than before"'],
    ['another time', '"created":17', '"created":1795353146'],
    ['zero', '"completion_tokens":1', '"completion_tokens":0'],
    ['a fraction', '"created":17', '"created":1.50'],
    ['a sign', '"created":17', '"created":-0'],
    ['a power of ten', '"created":17', '"created":-1.5E+07'],
    ['other counts', '"prompt_tokens":7', '"prompt_tokens":123456789'],
  ])('is not parsed: %s', (_name, from, to) => {
    expect(hitsOf(swap(from, to))).toBe(1);
  });

  it.each([
    ['no text', '"content":"a"', '"content":""'],
    ['a control character', '"content":"a"', '"content":"\t"'],
    ['a control character where nobody looks', '"id":"c-1"', '"id":"\u0001"'],
    ['an escape that is none', '"content":"a"', '"content":"\\x"'],
    ['an escape that is cut', '"content":"a"', '"content":"\\u00g0"'],
    ['a leading zero', '"created":17', '"created":017'],
    ['half a fraction', '"created":17', '"created":1.'],
    ['a fraction alone', '"created":17', '"created":.5'],
    ['a sign alone', '"created":17', '"created":-'],
    ['a plus sign', '"created":17', '"created":+1'],
    ['half a power', '"created":17', '"created":1e+'],
    ['a count with a fraction', '"completion_tokens":1', '"completion_tokens":1.0'],
    ['a count with a sign', '"completion_tokens":1', '"completion_tokens":-1'],
    ['no number', '"created":17', '"created":'],
    [
      'a count too large to be exact',
      '"completion_tokens":1',
      '"completion_tokens":12345678901234567',
    ],
    ['a count that is null', '"completion_tokens":1', '"completion_tokens":null'],
    ['another kind of object', '"object":"chat.completion.chunk"', '"object":"error"'],
    ['a finish', '"finish_reason":null', '"finish_reason":"stop"'],
    ['another field', '"content":"a"', '"reasoning":"a"'],
    ['one field more', '"content":"a"', '"content":"a","reasoning":"b"'],
    ['another choice', '"index":0', '"index":1'],
    ['one byte more at the end', '1}}', '1}} '],
  ])('is parsed when it has %s', (_name, from, to) => {
    expect(hitsOf(swap(from, to))).toBe(0);
  });

  it.each<[string, (i: number) => object]>([
    [
      'llama.cpp with running timings',
      (i) => ({
        created: i,
        timings: {
          cache_n: i % 3,
          prompt_n: 20 - i,
          prompt_ms: 88.898 / (i + 1),
          predicted_n: i,
          predicted_ms: 0.001 * i,
          predicted_per_second: i === 0 ? 1000000 : 1e21 * i,
        },
      }),
    ],
    [
      'SGLang with running usage',
      (i) => ({
        usage: {
          prompt_tokens: 9,
          total_tokens: 9 + i,
          completion_tokens: i,
          prompt_tokens_details: { cached_tokens: i },
          reasoning_tokens: i * 2,
        },
      }),
    ],
    [
      'an offer with costs and fields of its own',
      (i) => ({
        usage: { completion_tokens: i, prompt_tokens: 9, prompt_cache_hit_tokens: i, cost: i / 7 },
        x_own: { id: `x-${i}`, queue: [i, i / 3], note: null },
      }),
    ],
  ])('is not parsed when its numbers run on: %s', (_name, top) => {
    const templates = createTemplateStore();
    const stream = Array.from({ length: 12 }, (_, i) =>
      event(JSON.stringify({ choices: [{ index: 0, delta: { content: `t${i}` } }], ...top(i) })),
    ).join('');
    const fast = read(createTemplateReader(templates, createStreamScratch()), stream);
    expect(fast).toEqual(read(createParsingReader(), stream));
    expect([templates.hits, templates.templates]).toEqual([11, 1]);
  });

  it.each([
    ['null', null],
    ['a fraction', 1.5],
    ['a power', 20],
  ])('counts cached tokens where the usual place says %s', (_name, usual) => {
    const templates = createTemplateStore();
    const stream = Array.from({ length: 6 }, (_, i) =>
      event(
        JSON.stringify({
          choices: [{ index: 0, delta: { content: 'a' } }],
          usage: {
            completion_tokens: i,
            prompt_tokens: 9,
            prompt_tokens_details: { cached_tokens: usual },
            prompt_cache_hit_tokens: i,
          },
        }).replace('"cached_tokens":20', '"cached_tokens":2e1'),
      ),
    ).join('');
    const fast = read(createTemplateReader(templates, createStreamScratch()), stream);
    expect(fast).toEqual(read(createParsingReader(), stream));
    expect(fast.cachedTokensUsage).toBe(usual === 20 ? 20 : 5);
  });

  it('is parsed wherever a read cuts it', () => {
    const stream = swap('"a"', '"b"') + event(plain);
    const bytes = Buffer.from(stream);
    const whole = read(createParsingReader(), stream);
    for (let cut = 1; cut < bytes.length; cut++) {
      const templates = createTemplateStore();
      read(createTemplateReader(templates, createStreamScratch()), event(plain));
      const reader = createTemplateReader(templates, createStreamScratch());
      reader.push(bytes, 0, cut, 1000, 0);
      reader.push(bytes, cut, bytes.length, 1000, 0);
      expect(read(reader, '')).toEqual(whole);
    }
  });
});

describe('no template is made of', () => {
  const learnt = (json: string) => {
    const templates = createTemplateStore();
    const stream = Buffer.from(json.startsWith('{') ? event(json) : json);
    templates.learn(stream, 0, stream.length);
    return templates.templates;
  };

  it('what means more than its text', () => {
    expect(learnt(plain)).toBe(1);
    const changed: [string, string][] = [
      ['"delta":{"content":"a"}', '"delta":{"content":""}'],
      ['"delta":{"content":"a"}', '"delta":{"content":"a","thinking":"b"}'],
      ['"delta":{"content":"a"}', '"delta":{"content":"a","mood":"b"}'],
      ['"delta":{"content":"a"}', '"delta":{"content":["a"]}'],
      ['"delta":{"content":"a"}', '"delta":{"content":"a","content":"a"}'],
      ['"delta":{"content":"a"}', '"delta":{"tool_calls":[{"function":{"name":"a"}}]}'],
      ['"delta":{"content":"a"}', '"delta":{"content":"a","token_ids":[1]}'],
      ['"finish_reason":null', '"finish_reason":"stop"'],
      ['"finish_reason":null', '"logprobs":{}'],
      ['"finish_reason":null', '"error":{"message":"x"}'],
      ['"choices":[', '"choices":[{"delta":{"content":"b"}},'],
      ['"object":"chat.completion.chunk"', '"object":"error"'],
      ['"object":"chat.completion.chunk"', '"error":"x"'],
      ['"object":"chat.completion.chunk"', '"timings":{"predicted_n":0.5}'],
      ['"completion_tokens":1', '"completion_tokens":1.5'],
      ['"id":"c-1"', '"\\u0069d":"c-1"'],
      ['"index":0', '"index":-1'],
    ];
    for (const [from, to] of changed) {
      expect(plain).toContain(from);
      expect([to, learnt(plain.replace(from, to))]).toEqual([to, 0]);
    }
  });

  it('events that are not one line of data', () => {
    for (const stream of [
      `event: x\ndata: ${plain}\n\n`,
      `: x\ndata: ${plain}\n\n`,
      `data: ${plain}\n`,
      `data: ${plain}\r\r`,
      `data: ${plain.replace(',', ',\ndata: ')}\n\n`,
    ]) {
      expect(learnt(stream)).toBe(0);
    }
    expect(learnt(`data:${plain}\r\n\r\n`)).toBe(1);
  });

  it('every event of a server that never repeats itself', () => {
    const templates = createTemplateStore();
    for (let i = 0; i < 1000; i++) {
      const bytes = Buffer.from(event(plain.replace('"index"', `"x${i}":${i},"index"`)));
      templates.learn(bytes, 0, bytes.length);
    }
    expect(templates.templates).toBeLessThanOrEqual(8);
  });
});

it('what follows the first token of a push is stamped anew', () => {
  const templates = createTemplateStore();
  const reader = createTemplateReader(templates, createStreamScratch(), (atUs) => atUs + 10);
  const bytes = Buffer.from(`${event(plain)}${event(plain)}${event(plain)}`);
  reader.push(bytes, 0, bytes.length, 1000, 0);
  expect(Array.from(reader.result().chunks.atUs)).toEqual([1000, 1010, 1020]);
});

describe('whole HTTP chunks off the wire', () => {
  const frame = (text: string) => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
  const token = frame(event(plain));

  /** How many bytes are taken behind one chunk that has taught the shape. */
  function taken(wire: string): number {
    const reader = createTemplateReader(createTemplateStore(), createStreamScratch());
    const first = Buffer.from(event(plain));
    reader.push(first, 0, first.length, 1000, 0);
    expect(reader.isSteady).toBe(true);
    const bytes = Buffer.from(wire);
    return reader.pushChunks(bytes, 0, bytes.length, 2000, 1);
  }

  it('are taken when each holds one event of a known shape', () => {
    expect(taken(token)).toBe(token.length);
    expect(taken(token + token.replace('"a"', '"b"'))).toBe(2 * token.length);
    expect(taken(token.replace(/^\w+/, (size) => size.toUpperCase()))).toBe(token.length);
  });

  it.each([
    ['nothing', ''],
    ['a chunk that is cut', token.slice(0, -1)],
    ['a size that is cut', token.slice(0, 2)],
    ['a size with an extension', token.replace('\r\n', ';x=1\r\n')],
    ['a size that is none', `x${token}`],
    ['a size that is too long to be true', `0000000${token}`],
    ['two events in one chunk', frame(event(plain) + event(plain))],
    ['half an event', frame(event(plain).slice(0, 40))],
    ['an event that is cut by its chunk', frame(event(plain).slice(0, -1))],
    ['another event', frame('data: [DONE]\n\n')],
    ['the last chunk', '0\r\n\r\n'],
    ['a chunk without its line end', `${token.slice(0, -2)}xx`],
  ])('leave %s to the ordinary way', (_name, wire) => {
    expect(taken(wire)).toBe(0);
    expect(taken(token + wire)).toBe(token.length);
  });
});
