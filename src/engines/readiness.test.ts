import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pickFreePort } from './free-port.ts';
import { type ReadinessOptions, waitUntilReady } from './readiness.ts';
import type { TestContext } from './test-support.ts';
import { createTestContext } from './test-support.ts';

let ctx: TestContext;
let server: Server;
let port: number;
/** Path -> statuses of the calls in turn; the last one stays. */
let script: Record<string, number[]>;
/** Path -> what a 200 says; else one choice. */
let said: Record<string, string>;
/** Bodies that were posted. */
let asked: Record<string, unknown>[];
const never = new Promise<never>(() => {});

beforeEach(async () => {
  ctx = createTestContext();
  script = {};
  said = {};
  asked = [];
  server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (piece: string) => {
      body += piece;
    });
    request.on('end', () => {
      if (body !== '') asked.push(JSON.parse(body) as Record<string, unknown>);
      const left = script[request.url ?? ''] ?? [404];
      const status = (left.length > 1 ? left.shift() : left[0]) ?? 404;
      const yes = said[request.url ?? ''] ?? JSON.stringify({ choices: [{}] });
      response.writeHead(status).end(status === 200 ? yes : '{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  ctx.cleanUp();
});

const wait = (timeoutMs = 20_000, died = never, more: Partial<ReadinessOptions> = {}) =>
  waitUntilReady(ctx, {
    host: '127.0.0.1',
    port,
    rootUrl: `http://127.0.0.1:${port}`,
    model: 'm',
    startUs: ctx.clock.nowUs(),
    timeoutMs,
    healthPaths: ['/health', '/v1/models'],
    died,
    ...more,
  });

/** Time is up when this much was posted, however long that takes. */
function endAfter(posts: number): void {
  const { clock } = ctx;
  const jump = () => (asked.length < posts ? 0 : 1e12);
  ctx.clock = {
    ...{ wallMs: () => clock.wallMs(), nowUs: () => clock.nowUs() + jump() },
    sleepUntil: (atUs, signal) => clock.sleepUntil(atUs - jump(), signal),
  };
}

describe('waitUntilReady', () => {
  it('goes through the stages in order', async () => {
    script = { '/health': [503, 503, 200], '/v1/completions': [503, 200] };
    const times = await wait();
    expect(times.tcpMs).toBeGreaterThan(0);
    expect(times.healthMs).toBeGreaterThan(times.tcpMs);
    expect(times.generationMs).toBeGreaterThan(times.healthMs);
    expect(times.firstRequestMs).toBeCloseTo(times.generationMs - times.healthMs);
  });

  it('takes the next page where a server has no such one', async () => {
    script = { '/v1/models': [200], '/v1/chat/completions': [200] };
    await wait();
  });

  it.each([
    ['health', { '/health': [503] }, 'GET /health: HTTP 503'],
    [
      'generation',
      { '/health': [200], '/v1/completions': [500] },
      'POST /v1/completions: HTTP 500',
    ],
  ])('names the stage that was not reached: %s', async (stage, answers, last) => {
    script = answers as Record<string, number[]>;
    await expect(wait(1000)).rejects.toMatchObject({
      code: 'ENGINE_NOT_READY',
      details: { stage, last: expect.stringContaining(last) },
    });
  });

  describe('of a server that has to stream chat', () => {
    const chat = { generation: 'chat-stream', refusals: [401, 403] } as const;
    const stream = 'data: {"choices":[{"delta":{"content":"Yes"}}]}\r\n\r\ndata: [DONE]\r\n\r\n';

    it('asks for nothing else, and takes a stream or one piece', async () => {
      script = { '/health': [200], '/v1/chat/completions': [200] };
      said['/v1/chat/completions'] = stream;
      await wait(20_000, never, chat);
      said = {};
      await wait(20_000, never, chat);
      expect(asked).toHaveLength(2);
      expect(asked[0]).toMatchObject({ model: 'm', stream: true, messages: [{ role: 'user' }] });
    });

    it.each([
      ['chat fails', 500, '{}'],
      ['the stream has no choice', 200, 'data: {"choices":[]}\n\ndata: [DONE]\n\n'],
    ])('is not ready where %s, whatever else it serves', async (_, status, text) => {
      script = { '/health': [200], '/v1/completions': [200], '/v1/chat/completions': [status] };
      said['/v1/chat/completions'] = text;
      endAfter(3);
      await expect(wait(600_000, never, chat)).rejects.toMatchObject({
        message: expect.stringContaining(`last seen: POST /v1/chat/completions: HTTP ${status}`),
      });
    });

    it.each([
      ['health', { '/health': [401] }, 'GET /health: HTTP 401'],
      [
        'generation',
        { '/health': [200], '/v1/chat/completions': [403] },
        'POST /v1/chat/completions: HTTP 403',
      ],
    ])('does not wait where it is refused: %s', async (stage, answers, last) => {
      script = answers as Record<string, number[]>;
      const error: unknown = await wait(600_000, never, chat).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({
        code: 'ENGINE_NOT_READY',
        message: expect.stringContaining(last),
        details: { stage },
      });
      expect(String(error)).not.toContain('Waited');
    });
  });

  it('tells by which names the server knows its models, where the one asked for is not among them', async () => {
    script = { '/health': [200], '/v1/models': [200], '/v1/completions': [404] };
    said['/v1/models'] = JSON.stringify({ data: [{ id: 'a' }, { id: 'b' }] });
    endAfter(4);
    await expect(wait(600_000)).rejects.toThrow('asked for "m", GET /v1/models lists "a", "b"');
    said['/v1/models'] = JSON.stringify({ data: [{ id: 'a' }, { id: 'm' }] });
    asked = [];
    await expect(wait(600_000)).rejects.toThrow(/HTTP 404 \{\}\.$/);
  });

  it('names the port when nothing listens', async () => {
    port = await pickFreePort('127.0.0.1');
    await expect(wait(200)).rejects.toMatchObject({ details: { stage: 'tcp' } });
  });

  it('ends when the process does, or the user gives up', async () => {
    script = { '/health': [503] };
    await expect(wait(20_000, Promise.reject(new Error('crashed')))).rejects.toThrow('crashed');
    ctx.signal = AbortSignal.abort(new Error('enough'));
    await expect(wait()).rejects.toThrow('enough');
  });
});
