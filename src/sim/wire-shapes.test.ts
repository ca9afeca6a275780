import { afterEach, describe, expect, it } from 'vitest';
import { type RawReply, sendRaw } from './raw-client.ts';
import { type SimServer, startSimServer } from './sim-server.ts';
import { type WireSpecInput, wirePresets } from './wire-spec.ts';

let server: SimServer | null = null;
afterEach(async () => {
  await server?.stop();
  server = null;
});

type Chunk = {
  object: string;
  choices: {
    index: number;
    text?: string;
    delta?: Record<string, unknown> & { content?: string; role?: string };
    finish_reason: string | null;
  }[];
  usage?: { prompt_tokens: number; completion_tokens: number };
  timings?: { predicted_n: number };
  [field: string]: unknown;
};

const usageAsked = { stream_options: { include_usage: true, continuous_usage_stats: true } };

/** One streamed reply of 4 tokens in this shape; `text` is the body, `data` its data lines. */
async function stream(
  wire: WireSpecInput,
  options: { chat?: boolean; body?: object; tokensPerChunk?: number[]; prefillMs?: number } = {},
): Promise<{ reply: RawReply; text: string; data: string[]; chunks: Chunk[] }> {
  const { chat = true, body = usageAsked, tokensPerChunk = [1], prefillMs = 30 } = options;
  server = await startSimServer({
    wire,
    tokensPerChunk,
    prefill: { baseMs: prefillMs, perTokenMs: 0 },
    decode: { kind: 'constant', itlMs: 5 },
  });
  const prompt = chat ? { messages: [{ role: 'user', content: 'a b' }] } : { prompt: 'a b' };
  const reply = await sendRaw(server.port, {
    path: chat ? '/v1/chat/completions' : '/v1/completions',
    body: { model: 'sim-model', stream: true, max_tokens: 4, ...prompt, ...body },
  });
  const text = reply.body.toString('utf8');
  const data = text
    .split(/\r\n\r\n|\n\n|\r\r/)
    .filter((event) => event.startsWith('data:'))
    .map((event) => event.replaceAll(/^data: ?/gm, ''));
  const chunks = data.filter((line) => line !== '[DONE]').map((line) => JSON.parse(line) as Chunk);
  return { reply, text, data, chunks };
}

const contents = (chunks: Chunk[]) => chunks.flatMap((c) => c.choices.map((x) => x.delta?.content));
const finishes = (chunks: Chunk[]) => chunks.map((c) => c.choices[0]?.finish_reason ?? null);
const runningUsage = (chunks: Chunk[]) => chunks.map((c) => c.usage?.completion_tokens ?? null);
/** When the bytes of a text were all there, milliseconds after sending. */
const arrivalMs = ({ reads, sentUs }: RawReply, text: string): number => {
  let seen = '';
  for (const { atUs, bytes } of reads) {
    seen += bytes.toString('latin1');
    if (seen.includes(text)) return (atUs - sentUs) / 1000;
  }
  return Number.NaN;
};

