import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../core/index.ts';
import { createFileTokenCounter } from './file-token-counter.ts';
import { createTargetProbe, type ProbeTarget } from './probe-target.ts';
import { createServerTokenCounter } from './server-token-counter.ts';

const clock: Clock = {
  nowUs: () => performance.now() * 1000,
  wallMs: () => 0,
  sleepUntil: () => Promise.resolve(),
};

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

type Routes = Record<string, (body: Record<string, unknown>) => [number, unknown]>;

/** Answers `METHOD path` with a status and JSON (or text as it is); 404 for anything else. */
function serve(routes: Routes): Promise<string> {
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (part: Buffer) => {
      text += part.toString();
    });
    request.on('end', () => {
      const route = routes[`${request.method} ${request.url}`];
      const body = (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>;
      const [status, reply] = route ? route(body) : [404, { detail: 'Not Found' }];
      response.writeHead(status).end(typeof reply === 'string' ? reply : JSON.stringify(reply));
    });
  });
  servers.push(server);
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    });
  });
}

const targetOf = (url: string): ProbeTarget & { model: string } => ({
  url,
  api: 'chat',
  model: 'm',
  headers: { authorization: 'Bearer key-123456' },
  insecureTls: false,
  http2: false,
  proxy: null,
  timeouts: { connectMs: 2000, firstTokenMs: null, totalMs: 2000 },
});

describe('asking a target', () => {
  it('lists the models', async () => {
    const origin = await serve({
      'GET /v1/models': () => [200, { data: [{ id: 'a' }, { id: 'b' }, {}] }],
    });
    const probe = createTargetProbe(targetOf(`${origin}/v1/`), { clock });
    expect(await probe.listModels()).toEqual({ ids: ['a', 'b'], reason: null });
    await probe.close();
  });

  it.each<[string, number, unknown, RegExp]>([
    [
      'an error',
      500,
      { error: { message: 'no cache key-123456' } },
      /^HTTP 500: no cache <redacted>$/,
    ],
    ['HTML', 200, '<html><title>x</title></html>', /^not JSON: x$/],
    ['another shape', 200, { models: [] }, /no list/],
  ])('says why it cannot: %s', async (_name, status, reply, reason) => {
    const origin = await serve({ 'GET /v1/models': () => [status, reply] });
    const probe = createTargetProbe(targetOf(`${origin}/v1`), { clock });
    expect(await probe.listModels()).toEqual({ ids: null, reason: expect.stringMatching(reason) });
    await probe.close();
  });

  it('never throws, also when nobody listens', async () => {
    const origin = await serve({});
    for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
    const probe = createTargetProbe(targetOf(`${origin}/v1`), { clock });
    expect(await probe.getJson('/health')).toMatchObject({
      status: null,
      error: expect.stringContaining('ECONNREFUSED'),
    });
    await probe.close();
  });

  it.each([
    [2, null],
    [3, /other side closed|ECONNRESET/],
  ])('asks again when its connection is closed under it, twice: %d times', async (times, error) => {
    const origin = await serve({ 'POST /x': () => [200, { ok: true }] });
    let closed = 0;
    servers[0]?.prependListener('request', (request) => {
      if (closed++ < times) request.socket.destroy();
    });
    const probe = createTargetProbe(targetOf(`${origin}/v1`), { clock });
    expect(await probe.postJson('/x', {})).toMatchObject({
      error: error === null ? null : expect.stringMatching(error),
    });
    expect(closed).toBe(3);
    await probe.close();
  });

  it('posts and gets JSON from the origin', async () => {
    const origin = await serve({
      'POST /x': (body) => [201, { got: body }],
      'GET /health': () => [200, {}],
    });
    const probe = createTargetProbe(targetOf(`${origin}/v1`), { clock });
    expect(await probe.postJson('/x', { a: 1 })).toEqual({
      status: 201,
      json: { got: { a: 1 } },
      error: null,
    });
    expect(await probe.getJson('/health')).toEqual({ status: 200, json: {}, error: null });
    await probe.close();
  });
});

describe('counting tokens on the server', () => {
  const words = (text: unknown) =>
    String(text)
      .split(' ')
      .map((_word, i) => i);

  it('as llama.cpp does, which answers any body', async () => {
    const origin = await serve({
      'POST /tokenize': (body) => [
        200,
        { tokens: 'content' in body ? words(body['content']) : [] },
      ],
    });
    const counter = await createServerTokenCounter(targetOf(`${origin}/v1`), { clock });
    expect(counter?.source).toBe('server /tokenize');
    const texts = Array.from({ length: 20 }, (_, i) => new Array(i + 1).fill('w').join(' '));
    expect(await counter?.count(['', ...texts])).toEqual(Array.from({ length: 21 }, (_, i) => i));
  });

  it('as vLLM does, beside a base path', async () => {
    const origin = await serve({
      'POST /p/tokenize': (body) =>
        'prompt' in body && body['model'] === 'm' && body['add_special_tokens'] === false
          ? [200, { count: words(body['prompt']).length, max_model_len: 9 }]
          : [400, { error: { message: 'x' } }],
    });
    const counter = await createServerTokenCounter(targetOf(`${origin}/p/v1`), { clock });
    expect(await counter?.count(['a b c'])).toEqual([3]);
  });

  it.each<[string, Routes]>([
    ['there is none', {}],
    ['it ignores the text', { 'POST /tokenize': () => [200, { tokens: [] }] }],
    ['it answers the same to anything', { 'POST /tokenize': () => [200, { count: 7 }] }],
  ])('is null when %s', async (_name, routes) => {
    const origin = await serve(routes);
    expect(await createServerTokenCounter(targetOf(`${origin}/v1`), { clock })).toBeNull();
  });

  it('rejects when the server fails later', async () => {
    let calls = 0;
    const origin = await serve({
      'POST /tokenize': (body) =>
        ++calls > 2 ? [500, 'gone'] : [200, { tokens: words(body['content']) }],
    });
    const counter = await createServerTokenCounter(targetOf(`${origin}/v1`), { clock });
    await expect(counter?.count(['a'])).rejects.toMatchObject({ code: 'TARGET_TOKENIZE' });
  });
});

describe('counting tokens with a tokenizer.json', () => {
  const tokenizer = {
    version: '1.0',
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: 'Whitespace' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
      pair: [],
      special_tokens: { '<s>': { id: '<s>', ids: [3], tokens: ['<s>'] } },
    },
    decoder: null,
    model: {
      type: 'BPE',
      vocab: { a: 0, b: 1, ab: 2, '<s>': 3 },
      merges: ['a b'],
      unk_token: null,
    },
  };

  it('counts without special tokens', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'bench-tokenizer-')), 'tokenizer.json');
    writeFileSync(path, JSON.stringify(tokenizer));
    const counter = await createFileTokenCounter(path);
    // By hand: ab | ab a | a b a b -> the merge of "a b" applies inside a word only.
    expect(await counter.count(['ab', 'ab a', 'a b', '', 'abab'])).toEqual([1, 2, 2, 0, 2]);
    expect(counter.source).toContain(path);
  });

  it.each(['{"model":', '{}'])(
    'says what is wrong with a file that is no tokenizer: %s',
    async (text) => {
      const path = join(mkdtempSync(join(tmpdir(), 'bench-tokenizer-')), 'tokenizer.json');
      writeFileSync(path, text);
      await expect(createFileTokenCounter(path)).rejects.toMatchObject({
        code: 'PREREQ_TOKENIZER',
      });
      await expect(createFileTokenCounter(`${path}.no`)).rejects.toMatchObject({
        code: 'PREREQ_TOKENIZER',
      });
    },
  );
});
