import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { askServer } from './probe-server.fixture.ts';
import { probes } from './probes/index.ts';

const familyOf = (row: string) => probes.get(row.split('.')[0] ?? '');

/** Answers every generation in one way, whatever was asked; pages are HTML. */
async function startServer(answer: (reply: ServerResponse) => void): Promise<string> {
  const server = createServer((request, reply) => {
    request.resume();
    if (request.method === 'POST') answer(reply);
    else reply.writeHead(200, { 'content-type': 'text/html' }).end('<html></html>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
}

async function rowOf(id: string, answer: (reply: ServerResponse) => void) {
  const { rows } = await askServer([familyOf(id)], await startServer(answer));
  const { verdict, evidence } = rows.find((row) => row.id === id) ?? {};
  return `${verdict}: ${evidence}`;
}

const json = (body: unknown) => (reply: ServerResponse) =>
  reply.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));

const sse = (reply: ServerResponse) =>
  reply.writeHead(200, { 'content-type': 'text/event-stream' });

const chunk = (content: string, more: object = {}) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, finish_reason: null }], ...more })}\n\n`;
const finish = (usage?: object) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage })}\n\ndata: [DONE]\n\n`;

/** A stream of four texts with such a usage on every chunk. */
const telling = (usage: object) => (reply: ServerResponse) =>
  sse(reply).end(
    ['a', 'b', 'c', 'd'].map((text) => chunk(text, { usage })).join('') + finish(usage),
  );

const cut = (first: string) => (reply: ServerResponse) =>
  void sse(reply).write(first, () => reply.destroy());

test.each(['error.model', 'error.bad-json'])('%s: only text is a generation', async (id) => {
  expect(await rowOf(id, json({ error: { message: 'no', type: 'x' } }))).toBe(
    'partial: HTTP 200, {error: {message, type}} x in place of a generation',
  );
  expect(await rowOf(id, json({ error: 'no' }))).toMatch(/^partial: HTTP 200, \{error\} in place/);
  expect(await rowOf(id, (reply) => sse(reply).end('data: {"error": "no"}\n\n'))).toBe(
    'partial: HTTP 200, then an error inside the stream',
  );
  expect(await rowOf(id, cut(chunk('')))).toBe(
    'unknown: HTTP 200, then the connection broke off: neither an error nor a text',
  );
  expect(await rowOf(id, json({ ok: true }))).toBe(
    'unknown: HTTP 200: neither an error nor a text',
  );
  expect(await rowOf(id, json({ choices: [{ message: { content: 'a' } }] }))).toBe(
    'ignored: HTTP 200, it generates',
  );
  expect(await rowOf(id, cut(chunk('') + chunk('a')))).toBe('ignored: HTTP 200, it generates');
});

test.each([
  ['completion_tokens is -7, no count', { prompt_tokens: 3, completion_tokens: -7 }],
  ['completion_tokens is 1.5, no count', { prompt_tokens: 3, completion_tokens: 1.5 }],
  ['completion_tokens is a string, no count', { prompt_tokens: 3, completion_tokens: '4' }],
  ['completion_tokens is 1000000000000000000, no count', { completion_tokens: 1e18 }],
  ['prompt_tokens is a string, no count', { prompt_tokens: '3', completion_tokens: 4 }],
  ['completion_tokens is 9000, more than the context holds', { completion_tokens: 9000 }],
])('usage.stream and usage.continuous agree: %s', async (evidence, usage) => {
  for (const id of ['usage.stream', 'usage.continuous', 'usage.output']) {
    expect(await rowOf(id, telling(usage)), id).toBe(`no: chat and completions: ${evidence}`);
  }
});

test('a usage without completion_tokens is none of running tokens either', async () => {
  const answer = telling({ prompt_tokens: 3 });
  expect(await rowOf('usage.stream', answer)).toMatch(/^no: .*without completion_tokens/);
  expect(await rowOf('usage.continuous', answer)).toMatch(/^ignored: .*usage on 0 of 4/);
});

test('a reply without text tells nothing about fields', async () => {
  const answer = (reply: ServerResponse) => sse(reply).end(finish());
  expect(await rowOf('field.logprobs', answer)).toMatch(/^unknown: .*none on 0 chunks with text/);
  expect(await rowOf('field.tools', answer)).toBe('unknown: 0 chunks of text, no tool_calls');
});

test('an HTML page is no page of metrics, and the row says so', async () => {
  expect(await rowOf('page.metrics', json({}))).toBe(
    'no: /metrics: HTTP 200, no page of metrics (text/html); ' +
      '/prometheus/metrics: HTTP 200, no page of metrics (text/html)',
  );
});
