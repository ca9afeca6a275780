import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { sendRaw } from './raw-client.ts';
import { createRealAgenda, hrtimeUs } from './real-agenda.ts';
import { spawnSimServer } from './sim-process.ts';
import { type SimServer, startSimServer } from './sim-server.ts';
import type { SimSpecInput } from './sim-spec.ts';

let server: SimServer | null = null;
afterEach(async () => {
  await server?.stop();
  server = null;
});

const start = async (spec: SimSpecInput): Promise<SimServer> => {
  server = await startSimServer(spec);
  return server;
};
const fixed: SimSpecInput = {
  prefill: { baseMs: 40, perTokenMs: 0 },
  decode: { kind: 'constant', itlMs: 10 },
};
const generate = (port: number, extra: object = {}, headers: Record<string, string> = {}) =>
  sendRaw(port, {
    path: '/v1/completions',
    body: { model: 'sim-model', prompt: 'a b c', max_tokens: 5, stream: true, ...extra },
    headers,
  });
const until = async (isTrue: () => boolean): Promise<void> => {
  for (let i = 0; i < 400 && !isTrue(); i++) await new Promise((done) => setTimeout(done, 5));
  expect(isTrue()).toBe(true);
};

describe('startSimServer', () => {
  it('writes tokens at their instants and logs when it did', async () => {
    const { port, truth } = await start(fixed);
    const reply = await generate(port, { max_tokens: 40 }, { 'x-request-id': 'abc' });
    const [record] = truth;
    expect(record).toMatchObject({
      number: 1,
      requestId: 'abc',
      path: '/v1/completions',
      stream: true,
      promptTokens: 3,
      outputTokens: 40,
      fault: null,
      status: 200,
      outcome: 'complete',
    });
    if (!record?.queuedUs || !record.startedUs || !record.endUs) throw new Error('no stamps');
    expect(record.receivedUs).toBeGreaterThanOrEqual(reply.sentUs);
    expect(record.startedUs).toBe(record.queuedUs);
    // Never early; late only by the mood of the machine, and lateness does not add up.
    const lateMs = record.tokens.map(
      ({ atUs }, i) => (atUs - (record.startedUs ?? 0)) / 1000 - 40 - i * 10,
    );
    expect(Math.min(...lateMs)).toBeGreaterThan(-0.001);
    expect(Math.min(...lateMs)).toBeLessThan(20);
    // The bytes came when the log says: a read that brought tokens comes after their writes.
    let seen = 0;
    for (const { atUs, bytes } of reply.reads) {
      seen += bytes.toString().split('"text":"').length - 1;
      if (seen > 0) expect(atUs).toBeGreaterThanOrEqual(record.tokens[seen - 1]?.atUs ?? 0);
    }
    expect(seen).toBe(40);
    expect(record.endUs).toBeGreaterThanOrEqual(record.tokens[39]?.atUs ?? 0);
  });

  it('queues behind its slots and turns away what the queue cannot hold', async () => {
    const { port, truth, load } = await start({
      ...fixed,
      prefill: { baseMs: 500, perTokenMs: 0 },
      slots: 1,
      queue: 1,
      queueFullStatus: 429,
    });
    const first = generate(port);
    await until(() => load().running === 1);
    const second = generate(port);
    await until(() => load().waiting === 1);
    const metrics = await sendRaw(port, { path: '/metrics' });
    expect(metrics.body.toString()).toMatch(/^vllm:num_requests_running\{[^}]*\} 1$/m);
    expect(metrics.body.toString()).toMatch(/^vllm:num_requests_waiting\{[^}]*\} 1$/m);
    expect((await generate(port)).status).toBe(429);
    expect([(await first).status, (await second).status]).toEqual([200, 200]);
    const [a, b, c] = truth;
    expect((b?.startedUs ?? 0) - (a?.startedUs ?? 0)).toBeCloseTo(540_000, 3);
    expect(c).toMatchObject({ outcome: 'refused', startedUs: null, tokens: [] });
  });

  it('frees the slot when the client leaves', async () => {
    const { port, truth, load } = await start({ slots: 1, prefill: { baseMs: 60_000 } });
    const text = JSON.stringify({ model: 'sim-model', prompt: 'x', stream: true });
    const open = () => {
      const socket = connect(port, '127.0.0.1');
      const head = `POST /v1/completions HTTP/1.1\r\nHost: x\r\nContent-Length: ${text.length}`;
      socket.write(`${head}\r\n\r\n${text}`);
      return socket;
    };
    const first = open();
    await until(() => load().running === 1);
    const second = open();
    await until(() => load().waiting === 1);
    first.destroy();
    await until(() => load().running === 1 && load().waiting === 0);
    second.destroy();
    await until(() => load().running === 0);
    expect(truth.map((record) => record.outcome)).toEqual(['disconnected', 'disconnected']);
    expect(truth[1]?.startedUs).not.toBeNull();
  });

  it('answers whole when no stream is asked for', async () => {
    const { port } = await start({ ...fixed, chatTemplateTokens: 4 });
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'one two' }] }];
    const reply = await sendRaw(port, {
      path: '/v1/chat/completions',
      body: { model: 'sim-model', messages, max_completion_tokens: 2 },
    });
    expect(JSON.parse(reply.body.toString())).toMatchObject({
      object: 'chat.completion',
      choices: [{ message: { role: 'assistant', content: 'fox river' }, finish_reason: 'length' }],
      usage: { prompt_tokens: 6, completion_tokens: 2, total_tokens: 8 },
    });
  });

  it('stops early with the given probability, also against ignore_eos when told so', async () => {
    const stopEarly = { probability: 1, ignoresIgnoreEos: false };
    const { port, truth } = await start({ ...fixed, stopEarly });
    const short = await generate(port, { max_tokens: 30 });
    expect(short.body.toString()).toContain('"finish_reason":"stop"');
    expect(truth[0]?.outputTokens).toBeLessThan(30);
    await generate(port, { max_tokens: 30, ignore_eos: true });
    expect(truth[1]?.outputTokens).toBe(30);
    await server?.stop();
    const rude = await start({ ...fixed, stopEarly: { ...stopEarly, ignoresIgnoreEos: true } });
    await generate(rude.port, { max_tokens: 30, ignore_eos: true });
    expect(rude.truth[0]?.outputTokens).toBeLessThan(30);
  });

  it('checks model, context, prompt and body', async () => {
    const { port } = await start({ ...fixed, contextTokens: 20 });
    expect((await generate(port, { model: 'other' })).status).toBe(404);
    expect((await generate(port, { max_tokens: 18 })).status).toBe(400);
    expect((await generate(port, { prompt: '' })).status).toBe(400);
    expect((await generate(port, { prompt: [5, 6, 7, 8], max_tokens: 16 })).status).toBe(200);
    expect((await sendRaw(port, { path: '/v1/completions', body: [1] })).status).toBe(400);
    expect((await sendRaw(port, { path: '/v1/nothing', body: {} })).status).toBe(404);
  });

  it('knows its models, health, tokenizer in both dialects, props', async () => {
    const { port } = await start({ models: ['m1', 'm2'], slots: 3, routes: { props: true } });
    const get = async (path: string, body?: object) =>
      JSON.parse((await sendRaw(port, { path, ...(body && { body }) })).body.toString());
    expect((await get('/v1/models')).data.map((m: { id: string }) => m.id)).toEqual(['m1', 'm2']);
    expect(await get('/health')).toEqual({ status: 'ok' });
    const { tokens } = await get('/tokenize', { content: 'fox and fox' });
    expect([tokens.length, tokens[0] === tokens[2], tokens[0] === tokens[1]]).toEqual([
      3,
      true,
      false,
    ]);
    expect((await get('/tokenize', { model: 'm1', prompt: 'fox and fox' })).tokens).toEqual(tokens);
    const messages = [{ role: 'user', content: 'fox' }];
    expect((await get('/tokenize', { messages })).count).toBe(9);
    expect((await get('/props')).total_slots).toBe(3);
  });

  it('asks for its key, and is not ready at once', async () => {
    const { port } = await start({ apiKey: 'k1' });
    expect((await generate(port)).status).toBe(401);
    expect((await generate(port, { max_tokens: 1 }, { authorization: 'Bearer k1' })).status).toBe(
      200,
    );
    expect((await sendRaw(port, { path: '/health' })).status).toBe(200);
    await server?.stop();
    const slow = await start({ readyAfterMs: 60_000 });
    expect((await sendRaw(slow.port, { path: '/health' })).status).toBe(503);
  });

  it('reports cached prompt tokens', async () => {
    const { port, truth } = await start({ ...fixed, prefixCache: { blockTokens: 2 } });
    await generate(port);
    const again = await generate(port, { stream_options: { include_usage: true } });
    expect(truth.map((record) => record.cachedTokens)).toEqual([0, 2]);
    expect(again.body.toString()).toContain('"prompt_tokens_details":{"cached_tokens":2}');
  });

  it('says when it cannot listen', async () => {
    const { port } = await start({});
    await expect(startSimServer({}, { port })).rejects.toMatchObject({ code: 'PREREQ_SIM_LISTEN' });
  });
});

