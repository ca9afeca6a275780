import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { detailsOf } from '../client/index.ts';
import { ChunkKind, type RequestRecord } from '../model/index.ts';
import type { Case } from './case.ts';
import {
  assertHas,
  done,
  event,
  finish,
  httpChunk,
  lastChunk,
  pacedCase,
  role,
  type SenderFactory,
  say,
  senderCase,
  streamHead,
} from './sender-rig.ts';

const delta = (fields: object, choice: object = {}) =>
  event({ choices: [{ index: 0, delta: fields, ...choice }] });
const tool = (fields: object) => delta({ tool_calls: [{ index: 0, ...fields }] });
const usage = (completion_tokens: number) => ({ usage: { prompt_tokens: 5, completion_tokens } });
const total = (tokens: number) => event({ choices: [], ...usage(tokens) });

interface Shape {
  name: string;
  /** One network read each, behind the head and the role. */
  events: readonly string[];
  expected: Partial<RequestRecord>;
  tokens: readonly number[];
  kinds: readonly number[];
  /** Position among `events` that each chunk came with. */
  at: readonly number[];
}

const { content, reasoning, tool: toolKind, empty } = ChunkKind;

const shapes: readonly Shape[] = [
  {
    name: 'reasoning first: the first token is the first thought',
    events: [
      delta({ reasoning_content: 'hm' }),
      delta({ reasoning: 'so' }),
      say('a'),
      finish + total(3),
    ],
    expected: { outcome: 'ok', tokenSource: 'one-per-chunk', outputTokensUsage: 3 },
    tokens: [1, 1, 1],
    kinds: [reasoning, reasoning, content],
    at: [0, 1, 2],
  },
  {
    name: 'a tool call alone',
    events: [
      tool({ function: { name: 'f', arguments: '' } }),
      tool({ function: { arguments: '{}' } }),
      delta({}, { finish_reason: 'tool_calls' }) + total(2),
    ],
    expected: { outcome: 'ok', finishReason: 'tool_calls', outputTokensUsage: 2 },
    tokens: [1, 1],
    kinds: [toolKind, toolKind],
    at: [0, 1],
  },
  {
    name: 'logprobs',
    events: [
      delta({ content: 'a' }, { logprobs: { content: [{ token: 'a', logprob: -0.5 }] } }),
      delta({ content: 'b' }, { logprobs: { content: [{ token: 'b', logprob: -0.25 }] } }),
      finish + total(2),
    ],
    expected: { outcome: 'ok', tokenSource: 'one-per-chunk' },
    tokens: [1, 1],
    kinds: [content, content],
    at: [0, 1],
  },
  {
    name: 'n = 2: chunks of both choices count, in order of arrival',
    events: [
      say('a'),
      event({ choices: [{ index: 1, delta: { content: 'b' } }] }),
      say('c') + event({ choices: [{ index: 1, delta: { content: 'd' } }] }),
      finish + event({ choices: [{ index: 1, delta: {}, finish_reason: 'stop' }] }) + total(4),
    ],
    expected: { outcome: 'ok', tokenSource: 'one-per-chunk', outputTokensUsage: 4 },
    tokens: [1, 1, 1, 1],
    kinds: [content, content, content, content],
    at: [0, 1, 2, 2],
  },
  {
    name: 'usage with the last token neither hides nor delays it',
    events: [say('a'), delta({ content: 'b' }, { finish_reason: 'length' }), total(2)],
    expected: { outcome: 'ok', tokenSource: 'one-per-chunk', finishReason: 'length' },
    tokens: [1, 1],
    kinds: [content, content],
    at: [0, 1],
  },
  {
    name: 'several tokens in one chunk, by running usage',
    events: [
      event({ choices: [{ index: 0, delta: { content: 'a' } }], ...usage(1) }),
      event({ choices: [{ index: 0, delta: { content: 'bcd' } }], ...usage(4) }),
      event({ choices: [{ index: 0, delta: { content: '' } }], ...usage(5) }),
      finish + total(5),
    ],
    expected: { outcome: 'ok', tokenSource: 'continuous-usage', outputTokensUsage: 5 },
    tokens: [1, 3, 1],
    kinds: [content, content, empty],
    at: [0, 1, 2],
  },
  {
    name: 'llama.cpp: running timings',
    events: [
      event({
        choices: [{ index: 0, delta: { content: 'a' } }],
        timings: { cache_n: 0, prompt_n: 5, prompt_ms: 1.5, predicted_n: 1, predicted_ms: 0.001 },
      }),
      event({
        choices: [{ index: 0, delta: { content: 'bc' } }],
        timings: { cache_n: 0, prompt_n: 5, prompt_ms: 1.5, predicted_n: 3, predicted_ms: 22.75 },
      }),
      finish,
    ],
    expected: { outcome: 'ok', tokenSource: 'continuous-usage', outputTokensUsage: 3 },
    tokens: [1, 2],
    kinds: [content, content],
    at: [0, 1],
  },
  {
    name: 'lines that end with CR LF, comments, event and id lines, data without a blank',
    events: [
      `: ping\r\n\r\nid: 1\r\nevent: message\r\n${say('a').replace('data: ', 'data:').replaceAll('\n', '\r\n')}`,
      'data: {"choices":[{"index":0,\ndata: "delta":{"content":"b"}}]}\n\n',
      finish + total(2),
    ],
    expected: { outcome: 'ok', tokenSource: 'one-per-chunk' },
    tokens: [1, 1],
    kinds: [content, content],
    at: [0, 1],
  },
];

