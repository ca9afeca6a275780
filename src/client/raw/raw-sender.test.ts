import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../core/index.ts';
import type { PlannedRequest, RequestRecord } from '../../model/index.ts';
import { type ClientTarget, defaultTarget } from '../client-target.ts';
import { createSender } from '../create-sender.ts';
import { buildBody } from '../request-body.ts';
import { detailsOf } from '../sent-details.ts';
import { createPollStamps } from './poll-stamps.ts';
import { createRawSender, type RawSender } from './raw-sender.ts';
import { createRequestBytes } from './request-bytes.ts';
import { isTextKept } from './text-sample.ts';

// What the two transports have in common is in src/testing/sender-cases.ts.

const clock: Clock = {
  nowUs: () => performance.now() * 1000,
  wallMs: () => 0,
  sleepUntil: () => Promise.resolve(),
};

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Calls back with every request's bytes and the socket to answer on. */
function listen(answer: (request: string, socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes) => answer(bytes.toString(), socket));
  });
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
    });
  });
}

const target: ClientTarget = {
  ...defaultTarget,
  url: 'http://127.0.0.1:9/v1',
  api: 'chat',
  model: 'm',
  timeouts: { connectMs: 5000, firstTokenMs: 5000, totalMs: 10_000 },
};

function open(url: string): RawSender {
  const sender = createRawSender({ ...target, url }, { clock });
  cleanups.push(() => sender.close());
  return sender;
}

const plannedAt = (index: number): PlannedRequest => ({
  index,
  intendedUs: 0,
  inputTokens: 5,
  outputTokens: 2,
  prompt: { dataset: 'd', seed: 1, row: null },
});

const contextOf = (requestId: string, promptText = 'hello') => ({
  level: 0,
  requestId,
  intendedUs: 0,
  counted: true,
  originUs: 0,
  promptText,
  signal: new AbortController().signal,
});

const send = (sender: RawSender, index = 0): Promise<RequestRecord> =>
  sender.send(plannedAt(index), contextOf(`r-${index}`));

const head =
  'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n';