describe('createRealAgenda', () => {
  it('runs entries in order, never early, and forgets them when closed', async () => {
    const agenda = createRealAgenda({ nowUs: hrtimeUs });
    const startUs = agenda.nowUs();
    const ran: number[] = [];
    for (const ms of [12, 3, 7, 3.5]) {
      agenda.at(startUs + ms * 1000, (atUs) => {
        expect(hrtimeUs()).toBeGreaterThanOrEqual(atUs);
        ran.push(ms);
      });
    }
    agenda.at(startUs + 5000, () => ran.push(5)).cancel();
    await until(() => ran.length === 4);
    expect(ran).toEqual([3, 3.5, 7, 12]);
    agenda.at(agenda.nowUs() + 1000, () => ran.push(0));
    agenda.close();
    await new Promise((done) => setTimeout(done, 20));
    expect(ran).toHaveLength(4);
  });
});

describe('spawnSimServer', () => {
  it('serves from its own process, gives its truth, ends with its stdin', async () => {
    const child = await spawnSimServer(fixed);
    const port = Number(new URL(child.url).port);
    const beforeUs = hrtimeUs();
    const reply = await generate(port, {}, { 'x-request-id': 'from-here' });
    const [record] = await child.truth();
    expect([reply.status, record?.requestId, record?.tokens.length]).toEqual([200, 'from-here', 5]);
    // Both processes read the same monotonic clock.
    expect(record?.receivedUs).toBeGreaterThan(beforeUs);
    expect(record?.endUs).toBeLessThan(hrtimeUs());
    expect(child.pid).not.toBe(process.pid);
    await child.stop();
    expect((await generate(port)).end).toBe('ECONNREFUSED');
  }, 30_000);

  it('refuses a bad spec here, and says why a child did not start', async () => {
    await expect(spawnSimServer({ slots: -1 })).rejects.toMatchObject({ code: 'USAGE_SIM_SPEC' });
    const { port } = await start({});
    await expect(spawnSimServer({}, { port })).rejects.toMatchObject({
      code: 'PREREQ_SIM_PROCESS',
      message: expect.stringContaining(`127.0.0.1:${port}`),
    });
  }, 30_000);
});
