import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBenchError } from '../core/index.ts';
import { createSseParser, type SseEvent } from './sse-parser.ts';

function parseCut(bytes: Uint8Array, cuts: readonly number[]): SseEvent[] {
  const events: SseEvent[] = [];
  const parser = createSseParser((event) => events.push(event));
  const edges = [0, ...[...cuts].sort((x, y) => x - y), bytes.length];
  for (let i = 1; i < edges.length; i++) parser.push(bytes.subarray(edges[i - 1], edges[i]));
  parser.end();
  return events;
}

const parseText = (text: string) => parseCut(Buffer.from(text), []);

/** The standard's algorithm on the whole decoded text at once: the oracle. */
function parseWhole(bytes: Uint8Array): SseEvent[] {
  const text = new TextDecoder('utf-8').decode(bytes);
  const lines = text.split(/\r\n|\r|\n/);
  lines.pop();
  const events: SseEvent[] = [];
  let data = '';
  let event = '';
  let id = '';
  for (const line of lines) {
    if (line === '') {
      if (data !== '') events.push({ event: event || 'message', data: data.slice(0, -1), id });
      data = '';
      event = '';
      continue;
    }
    const colon = line.indexOf(':');
    if (colon === 0) continue;
    const name = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') data += `${value}\n`;
    if (name === 'event') event = value;
    if (name === 'id' && !value.includes('\0')) id = value;
  }
  return events;
}

describe('the event-stream parser', () => {
  it.each<[string, string, string[]]>([
    // The first three are the examples of the standard.
    ['multi-line data', 'data: YHOO\ndata: +2\ndata: 10\n\n', ['YHOO\n+2\n10']],
    ['empty data lines', 'data\n\ndata\ndata\n\ndata:\n', ['', '\n']],
    ['one optional space', 'data:test\n\ndata:  test\n\n', ['test', ' test']],
    ['CRLF', 'data: a\r\n\r\ndata: b\r\n\r\n', ['a', 'b']],
    ['lone CR', 'data: a\r\rdata: b\r\r', ['a', 'b']],
    ['mixed line ends', 'data: a\r\n\ndata: b\r\r\ndata: c\n\r', ['a', 'b', 'c']],
    ['comments', ': keepalive 1/2\n:\n\ndata: a\n: x\n\n', ['a']],
    ['a byte order mark, once', '\ufeffdata: a\n\n\ufeffdata: b\n\ndata: c\n\n', ['a', 'c']],
    ['unknown fields', 'error: x\ndatas: y\ndata : z\nretry: abc\ndata: a\n\n', ['a']],
    ['an event without its blank line', 'data: a\n\ndata: b\n', ['a']],
    ['colons in the value', 'data: {"a":": b"}\n\n', ['{"a":": b"}']],
  ])('reads %s', (_name, text, expected) => {
    expect(parseText(text).map((event) => event.data)).toEqual(expected);
  });

  it('keeps event names, ids and the retry time', () => {
    const events: SseEvent[] = [];
    const parser = createSseParser((event) => events.push(event));
    parser.push(Buffer.from('event: error\nid: 7\nretry: 250\ndata: x\n\ndata: y\n\nid: \0\n'));
    parser.push(Buffer.from('id\ndata: z\n\nevent: lost\n\ndata: w\n\n'));
    expect(events).toEqual([
      { event: 'error', data: 'x', id: '7' },
      { event: 'message', data: 'y', id: '7' },
      { event: 'message', data: 'z', id: '' },
      { event: 'message', data: 'w', id: '' },
    ]);
    expect(parser.retryMs).toBe(250);
  });

  it('gives an event as soon as its last line end is there, also a lone CR', () => {
    const events: SseEvent[] = [];
    const parser = createSseParser((event) => events.push(event));
    parser.push(Buffer.from('data: a\r\n\r'));
    expect(events).toHaveLength(1);
    parser.push(Buffer.from('\ndata: b\n\n'));
    expect(events.map((event) => event.data)).toEqual(['a', 'b']);
  });

  it('says how much it threw away at the end', () => {
    const parser = createSseParser(() => undefined);
    parser.push(Buffer.from('data: a\n\ndata: b\nda'));
    parser.end();
    expect(parser.pendingBytes).toBe(9);
  });

  it('does not keep the bytes it was given', () => {
    const events: SseEvent[] = [];
    const parser = createSseParser((event) => events.push(event));
    const bytes = Buffer.from('data: abc');
    parser.push(bytes);
    bytes.fill(0x21);
    parser.push(Buffer.from('d\n\n'));
    expect(events[0]?.data).toBe('abcd');
  });

  it.each([
    ['a line', 'data: 0123456789\n\n'],
    ['a line without end', 'data: 0123456789'],
    ['the lines of an event', 'data: 01\ndata: 23\ndata: 45\n\n'],
  ])('refuses %s over the limit with a typed error, wherever it is cut', (_name, text) => {
    for (let cut = 0; cut <= text.length; cut++) {
      const parser = createSseParser(() => undefined, { maxLineBytes: 12 });
      const feed = () => {
        parser.push(Buffer.from(text.slice(0, cut)));
        parser.push(Buffer.from(text.slice(cut)));
      };
      expect(feed).toThrow(expect.objectContaining({ code: 'TARGET_SSE_LINE_TOO_LONG' }));
    }
  });

  it('reads a large read at once and many events per read', () => {
    const text = `data: ${'x'.repeat(100)}\n\n`.repeat(20_000);
    expect(parseText(text)).toHaveLength(20_000);
  });

  const lineish = fc.constantFrom(
    'data: a',
    'data',
    'data:é€😀',
    'event: e',
    'id: 1',
    ': c',
    ':',
    'x',
    '\ufeff',
    '\n',
    '\n\n',
    '\r',
    '\r\n',
  );
  const streams = fc.oneof(
    fc
      .array(lineish, { maxLength: 40 })
      .map((parts) => new Uint8Array(Buffer.from(parts.join('')))),
    fc.uint8Array({ maxLength: 200 }),
  );

  it('gives the same events as the standard on whole text, cut anywhere', () => {
    fc.assert(
      fc.property(streams, fc.array(fc.nat(250)), (bytes, anyCuts) => {
        const cuts = anyCuts.map((cut) => Math.min(cut, bytes.length));
        expect(parseCut(bytes, cuts)).toEqual(parseWhole(bytes));
      }),
      { numRuns: 2000 },
    );
  });

  it('gives the same events for every pair of cuts through a stream with everything', () => {
    const bytes = Buffer.from(
      '\ufeffevent: e\r\nid: é\r\rdata: 😀\r\n: c\ndata:€\r\n\r\ndata: z\n\n',
    );
    const expected = parseWhole(bytes);
    expect(expected).toHaveLength(2);
    for (let i = 0; i <= bytes.length; i++) {
      for (let j = i; j <= bytes.length; j++) expect(parseCut(bytes, [i, j])).toEqual(expected);
    }
  });

  it('throws nothing but its own error on noise', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 60 })),
        fc.integer({ min: 4, max: 50 }),
        (reads, limit) => {
          const parser = createSseParser(() => undefined, { maxLineBytes: limit });
          for (const read of reads) {
            try {
              parser.push(read);
            } catch (error) {
              expect(isBenchError(error) && error.code).toBe('TARGET_SSE_LINE_TOO_LONG');
            }
          }
          parser.end();
        },
      ),
      { numRuns: 1000 },
    );
  });
});
