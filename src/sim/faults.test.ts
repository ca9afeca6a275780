import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createFaultPlan } from './fault-plan.ts';
import type { FaultInput } from './fault-spec.ts';
import { parseSimSpec } from './parse-sim-spec.ts';
import { sendRaw } from './raw-client.ts';
import { type SimServer, startSimServer } from './sim-server.ts';

let server: SimServer | null = null;
afterEach(async () => {
  await server?.stop();
  server = null;
});

const body = { model: 'sim-model', prompt: 'a b c', max_tokens: 4, stream: true };

/** One streamed request that the fault hits. */
async function suffer(fault: FaultInput, giveUpMs = 5000) {
  server = await startSimServer({
    prefill: { baseMs: 10, perTokenMs: 0 },
    decode: { kind: 'constant', itlMs: 5 },
    faults: [fault],
  });
  const reply = await sendRaw(server.port, { path: '/v1/completions', body, giveUpMs });
  const text = reply.body.toString('utf8');
  const truth = server.truth[0];
  return { reply, text, truth, texts: text.match(/"text":"[^"]+"/g)?.length ?? 0 };
}

describe('faults on the wire', () => {
  it('HTTP errors, with the usual body or another', async () => {
    const plain = await suffer({ kind: 'http', status: 500 });
    expect([plain.reply.status, JSON.parse(plain.text).error.code]).toEqual([500, 500]);
    expect(plain.truth).toMatchObject({
      fault: 'http',
      status: 500,
      outcome: 'refused',
      tokens: [],
    });
    await server?.stop();
    const busy = await suffer({ kind: 'http', status: 429, headers: { 'retry-after': '7' } });
    expect([busy.reply.status, busy.reply.headers['retry-after']]).toEqual([429, '7']);
    await server?.stop();
    const gone = await suffer({ kind: 'http', status: 404 });
    expect(gone.text).toBe('{"detail":"Not Found"}');
    await server?.stop();
    const own = await suffer({
      kind: 'http',
      status: 502,
      body: 'oops',
      contentType: 'text/plain',
    });
    expect([own.reply.status, own.text, own.reply.headers['content-type']]).toEqual([
      502,
      'oops',
      'text/plain',
    ]);
  });

  it('model-not-found and context-length in their engines’ words', async () => {
    const model = await suffer({ kind: 'model-not-found' });
    expect(model.reply.status).toBe(404);
    expect(JSON.parse(model.text).error).toMatchObject({ type: 'NotFoundError', param: 'model' });
    await server?.stop();
    const context = await suffer({ kind: 'context-length' });
    expect(context.reply.status).toBe(400);
    expect(JSON.parse(context.text).error.type).toBe('exceed_context_size_error');
  });

  it('html, whole JSON, empty body, garbage: all 200', async () => {
    const html = await suffer({ kind: 'html' });
    expect([html.reply.status, html.reply.headers['content-type']?.slice(0, 9)]).toEqual([
      200,
      'text/html',
    ]);
    await server?.stop();
    const json = await suffer({ kind: 'json-not-sse' });
    expect(json.reply.headers['content-type']).toBe('application/json');
    expect(JSON.parse(json.text)).toMatchObject({
      choices: [{ text: 'fox river stone cloud', finish_reason: 'length' }],
      usage: { prompt_tokens: 3, completion_tokens: 4 },
    });
    await server?.stop();
    const empty = await suffer({ kind: 'empty-body' });
    expect([empty.reply.status, empty.text]).toEqual([200, '']);
    await server?.stop();
    const garbage = await suffer({ kind: 'garbage' });
    expect(garbage.reply.headers['content-type']).toBe('text/event-stream');
    expect(() => JSON.parse(garbage.text.split('\n')[0]?.slice(6) ?? '')).toThrow();
  });

  it('gzip: a whole stream inside', async () => {
    const { reply, truth } = await suffer({ kind: 'gzip' });
    expect(reply.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(reply.body).toString()).toMatch(/fox river stone cloud[\s\S]*\[DONE\]/);
    expect(truth?.outcome).toBe('cut');
  });

  it('hangs: before the headers, before the first token, for ever in mid-stream', async () => {
    const headers = await suffer({ kind: 'hang-before-headers' }, 300);
    expect([headers.reply.end, headers.reply.status]).toEqual(['gave-up', null]);
    await server?.stop();
    const token = await suffer({ kind: 'hang-before-first-token' }, 400);
    expect([token.reply.end, token.reply.status, token.text]).toEqual(['gave-up', 200, '']);
    await server?.stop();
    const stall = await suffer({ kind: 'stall', afterTokens: 2 }, 500);
    expect([stall.reply.end, stall.texts]).toEqual(['gave-up', 2]);
  });

  it('a stall that ends', async () => {
    const { truth, texts } = await suffer({ kind: 'stall', afterTokens: 2, stallMs: 120 });
    expect([texts, truth?.outcome]).toEqual([4, 'complete']);
    // Prefill 10, two steps of 5, the stall: never early.
    const third = (truth?.tokens[2]?.atUs ?? 0) - (truth?.startedUs ?? 0);
    expect(third).toBeGreaterThanOrEqual(140_000);
  });

  it('error event inside the stream', async () => {
    const { reply, text, texts } = await suffer({ kind: 'error-event', afterTokens: 2 });
    expect([reply.status, texts, reply.chunkSizes.at(-1)]).toEqual([200, 2, 0]);
    expect(text).toMatch(/data: \{"error":\{"message":"EngineCore.*\n\ndata: \[DONE\]\n\n$/);
    expect(text).not.toContain('"length"');
  });

  it('truncated, cleanly and abruptly', async () => {
    const clean = await suffer({ kind: 'truncate', afterTokens: 3 });
    expect([clean.texts, clean.reply.chunkSizes.at(-1), clean.reply.end]).toEqual([3, 0, 'fin']);
    expect(clean.text).not.toMatch(/DONE|"length"/);
    await server?.stop();
    const abrupt = await suffer({ kind: 'truncate', afterTokens: 99, abrupt: true });
    expect([abrupt.texts, abrupt.reply.end]).toEqual([4, 'fin']);
    expect(abrupt.reply.chunkSizes).not.toContain(0);
    expect(abrupt.text).not.toMatch(/DONE|"length"/);
    expect(abrupt.truth?.outcome).toBe('cut');
  });

  it('reset before the response, behind the headers, in the body', async () => {
    const before = await suffer({ kind: 'reset' });
    expect([before.reply.end, before.reply.reads]).toEqual(['ECONNRESET', []]);
    await server?.stop();
    const headers = await suffer({ kind: 'reset', afterTokens: 0 });
    expect([headers.reply.end, headers.texts]).toEqual(['ECONNRESET', 0]);
    await server?.stop();
    const inBody = await suffer({ kind: 'reset', afterTokens: 2 });
    expect([inBody.reply.end, inBody.texts]).toEqual(['ECONNRESET', 2]);
    expect(inBody.truth).toMatchObject({ outcome: 'cut', outputTokens: 2 });
  });

  it('refuses connections from a request on', async () => {
    const first = await suffer({ kind: 'refuse', when: { from: 2 } });
    expect([first.reply.status, first.texts]).toEqual([200, 4]);
    const port = server?.port ?? 0;
    expect((await sendRaw(port, { path: '/v1/completions', body })).end).toBe('ECONNREFUSED');
    await server?.stop();
    server = await startSimServer({ faults: [{ kind: 'refuse' }] });
    expect((await sendRaw(server.port, { path: '/health' })).end).toBe('ECONNREFUSED');
  });

  it('fields it does not take', async () => {
    const rejectFields = [
      { field: 'ignore_eos' },
      { field: 'stream_options', status: 400 as const },
    ];
    server = await startSimServer({ rejectFields });
    const send = (extra: object) =>
      sendRaw(server?.port ?? 0, { path: '/v1/completions', body: { ...body, ...extra } });
    const eos = await send({ ignore_eos: true });
    expect([eos.status, eos.body.toString()]).toEqual([
      422,
      `{"detail":"Unexpected fields in the request: {'ignore_eos'}"}`,
    ]);
    expect((await send({ stream_options: {} })).status).toBe(400);
    expect((await send({})).status).toBe(200);
  });
});

describe('createFaultPlan', () => {
  const hits = (when: NonNullable<FaultInput['when']>, count = 12, stepMs = 10) => {
    const plan = createFaultPlan(parseSimSpec({ faults: [{ kind: 'html', when }] }), 1000);
    const numbers = Array.from({ length: count }, (_, i) => i + 1);
    return numbers.filter((n) => plan.pick(n, 1000 + n * stepMs * 1000) !== null);
  };

  it('hits by number, range and time, all conditions together', () => {
    expect(hits({})).toHaveLength(12);
    expect(hits({ every: 5 })).toEqual([5, 10]);
    expect(hits({ from: 3, to: 4 })).toEqual([3, 4]);
    expect(hits({ afterMs: 100 })).toEqual([10, 11, 12]);
    expect(hits({ every: 2, from: 5, to: 8 })).toEqual([6, 8]);
  });

  it('draws a share, the same each time', () => {
    const drawn = hits({ probability: 0.2 }, 2000);
    expect(drawn).toEqual(hits({ probability: 0.2 }, 2000));
    expect(Math.abs(drawn.length - 400)).toBeLessThan(80);
  });
});

it('a dead port of ours is really dead (the test client sees refusals)', async () => {
  server = await startSimServer({});
  const { port } = server;
  await server.stop();
  const code = await new Promise((resolve) => {
    connect(port, '127.0.0.1').on('error', (e: NodeJS.ErrnoException) => resolve(e.code));
  });
  expect(code).toBe('ECONNREFUSED');
});
