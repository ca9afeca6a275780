import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createModel, promptWords, sample, scoreToken, tokensOf } from './model.mjs';

/**
 * An inference server over the toy model, honest by itself; what a variant does otherwise, it gives
 * as `traits`. Times are slept, so that a busy machine makes all of them longer and none shorter.
 */
export function serve(traits = {}) {
  const {
    model = createModel(),
    prefillMsPerToken = 0.6,
    /** Of each word; a number, or a function of the request. */
    decodeMs = 2,
    /** Words of a chunk: 1, or a function of the words so far. */
    chunkWords = () => 1,
    /** Whole replies by own means; returns true where it has answered. */
    onRequest = () => false,
    /** Words of the prompt that are read, of all. */
    readPrompt = (words) => words,
    /** Another model for some requests. */
    modelFor = () => model,
    /** Milliseconds of prefill that need not be done. */
    prefillSaved = () => 0,
    beforeFirst = async () => {},
    extraUsage = (usage) => usage,
    lengthFor = (asked) => asked,
    filler = null,
    /** Everything is sent at the end; or, by a function of the place, what is not sent yet. */
    hold = false,
    /** Between chunks that were held. */
    heldGapMs = 0,
    ready = () => true,
    modelsStatus = 200,
    afterAnswer = () => {},
    roleChunk = true,
    newline = '\n',
    comments = false,
    oneAtATime = false,
    /** Of one chunk, those that are sent in its place. */
    decorate = (chunk) => [chunk],
    write = (response, text) => response.write(text),
    /** Text that is sent again and again between: milliseconds, and what. */
    everyMs = null,
    /** Reads its weights; of a toy they only have to be opened. */
    readWeights = readGiven,
  } = traits;
  readWeights();
  const isHeld = typeof hold === 'function' ? hold : () => hold;
  let inFlight = 0;
  let turn = Promise.resolve();
  const name = process.env.MODEL_NAME;

  const pause = async (body) => {
    const time = typeof decodeMs === 'function' ? decodeMs(body) : decodeMs;
    if (time > 0) await sleep(time);
  };

  const generate = async (body, response) => {
    const words = readPrompt(promptWords(body.messages));
    const own = modelFor({ body, words, inFlight });
    const send = (chunk) => {
      const base = { id: 'toy', object: 'chat.completion.chunk', created: 1, model: name };
      for (const one of decorate({ ...base, choices: [], ...chunk }, { all })) {
        write(response, `data: ${JSON.stringify(one)}${newline}${newline}`);
      }
    };
    const delta = (content, finish = null) =>
      send({ choices: [{ index: 0, delta: content, finish_reason: finish }] });
    const sent = [];
    const all = [];
    if (body.stream) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      if (everyMs !== null) {
        const again = setInterval(() => response.write(everyMs.text), everyMs.time);
        response.on('close', () => clearInterval(again));
      }
      if (comments) response.write(`: keepalive${newline}${newline}`);
    }
    const asked = lengthFor(body.max_tokens ?? 16, body);
    await beforeFirst({ body, delta });
    await sleep(Math.max(0, prefillMsPerToken * words.length - prefillSaved(words)));
    if (body.stream && roleChunk) delta({ role: 'assistant', content: '' });
    const state = own.read(words);
    let waiting = [];
    let wasHeld = false;
    const release = async () => {
      for (const word of waiting) {
        if (body.stream) delta({ content: ` ${word}` });
        if (heldGapMs > 0) await sleep(heldGapMs);
      }
      sent.push(...waiting);
      waiting = [];
    };
    let due = chunkWords(0);
    for (let at = 0; at < asked; at++) {
      const made =
        filler !== null && at >= filler.after
          ? filler.next(all)
          : sample(own.next(state, all), body.temperature ?? 1, Math.random);
      if (filler === null || at < filler.after) await pause(body);
      all.push(made);
      waiting.push(made);
      const held = isHeld({ at, asked, body });
      if (wasHeld && !held) await release();
      wasHeld = held;
      if (!held && waiting.length >= due && body.stream) {
        delta({ content: waiting.map((word) => ` ${word}`).join('') });
        sent.push(...waiting);
        waiting = [];
        due = chunkWords(sent.length);
      }
    }
    if (body.stream) {
      if (wasHeld) await release();
      else if (waiting.length > 0) delta({ content: waiting.map((word) => ` ${word}`).join('') });
      delta({}, 'length');
    }
    const usage = extraUsage({
      prompt_tokens: promptWords(body.messages).length,
      completion_tokens: all.length,
    });
    afterAnswer({ body, all });
    if (!body.stream) {
      const message = { role: 'assistant', content: all.map((word) => ` ${word}`).join('') };
      return json(response, 200, {
        object: 'chat.completion',
        choices: [{ index: 0, message, finish_reason: 'length' }],
        usage,
      });
    }
    if (body.stream_options?.include_usage && usage !== null) send({ choices: [], usage });
    response.end(`data: [DONE]${newline}${newline}`);
  };

  const score = ({ messages, completion, temperature = 1 }) => {
    const state = model.read(promptWords(messages));
    const words = tokensOf(completion);
    const rows = words.map((word, at) =>
      scoreToken(model.next(state, words.slice(0, at)), word, temperature),
    );
    const column = (field) => rows.map((row) => row[field]);
    return {
      tokens: words.length,
      logprobs: column('logprob'),
      ranks: column('rank'),
      gaps: column('gap'),
      top_margins: column('top_margin'),
      entropies: column('entropy'),
      variances: column('variance'),
      tails: column('tail'),
    };
  };

  const server = createServer(async (request, response) => {
    let text = '';
    for await (const piece of request) text += piece;
    const body = text === '' ? {} : JSON.parse(text);
    const path = request.url.split('?')[0];
    if (path === '/v1/models') {
      const status = ready() ? modelsStatus : 503;
      return json(response, status, { object: 'list', data: [{ id: name, object: 'model' }] });
    }
    if (path === '/tokenize') {
      const words = body.messages ? promptWords(body.messages) : tokensOf(body.prompt);
      return json(response, 200, { count: words.length });
    }
    if (path === '/v1/score') return json(response, 200, score(body));
    if (path !== '/v1/chat/completions')
      return json(response, 404, { error: { message: 'no such page' } });
    if (await onRequest({ body, response, inFlight })) return;
    inFlight += 1;
    try {
      if (oneAtATime) {
        const before = turn;
        let done;
        turn = new Promise((resolve) => {
          done = resolve;
        });
        await before;
        try {
          await generate(body, response);
        } finally {
          done();
        }
      } else await generate(body, response);
    } finally {
      inFlight -= 1;
    }
  });
  // The first process of a namespace has no default action for signals.
  process.on('SIGTERM', () => process.exit(0));
  server.listen(Number(process.env.PORT), process.env.HOST);
  return server;
}

function readGiven() {
  const { MODEL_PATH } = process.env;
  if (MODEL_PATH !== undefined) readFileSync(join(MODEL_PATH, 'model.gguf'));
}

export function json(response, status, value) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
}