/** What real servers put into a stream, each as a record of its own. */
export const senderShapeCases: readonly Case<SenderFactory>[] = [
  ...shapes.map(({ name, events, expected, tokens, kinds, at }) =>
    pacedCase(`shape: ${name}`, async (rig, slower) => {
      const record = await rig.exchange((socket) => {
        const pieces = [streamHead + httpChunk(role), ...events.map(httpChunk)];
        pieces.push(httpChunk(done) + lastChunk);
        void (async () => {
          for (const piece of pieces) {
            socket.write(piece);
            await sleep(15 * slower);
          }
        })();
      });
      assertHas(record, { error: null, done: true, ...expected });
      const { chunks } = record;
      assert.deepEqual(Array.from(chunks.tokens), tokens);
      assert.deepEqual(Array.from(chunks.kind), kinds);
      // The head came with the role, by the first read.
      assert.deepEqual(
        Array.from(chunks.read),
        at.map((position) => position + 1),
      );
      assert.ok(Number(record.firstChunkUs) < Number(record.firstTokenUs));
      assert.equal(record.firstTokenUs, chunks.atUs[0]);
      assert.equal(record.lastTokenUs, chunks.atUs[chunks.atUs.length - 1]);
    }),
  ),

  senderCase('shape: one event over many reads counts where it is whole', async (rig) => {
    const whole = say('grün 😀');
    const bytes = Buffer.from(whole);
    const record = await rig.exchange((socket) => {
      void (async () => {
        socket.write(`${streamHead}${bytes.length.toString(16)}\r\n`);
        for (let from = 0; from < bytes.length; from += 20) {
          await sleep(10);
          socket.write(bytes.subarray(from, from + 20));
        }
        await sleep(30);
        socket.write(`\r\n${httpChunk(finish + done)}${lastChunk}`);
      })();
    });
    assertHas(record, { outcome: 'ok', done: true });
    assert.equal(record.chunks.atUs.length, 1);
    assert.equal(detailsOf(record)?.text.lanes[0]?.text, 'grün 😀');
    assert.ok(Number(record.firstTokenUs) - Number(record.firstByteUs) > 25_000);
    assert.ok(record.endUs - Number(record.firstTokenUs) > 20_000);
  }),
];