const chunk = (value: unknown) => {
  const event = `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;
  return `${event.length.toString(16)}\r\n${event}\r\n`;
};
const say = (content: string) => chunk({ choices: [{ index: 0, delta: { content } }] });
const usage = (tokens: number) => chunk({ choices: [], usage: { completion_tokens: tokens } });
const reply = (tokens = 2) =>
  `${head}${say('a')}${say('b')}${usage(tokens)}${chunk('[DONE]')}0\r\n\r\n`;

/** So many turns of the event loop later: what was written before has been read. */
const afterTurns = (turns: number, work: () => void): void =>
  void setImmediate(() => (turns === 0 ? work() : afterTurns(turns - 1, work)));

describe('the raw sender', () => {
  it('passes over 100 Continue', async () => {
    const url = await listen((_request, socket) => {
      socket.write(`HTTP/1.1 100 Continue\r\n\r\n${reply()}`);
    });
    expect(await send(open(url))).toMatchObject({ outcome: 'ok', status: 200 });
  });

  it('sends bytes that were made ahead', async () => {
    const seen: string[] = [];
    const url = await listen((request, socket) => {
      seen.push(request);
      socket.write(reply());
    });
    const sender = open(url);
    const request = plannedAt(0);
    sender.prepareRequest(request, contextOf('r-0', 'made ahead'));
    await sender.send(request, contextOf('r-0', 'made when sent'));
    await sender.send(request, contextOf('r-0', 'made when sent'));
    sender.prepareRequest(request, contextOf('r-0', 'made ahead'));
    await sender.send(request, contextOf('r-1', 'of another id'));
    expect(seen.map((text) => /made ahead|made when sent|of another id/.exec(text)?.[0])).toEqual([
      'made ahead',
      'made when sent',
      'of another id',
    ]);
  });

  it('opens connections ahead without a byte on them, and none where each is used once', async () => {
    const url = await listen(() => expect.unreachable());
    const sender = open(url);
    await sender.prepare?.(3);
    const single = createRawSender({ ...target, url, connectionReuse: 'never' }, { clock });
    await single.prepare?.(3);
    await single.close();
  });

  it('takes the head of a response for what the poll saw, and its first token for later', async () => {
    const waiting: Socket[] = [];
    const url = await listen((_request, socket) => {
      waiting.push(socket);
      if (waiting.length < 8) return;
      for (const one of waiting) one.write(reply());
    });
    const sender = open(url);
    const records = await Promise.all(Array.from({ length: 8 }, (_, i) => send(sender, i)));
    const heads = records.map((record) => Number(record.headersUs));
    const firsts = records.map((record) => Number(record.chunks.atUs[0]));
    expect(new Set(heads).size).toBeLessThan(5);
    expect(new Set(firsts).size).toBeGreaterThan(new Set(heads).size);
    records.forEach((_, i) => {
      expect(Number(firsts[i])).toBeGreaterThanOrEqual(Number(heads[i]));
    });
  });

  it('stamps reads of one poll alike, but not what follows their first token', async () => {
    const waiting: Socket[] = [];
    const url = await listen((_request, socket) => {
      socket.write(head);
      waiting.push(socket);
      if (waiting.length < 8) return;
      // All in one turn of this process's event loop: the client's next poll finds all of them.
      afterTurns(10, () => {
        for (const one of waiting) one.write(reply().slice(head.length));
      });
    });
    const sender = open(url);
    const records = await Promise.all(Array.from({ length: 8 }, (_, i) => send(sender, i)));
    const firsts = records.map((record) => Number(record.chunks.atUs[0]));
    const seconds = records.map((record) => Number(record.chunks.atUs[1]));
    expect(records.every((record) => record.chunks.read[1] === 0)).toBe(true);
    // The writes may be spread over two polls, not over eight.
    expect(new Set(firsts).size).toBeLessThan(5);
    expect(new Set(seconds).size).toBeGreaterThan(new Set(firsts).size);
    records.forEach((record, i) => {
      expect(Number(seconds[i])).toBeGreaterThanOrEqual(Number(firsts[i]));
      expect(record.endUs).toBeGreaterThanOrEqual(Number(seconds[i]));
      expect(Number(firsts[i])).toBeGreaterThanOrEqual(Number(record.sentUs));
    });
  });

  it('keeps texts where they are needed: a sample, and where chunks are not tokens', async () => {
    let tokens = 2;
    const url = await listen((_request, socket) => socket.write(reply(tokens)));
    const sender = open(url);
    const textOf = (record: RequestRecord) => detailsOf(record)?.text.lanes[0]?.text;
    expect(textOf(await send(sender, 3))).toBe('ab');
    expect(isTextKept(65)).toBe(false);
    expect(textOf(await send(sender, 65))).toBeUndefined();
    tokens = 5;
    expect(textOf(await send(sender, 65))).toBe('ab');
  });

  it('is not for https', () => {
    expect(() => createRawSender({ ...target, url: 'https://h/v1' }, { clock })).toThrow(
      /http URL/,
    );
  });
});

describe('the transport by itself', () => {
  const chosen = (changes: Partial<ClientTarget>) =>
    createSender({ ...target, ...changes }, { clock }).transport;

  it('is raw for http, undici for https and for headers that frame', () => {
    expect(chosen({})).toBe('raw');
    expect(chosen({ url: 'http://user:pass@h/v1' })).toBe('raw');
    expect(chosen({ url: 'https://h/v1' })).toBe('undici');
    expect(chosen({ headers: { 'Transfer-Encoding': 'chunked' } })).toBe('undici');
    expect(createSender(target, { clock }, 'undici').transport).toBe('undici');
  });
});

describe('the bytes of a request', () => {
  const split = (bytes: Buffer) => {
    const at = bytes.indexOf('\r\n\r\n');
    return { lines: bytes.toString('latin1', 0, at).split('\r\n'), body: bytes.subarray(at + 4) };
  };

  it.each([
    'hello',
    '',
    '"\\\n\u2028grün 😀',
    '\ud800',
    '\u0001the prompt of inferencebench\u0001',
  ])('hold the same body as JSON.stringify: %j', (promptText) => {
    for (const extraBody of [{}, { messages: [] }, { stop: ['\u0001'], n: 2 }]) {
      const own = { ...target, extraBody };
      const bytes = createRequestBytes(own).of(
        { index: 0, outputTokens: 7 },
        { requestId: 'r', promptText },
      );
      const { lines, body } = split(bytes);
      const expected = Buffer.from(JSON.stringify(buildBody(own, { outputTokens: 7 }, promptText)));
      expect(body.equals(expected)).toBe(true);
      expect(lines).toContain(`content-length: ${expected.length}`);
      expect(lines[0]).toBe('POST /v1/chat/completions HTTP/1.1');
    }
  });

  it('take a body that is bytes already, and an id that cannot end its line', () => {
    const body = Buffer.from('{"x":"ü"}');
    const bytes = createRequestBytes(target).of(
      { index: 0, outputTokens: 7 },
      { requestId: 'a\r\nx-evil: 1', promptText: 'no', body },
    );
    expect(split(bytes).body).toEqual(body);
    expect(split(bytes).lines.filter((line) => line.startsWith('x-'))).toEqual([
      'x-request-id: ax-evil: 1',
    ]);
  });

  it('leave the port away where it is the usual one, and keep brackets', () => {
    const lineOf = (url: string) =>
      split(
        createRequestBytes({ ...target, url }).of(
          { index: 0, outputTokens: 7 },
          { requestId: 'r', promptText: 'p' },
        ),
      ).lines[1];
    expect(lineOf('http://example.test:80/v1')).toBe('host: example.test');
    expect(lineOf('http://[::1]:8000/v1')).toBe('host: [::1]:8000');
  });
});

describe('stamps', () => {
  it('are those of the poll once per socket and turn, and fresh otherwise', async () => {
    let now = 0;
    const stamps = createPollStamps({ ...clock, nowUs: () => ++now });
    const idle = stamps.turn;
    stamps.begin(-1);
    expect([stamps.nowUs, stamps.isReused]).toEqual([1, false]);
    // A socket that was written to before this turn.
    stamps.begin(idle);
    expect([stamps.nowUs, stamps.isReused]).toEqual([1, true]);
    // One that was read, or written to, in this turn.
    stamps.begin(stamps.turn);
    expect([stamps.nowUs, stamps.isReused]).toEqual([2, false]);
    stamps.begin(-1);
    expect([stamps.nowUs, stamps.isReused]).toEqual([1, true]);
    expect([stamps.refresh(), stamps.nowUs, stamps.isReused]).toEqual([3, 3, false]);
    const turn = stamps.turn;
    await new Promise((resolve) => setImmediate(resolve));
    expect(stamps.turn).not.toBe(turn);
    stamps.begin(turn);
    expect([stamps.nowUs, stamps.isReused]).toEqual([4, false]);
  });

  it('are taken anew before the system polls a second time in one turn', () => {
    let now = 0;
    const stamps = createPollStamps({ ...clock, nowUs: () => ++now });
    const seen = Array.from({ length: 3000 }, () => {
      stamps.begin(-1);
      return stamps.nowUs;
    });
    expect(new Set(seen).size).toBe(3);
  });
});

it('the sample of texts is all of the first 64 and stays near 512 of a million', () => {
  const kept = Array.from({ length: 1_000_000 }, (_, i) => isTextKept(i));
  expect(kept.slice(0, 64).every(Boolean)).toBe(true);
  expect(kept.slice(64, 128).filter(Boolean)).toHaveLength(32);
  expect(kept.slice(500_000).filter(Boolean).length).toBeGreaterThan(16);
  expect(kept.filter(Boolean).length).toBeLessThan(600);
});
