import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pickFreePort } from './free-port.ts';
import { waitUntilReady } from './readiness.ts';
import type { TestContext } from './test-support.ts';
import { createTestContext } from './test-support.ts';

let ctx: TestContext;
let server: Server;
let port: number;
/** Path -> statuses of the calls in turn; the last one stays. */
let script: Record<string, number[]>;
const never = new Promise<never>(() => {});

beforeEach(async () => {
  ctx = createTestContext();
  script = {};
  server = createServer((request, response) => {
    const left = script[request.url ?? ''] ?? [404];
    const status = (left.length > 1 ? left.shift() : left[0]) ?? 404;
    response.writeHead(status).end(JSON.stringify(status === 200 ? { choices: [{}] } : {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
  ctx.cleanUp();
});

const wait = (timeoutMs = 20_000, died = never) =>
  waitUntilReady(ctx, {
    host: '127.0.0.1',
    port,
    rootUrl: `http://127.0.0.1:${port}`,
    model: 'm',
    startUs: ctx.clock.nowUs(),
    timeoutMs,
    healthPaths: ['/health', '/v1/models'],
    died,
  });

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