describe('wire shapes', () => {
  it('default: vLLM chat, as recorded in test/fixtures/engines/vllm-real-stream.txt', async () => {
    const { reply, data, chunks } = await stream({});
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toMatch(/^text\/event-stream/);
    expect(reply.chunkSizes.length).toBeGreaterThan(5);
    expect(contents(chunks)).toEqual(['', 'fox', ' river', ' stone', ' cloud']);
    expect(chunks[0]?.choices[0]?.delta?.role).toBe('assistant');
    expect(finishes(chunks)).toEqual([null, null, null, null, 'length', null]);
    expect(runningUsage(chunks)).toEqual([0, 1, 2, 3, 4, 4]);
    expect(chunks.at(-1)?.choices).toEqual([]);
    expect(chunks[0]?.usage?.prompt_tokens).toBe(10);
    expect(data.at(-1)).toBe('[DONE]');
  });

  it('default: completions', async () => {
    const { chunks } = await stream({}, { chat: false });
    expect(chunks[0]?.object).toBe('text_completion');
    expect(chunks.slice(0, 4).map((c) => c.choices[0]?.text)).toEqual([
      'fox',
      ' river',
      ' stone',
      ' cloud',
    ]);
    expect(runningUsage(chunks)).toEqual([1, 2, 3, 4, 4]);
    expect(chunks[0]?.usage?.prompt_tokens).toBe(2);
  });

  it('usage: none unless asked, separate, on the finishing chunk, unasked', async () => {
    expect(runningUsage((await stream({}, { body: {} })).chunks)).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
    await server?.stop();
    expect(runningUsage((await stream({ usage: 'separate' })).chunks).slice(-2)).toEqual([null, 4]);
    await server?.stop();
    const onFinish = await stream({ usage: 'on-finish', usageWhen: 'always' }, { body: {} });
    expect(runningUsage(onFinish.chunks)).toEqual([null, null, null, null, 4]);
    await server?.stop();
    const none = await stream({ usage: 'none' });
    expect(none.text).not.toContain('usage');
  });

  it('role chunk: before prefill, in every delta, none', async () => {
    const early = await stream({ roleChunk: 'before-prefill' }, { prefillMs: 300 });
    expect(arrivalMs(early.reply, '"role"')).toBeLessThan(arrivalMs(early.reply, '"fox"') - 15);
    await server?.stop();
    const inDelta = await stream({ roleChunk: 'in-delta' });
    expect(inDelta.chunks[0]?.choices[0]?.delta).toEqual({ role: 'assistant', content: 'fox' });
    await server?.stop();
    const none = await stream({ roleChunk: 'none' });
    expect(none.text).not.toContain('"role"');
  });

  it('response headers: early or with the first event', async () => {
    const early = await stream({}, { prefillMs: 300 });
    expect(arrivalMs(early.reply, '200 OK')).toBeLessThan(arrivalMs(early.reply, '"fox"') - 15);
    await server?.stop();
    const late = await stream({ headers: 'with-first-event' });
    expect(arrivalMs(late.reply, '200 OK')).toBeGreaterThan(28);
  });

  it('finish on an empty chunk behind the last token', async () => {
    const chat = await stream({ finish: 'separate' });
    expect(finishes(chat.chunks)).toEqual([null, null, null, null, null, 'length', null]);
    expect(chat.chunks[5]?.choices[0]?.delta).toEqual({});
    await server?.stop();
    const text = await stream({ finish: 'separate' }, { chat: false });
    expect(text.chunks[4]?.choices[0]).toMatchObject({ text: '', finish_reason: 'length' });
  });

  it('no [DONE]', async () => {
    const { data, reply } = await stream({ done: false });
    expect(data).not.toContain('[DONE]');
    expect(reply.chunkSizes.at(-1)).toBe(0);
  });

  it.each([
    ['crlf', '\r\n'],
    ['cr', '\r'],
  ] as const)('line ends: %s', async (newline, end) => {
    const { text } = await stream({ newline, spaceAfterColon: false });
    expect(text.startsWith('data:{')).toBe(true);
    expect(text.endsWith(`data:[DONE]${end}${end}`)).toBe(true);
    expect(text.replaceAll(end, '')).not.toMatch(/[\r\n]/);
  });

  it('data over several lines', async () => {
    const { text, chunks } = await stream({ multiLineData: true });
    expect(text).toMatch(/^data: \{\ndata: {2}"id"/);
    expect(contents(chunks)[1]).toBe('fox');
  });

  it('body that ends with the connection', async () => {
    const { reply, data } = await stream({ body: 'close-delimited' });
    expect(reply.headers['transfer-encoding']).toBeUndefined();
    expect(reply.headers['content-length']).toBeUndefined();
    expect([reply.end, data.at(-1)]).toEqual(['fin', '[DONE]']);
  });

  it('comments while it works', async () => {
    const { text, chunks } = await stream({ keepAliveMs: 20 }, { prefillMs: 300 });
    expect(text).toMatch(/^: keepalive\n\n: keepalive\n\n/);
    expect(contents(chunks)).toHaveLength(5);
  });

  it('token chunks with empty text', async () => {
    const { chunks } = await stream({ emptyTextEvery: 2 });
    expect(contents(chunks)).toEqual(['', 'fox', '', ' stone', '']);
    expect(runningUsage(chunks)).toEqual([0, 1, 2, 3, 4, 4]);
  });

  it('several tokens per chunk', async () => {
    const { chunks } = await stream({}, { tokensPerChunk: [1, 2] });
    expect(contents(chunks)).toEqual(['', 'fox', ' river stone', ' cloud']);
    expect(runningUsage(chunks)).toEqual([0, 1, 3, 4, 4]);
    expect(server?.truth[0]?.tokens.map((t) => t.tokens)).toEqual([1, 2, 1]);
  });

  it('reasoning first, under any field name', async () => {
    const { chunks } = await stream({ reasoning: { field: 'reasoning', tokens: 2 } });
    const deltas = chunks.slice(1, 5).map((c) => Object.keys(c.choices[0]?.delta ?? {})[0]);
    expect(deltas).toEqual(['reasoning', 'reasoning', 'content', 'content']);
  });

  it('tool calls', async () => {
    const { chunks } = await stream({ toolCalls: true });
    const calls = chunks.slice(1, 5).map((c) => c.choices[0]?.delta?.['tool_calls']);
    expect(calls[0]).toEqual([
      { index: 0, id: 'call_0', type: 'function', function: { name: 'lookup', arguments: 'fox' } },
    ]);
    expect(calls[1]).toEqual([{ index: 0, function: { arguments: ' river' } }]);
    expect(finishes(chunks)[4]).toBe('tool_calls');
  });

  it('several choices', async () => {
    const { chunks } = await stream({}, { body: { n: 2, ...usageAsked } });
    expect(chunks.slice(1, 4).map((c) => c.choices[0]?.index)).toEqual([0, 1, 0]);
    expect(runningUsage(chunks).at(-1)).toBe(8);
  });

  it('several events in one write: one HTTP chunk, one stamp', async () => {
    const { reply, chunks } = await stream({ eventsPerWrite: 3, roleChunk: 'none' });
    expect(contents(chunks)).toEqual(['fox', ' river', ' stone', ' cloud']);
    const stamps = server?.truth[0]?.tokens.map((t) => t.atUs) ?? [];
    expect([stamps[0] === stamps[2], (stamps[3] ?? 0) > (stamps[2] ?? 0)]).toEqual([true, true]);
    // Three tokens; the fourth with usage and [DONE]; the end.
    expect(reply.chunkSizes).toHaveLength(3);
  });

  it('one event over many writes, characters cut in two', async () => {
    const wire: WireSpecInput = { writesPerEvent: 40, writeGapMs: 0.2, multiByteText: true };
    const { reply, chunks } = await stream({ ...wire, roleChunk: 'none' });
    expect(contents(chunks).join('')).toBe('Füchse 河流 камень ☁️');
    expect(reply.chunkSizes.length).toBeGreaterThan(200);
    expect(server?.truth[0]).toMatchObject({ outcome: 'complete', outputTokens: 4 });
  });

  it('unknown fields, timings, extra headers', async () => {
    const { chunks, reply } = await stream({
      unknownFields: true,
      timings: 'per-chunk',
      extraHeaders: { Server: 'llama.cpp' },
    });
    expect(chunks[0]?.['x_trace']).toBeDefined();
    expect(chunks[3]?.timings?.predicted_n).toBe(3);
    expect(reply.headers['server']).toBe('llama.cpp');
    await server?.stop();
    const onFinish = await stream({ timings: 'on-finish' });
    expect(onFinish.chunks.map((c) => 'timings' in c)).toEqual([
      false,
      false,
      false,
      false,
      true,
      false,
    ]);
  });

  it.each(Object.entries(wirePresets))('preset %s streams the tokens', async (_name, wire) => {
    const { chunks } = await stream(wire);
    expect(contents(chunks).join('')).toBe('fox river stone cloud');
    expect(finishes(chunks)).toContain('length');
  });
});
