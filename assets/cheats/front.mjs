import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { createServer as createListener } from 'node:net';
import process from 'node:process';

/**
 * A server in front of an honest one (honest/start_server.sh, the scenario's oracle), honest by
 * itself; what a cheat does otherwise, it gives as traits. Written by `bench arena scenario check`
 * beside it: facts.json, what everybody may know of the scenario.
 */
export const facts = JSON.parse(readFileSync(new URL('facts.json', import.meta.url), 'utf8'));

const { HOST, PORT, MODEL_NAME } = process.env;
const chat = '/v1/chat/completions';

export async function front(traits = {}) {
  const {
    /** False: there is no honest server behind it. */
    honest = true,
    /** Answers by its own means; returns true where it has. */
    onRequest = () => false,
    /** What the honest server is asked. */
    changeBody = (body) => body,
    /** In front of the honest server's answer. */
    before = () => {},
    /** An event of the stream, as those that are sent for it. */
    changeEvent = (event) => [event],
    /** What was sent. */
    after = () => {},
    /** Everything is sent at the end. */
    hold = false,
    modelsStatus = 200,
  } = traits;
  const port = honest ? await startHonest() : null;
  let inFlight = 0;
  const server = createServer(async (asked, response) => {
    let text = '';
    for await (const piece of asked) text += piece;
    if (asked.url === '/v1/models' && (port === null || modelsStatus !== 200)) {
      return json(response, modelsStatus, { object: 'list', data: [{ id: MODEL_NAME }] });
    }
    if (!asked.url.startsWith(chat)) return relay(port, asked.method, asked.url, text, response);
    const body = JSON.parse(text);
    const sent = [];
    const ask = {
      body,
      response,
      inFlight,
      /** Sends an event now. */
      send(event) {
        open(response);
        sent.push(event);
        response.write(`data: ${JSON.stringify(event)}\n\n`);
      },
    };
    if (await onRequest(ask)) return;
    inFlight += 1;
    try {
      const changed = JSON.stringify(changeBody(structuredClone(body), ask));
      if (!body.stream) return await relay(port, 'POST', asked.url, changed, response);
      await before(ask);
      const waiting = [];
      const failed = await stream(port, asked.url, changed, (event) => {
        for (const one of changeEvent(event, ask)) {
          if (hold) waiting.push(one);
          else ask.send(one);
        }
      });
      if (failed !== null) return json(response, failed, { error: { message: 'upstream' } });
      for (const event of waiting) ask.send(event);
      after(ask, sent);
      done(response);
    } finally {
      inFlight -= 1;
    }
  });
  server.listen(Number(PORT), HOST);
}

/** One event of a stream. */
export const delta = (content, finish = null) => ({
  ...{ id: 'front', object: 'chat.completion.chunk', created: 1, model: MODEL_NAME },
  choices: [{ index: 0, delta: content === null ? {} : { content }, finish_reason: finish }],
});

/** The last event of a stream, where it was asked for. */
export const usage = (completion) => ({
  ...{ id: 'front', object: 'chat.completion.chunk', created: 1, model: MODEL_NAME, choices: [] },
  usage: { prompt_tokens: 1, completion_tokens: completion, total_tokens: completion + 1 },
});

export function done(response) {
  open(response);
  response.end('data: [DONE]\n\n');
}

export function json(response, status, value) {
  if (response.headersSent) return response.destroy();
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}

function open(response) {
  if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
}

/** It ends when the front does, and the front when it does. */
async function startHonest() {
  const port = await freePort();
  const child = spawn('/bin/sh', ['./start_server.sh'], {
    cwd: new URL('honest/', import.meta.url),
    env: { ...process.env, HOST: '127.0.0.1', PORT: String(port) },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  child.on('exit', (code) => process.exit(code ?? 1));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  return port;
}

function freePort() {
  return new Promise((resolve) => {
    const listener = createListener().listen(0, '127.0.0.1', () => {
      const { port } = listener.address();
      listener.close(() => resolve(port));
    });
  });
}

function ask(port, method, path, text, onAnswer, onError) {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
  const asked = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, onAnswer);
  asked.on('error', onError);
  asked.end(text);
}

function relay(port, method, path, text, response) {
  return new Promise((resolve) => {
    const failed = () => resolve(json(response, 503, { error: { message: 'not ready' } }));
    if (port === null) {
      return resolve(json(response, 404, { error: { message: 'no such page' } }));
    }
    ask(
      ...[port, method, path, text],
      (answer) => {
        response.writeHead(answer.statusCode, { 'content-type': 'application/json' });
        answer.pipe(response).on('close', resolve);
      },
      failed,
    );
  });
}

/** @returns the status where it is no stream */
function stream(port, path, text, onEvent) {
  return new Promise((resolve) => {
    ask(
      ...[port, 'POST', path, text],
      async (answer) => {
        let rest = '';
        answer.setEncoding('utf8');
        try {
          for await (const piece of answer) {
            const lines = (rest + piece).split('\n');
            rest = lines.pop();
            for (const line of lines) {
              const data = line.startsWith('data:') ? line.slice(5).trim() : '';
              if (data !== '' && data !== '[DONE]' && answer.statusCode === 200)
                onEvent(JSON.parse(data));
            }
          }
          resolve(answer.statusCode === 200 ? null : answer.statusCode);
        } catch {
          resolve(502);
        }
      },
      () => resolve(503),
    );
  });
}
