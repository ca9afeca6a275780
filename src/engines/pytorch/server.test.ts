import { spawnSync } from 'node:child_process';
import { request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../test-support.ts';
import { python, startToy, type ToyServer } from './test-support.ts';

/** The server's own Python, around a toy model whose tokens are bytes: needs python3, no torch. */
describe.skipIf(python === null)('the reference server (needs python3)', () => {
  let toy: ToyServer;
  beforeAll(async () => {
    toy = await startToy();
  });
  afterAll(() => toy.stop());

  const post = (path: string, body: unknown, signal?: AbortSignal) =>
    fetch(toy.url + path, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...(signal && { signal }),
    });
  const complete = async (body: object) => {
    const response = await post('/v1/completions', { temperature: 0, ...body });
    return { status: response.status, ...((await response.json()) as Answer) };
  };
  const metric = async (name: string) => {
    const text = await (await fetch(`${toy.url}/metrics`)).text();
    return Number(new RegExp(`^pytorch_reference:${name} (\\d+)$`, 'm').exec(text)?.[1]);
  };

  it('sends one chunk for each token, as many as asked for, and counts them', async () => {
    const { events, done } = await stream(toy.url, '/v1/completions', {
      prompt: 'hello',
      max_tokens: 5,
      ignore_eos: true,
      temperature: 0,
      stream_options: { include_usage: true, continuous_usage_stats: true },
    });
    expect(done).toBe(true);
    expect(events.map(({ choices }) => choices[0]?.text)).toEqual([
      ...['.', '.', '.', '.', '.', undefined],
    ]);
    expect(events.map(({ choices }) => choices[0]?.finish_reason)).toEqual([
      ...[null, null, null, null, 'length', undefined],
    ]);
    expect(events.map(({ usage }) => usage?.completion_tokens)).toEqual([1, 2, 3, 4, 5, 5]);
    // The prompt's five bytes, and the token in front of every text.
    expect(events.at(-1)?.usage).toEqual({
      prompt_tokens: 6,
      completion_tokens: 5,
      total_tokens: 11,
      prompt_tokens_details: { cached_tokens: 0 },
    });
  });

  it('sends the role of a chat with its first token, and no usage unasked', async () => {
    const { events, pieces } = await stream(toy.url, '/v1/chat/completions', {
      messages: [
        { role: 'user', content: 'say: ' },
        { role: 'user', content: [{ type: 'text', text: 'ok' }] },
      ],
      temperature: 0,
    });
    expect(pieces[0]).toMatch(/"role":"assistant".*"content":"o"/s);
    expect(events.map(({ choices }) => choices[0]?.delta)).toEqual([
      { role: 'assistant', content: '' },
      { content: 'o' },
      { content: 'k' },
      { content: '' },
    ]);
    expect(events.at(-1)?.choices[0]?.finish_reason).toBe('stop');
    expect(events.every((event) => !('usage' in event))).toBe(true);
  });

  it('scores a given reply token by token, end tokens banned where asked, in one answer', async () => {
    const messages = [{ role: 'user', content: 'hi' }];
    const response = await post('/v1/score', { messages, completion: '.a', temperature: 0.5 });
    expect(await response.json()).toMatchObject({
      tokens: 2,
      // Two bytes, and the token in front of every text.
      prompt_tokens: 3,
      logprobs: [-1.4, -12.4],
      ranks: [0, 1],
      gaps: [0, 5.5],
      tails: [1, 0.5],
    });
    for (const bad of [
      {},
      { completion: '' },
      { completion: 7 },
      { completion: 'a'.repeat(600) },
    ]) {
      const refused = await post('/v1/score', { messages, ...bad });
      expect(refused.status, JSON.stringify(bad)).toBe(400);
    }
    const cold = await post('/v1/score', { messages, completion: '.', temperature: 0 });
    expect(cold.status).toBe(400);
  });

  it('never cuts a character, and still sends a chunk for every token', async () => {
    const said = 'héllo €😀';
    const { events } = await stream(toy.url, '/v1/completions', {
      prompt: `say: ${said}`,
      max_tokens: 40,
      temperature: 0,
    });
    const texts = events.map(({ choices }) => choices[0]?.text ?? '');
    expect(texts.join('')).toBe(said);
    expect(texts.filter((text) => text.includes('\ufffd'))).toEqual([]);
    // The end token too.
    expect(texts).toHaveLength(Buffer.byteLength(said) + 1);
  });

  it('streams any text as a search in the whole of it would cut it', () => {
    const script = fileURLToPath(
      new URL('../../../test/fixtures/pytorch/check_text.py', import.meta.url),
    );
    const { stdout, stderr } = spawnSync(python ?? '', ['-B', script, '20000'], {
      encoding: 'utf8',
    });
    expect({ stdout, stderr }).toEqual({ stdout: '20000 texts\n', stderr: '' });
  });

  it('stops where told, without the stop string, and keeps nothing back in the end', async () => {
    const ask = { prompt: 'say: one two three', max_tokens: 40 };
    const stopped = await complete({ ...ask, stop: [' th', 'x'] });
    expect(stopped.choices[0]).toMatchObject({ text: 'one two', finish_reason: 'stop' });
    expect(stopped.usage?.completion_tokens).toBe('one two th'.length);
    const not = await complete({ ...ask, stop: 'threes' });
    expect(not.choices[0]).toMatchObject({ text: 'one two three', finish_reason: 'stop' });
  });

  it('ends at the end token, unless told otherwise', async () => {
    const ask = { prompt: 'say: abc', max_tokens: 6 };
    const figures = ({ choices, usage }: Answer) => [
      choices[0]?.text,
      choices[0]?.finish_reason,
      usage?.completion_tokens,
    ];
    expect(figures(await complete(ask))).toEqual(['abc', 'stop', 4]);
    expect(figures(await complete({ ...ask, ignore_eos: true }))).toEqual(['abc...', 'length', 6]);
    expect(figures(await complete({ ...ask, min_tokens: 5 }))).toEqual(['abc...', 'length', 6]);
    expect(figures(await complete({ ...ask, min_tokens: 3 }))).toEqual(['abc', 'stop', 4]);
  });

  it('draws the same with the same seed', async () => {
    const draw = async (seed: number) =>
      (await complete({ prompt: 'x', max_tokens: 24, temperature: 1, seed })).choices[0]?.text;
    const first = await draw(1);
    expect(first).toMatch(/^[a-z]{24}$/);
    expect(await draw(1)).toBe(first);
    expect(await draw(2)).not.toBe(first);
  });

  it('gives log probabilities when asked', async () => {
    const text = await complete({ prompt: 'say: ab', max_tokens: 2, logprobs: 1 });
    expect(text.choices[0]?.logprobs).toEqual({
      tokens: ['a', 'b'],
      token_logprobs: [-0.5, -0.5],
      top_logprobs: [{ a: -0.5 }, { b: -0.5 }],
    });
    const chat = await post('/v1/chat/completions', {
      messages: [{ role: 'user', content: 'say: ab' }],
      ...{ max_tokens: 1, temperature: 0, logprobs: true, top_logprobs: 2 },
    });
    const { choices } = (await chat.json()) as Answer;
    expect(choices[0]?.logprobs).toEqual({
      content: [
        {
          ...{ token: 'a', logprob: -0.5, bytes: [97] },
          top_logprobs: [
            { token: 'a', logprob: -0.5, bytes: [97] },
            { token: '`', logprob: -1.5, bytes: [96] },
          ],
        },
      ],
    });
  });

  it.each<[what: string, path: string, body: unknown, status: number, error: object]>([
    ['another model', '', { model: 'gpt' }, 404, { code: 'model_not_found', param: 'model' }],
    ['no JSON', '', '{"prompt": ', 400, { message: /not valid JSON/ }],
    ['a list', '', '[]', 400, { message: /JSON object/ }],
    ['no prompt', '', {}, 400, { param: 'prompt' }],
    ['several prompts', '', { prompt: ['a', 'b'] }, 400, { param: 'prompt' }],
    ['ids of no token', '', { prompt: [258] }, 400, { param: 'prompt' }],
    ['an empty prompt', '', { prompt: [] }, 400, { param: 'prompt' }],
    [
      'too long a prompt',
      '',
      { prompt: 'x'.repeat(512) },
      400,
      { code: 'context_length_exceeded' },
    ],
    ['too long together', '', { prompt: 'x', max_tokens: 511 }, 400, { param: 'max_tokens' }],
    ['half a token', '', { prompt: 'x', max_tokens: 1.5 }, 400, { param: 'max_tokens' }],
    ['no token', '', { prompt: 'x', max_tokens: 0 }, 400, { param: 'max_tokens' }],
    ['least above most', '', { prompt: 'x', min_tokens: 17 }, 400, { param: 'min_tokens' }],
    ['a cold temperature', '', { prompt: 'x', temperature: -1 }, 400, { param: 'temperature' }],
    ['two answers', '', { prompt: 'x', n: 2 }, 400, { param: 'n' }],
    ['a bad flag', '', { prompt: 'x', ignore_eos: 'yes' }, 400, { param: 'ignore_eos' }],
    ['an empty stop', '', { prompt: 'x', stop: [''] }, 400, { param: 'stop' }],
    ['no messages', 'chat/', { messages: [] }, 400, { param: 'messages' }],
    [
      'a strange role',
      'chat/',
      { messages: [{ role: 'x', content: '' }] },
      400,
      { param: 'messages' },
    ],
  ])('refuses %s', async (_, path, body, status, error) => {
    const response = await post(`/v1/${path}completions`, body);
    const said = (await response.json()) as { error: { message: string } };
    const { message, ...rest } = error as { message?: RegExp };
    expect(said.error).toMatchObject({ message: expect.stringMatching(/\S/), ...rest });
    if (message) expect(said.error.message).toMatch(message);
    expect(response.status).toBe(status);
  });

  it('knows no other page, and reads the body of what it refuses', async () => {
    expect((await fetch(`${toy.url}/nothing`)).status).toBe(404);
    // Unread bodies would be taken for the next request on the same connection.
    const statuses = [];
    for (const path of ['/nothing', '/v1/completions', '/nothing', '/v1/completions']) {
      const response = await post(path, { prompt: 'x', max_tokens: 1 });
      statuses.push(response.status);
      await response.text();
    }
    expect(statuses).toEqual([404, 200, 404, 200]);
  });

  it('tells what it serves', async () => {
    const get = async (path: string) => (await fetch(toy.url + path)).json();
    expect(await get('/health')).toEqual({ status: 'ok' });
    expect(await get('/v1/models')).toMatchObject({
      data: [{ id: 'toy', owned_by: 'pytorch-reference', max_model_len: 512 }],
    });
    expect(await get('/server_info')).toMatchObject({ server: 'pytorch-reference' });
    const count = async (body: object) =>
      ((await (await post('/tokenize', body)).json()) as { count: number }).count;
    expect(await count({ content: 'abc', add_special: false })).toBe(3);
    expect(await count({ prompt: 'abc', add_special_tokens: true })).toBe(4);
    expect(await count({ messages: [{ role: 'user', content: 'abc' }] })).toBe(4);
  });

  it('says so when the model breaks, and goes on', async () => {
    const early = await complete({ prompt: 'fail: 0' });
    expect(early).toMatchObject({ status: 500, error: { code: 'generation_failed' } });
    const late = await stream(toy.url, '/v1/completions', { prompt: 'fail: 2', temperature: 0 });
    expect(late.done).toBe(false);
    expect(late.events.at(-1)).toMatchObject({
      error: { message: expect.stringContaining('the toy broke') },
    });
    expect((await complete({ prompt: 'say: fine' })).choices[0]?.text).toBe('fine');
    expect(await metric('requests_failed_total')).toBe(2);
  });

  it('works on one at a time, in order, and drops who hangs up, also in the queue', async () => {
    const slow = await startToy({ TOY_TOKEN_MS: '50' });
    try {
      const before = toy;
      toy = slow;
      const leave = new AbortController();
      const leaveQueue = new AbortController();
      const endless = { prompt: 'x', max_tokens: 500, ignore_eos: true, stream: true };
      // Asked for 25 s of work, and left after its first bytes.
      const first = await post('/v1/completions', endless, leave.signal);
      const queued = post('/v1/completions', endless, leaveQueue.signal).catch(() => 'left');
      await eventually(async () => (await metric('requests_waiting')) === 1);
      const order: string[] = [];
      const rest = [];
      for (const name of ['a', 'b', 'c']) {
        const waiting = order.length + rest.length + 2;
        rest.push(complete({ prompt: `say: ${name}` }).then(() => order.push(name)));
        await eventually(async () => (await metric('requests_waiting')) === waiting);
      }
      leaveQueue.abort();
      expect(await queued).toBe('left');
      leave.abort();
      await first.text().catch(() => {});
      await Promise.all(rest);
      expect(order).toEqual(['a', 'b', 'c']);
      expect(await metric('requests_cancelled_total')).toBe(2);
      expect(await metric('requests_total')).toBe(3);
      // Of 1000 tokens asked for by those who left.
      expect(await metric('generated_tokens_total')).toBeLessThan(500);
      toy = before;
    } finally {
      await slow.stop();
    }
  });
});

interface Answer {
  choices: {
    text?: string;
    delta?: object;
    finish_reason: string | null;
    logprobs?: unknown;
  }[];
  usage?: { prompt_tokens: number; completion_tokens: number; total_tokens: number } | null;
  error?: { code: string };
}

/** Events of a stream, and the raw text as it came off the socket. */
function stream(url: string, path: string, body: object) {
  return new Promise<{ events: Answer[]; pieces: string[]; done: boolean }>((resolve, reject) => {
    const outgoing = request(`${url}${path}`, { method: 'POST' }, (response) => {
      const pieces: string[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece.toString()));
      // A stream that is cut still has what came before.
      response.on('error', () => {});
      response.on('close', () => {
        const lines = pieces.join('').split('\n\n').filter(Boolean);
        const done = lines.at(-1) === 'data: [DONE]';
        const data = (done ? lines.slice(0, -1) : lines).map((line) => line.slice(6));
        resolve({ events: data.map((text) => JSON.parse(text)), pieces, done });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(JSON.stringify({ stream: true, ...body }));
  });
}
