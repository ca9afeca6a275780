import { createServer, type Socket } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { askServer } from './probe-server.fixture.ts';
import { probes } from './probes/index.ts';

type Reply = { bytes: Buffer; afterwards: 'end' | 'reset' | 'hang' };

/** A server that answers its requests with these bytes, one after the other, whatever was asked. */
async function startGarbage(replies: readonly Reply[]) {
  const sockets = new Set<Socket>();
  let next = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', () => {
      const reply = replies[next++ % replies.length];
      if (reply === undefined) return;
      socket.write(reply.bytes);
      if (reply.afterwards === 'end') socket.end();
      if (reply.afterwards === 'reset') socket.resetAndDestroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as { port: number }).port}/v1`,
    stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

const anyJson = fc.jsonValue({ maxDepth: 2 });
/** Chunks with the right names and anything under them. */
const anyChunk = fc.record(
  {
    object: anyJson,
    choices: fc.oneof(
      anyJson,
      fc.array(
        fc.record(
          {
            ...{ index: fc.oneof(fc.integer(), anyJson), finish_reason: anyJson, text: anyJson },
            delta: fc.oneof(
              anyJson,
              fc.record({
                role: anyJson,
                content: anyJson,
                tool_calls: anyJson,
                reasoning: anyJson,
              }),
            ),
            logprobs: fc.oneof(anyJson, fc.record({ content: anyJson, tokens: anyJson })),
          },
          { requiredKeys: [] },
        ),
      ),
    ),
    usage: fc.oneof(
      anyJson,
      fc.record({ prompt_tokens: anyJson, completion_tokens: fc.oneof(fc.double(), anyJson) }),
    ),
    error: fc.oneof(fc.constant(undefined), anyJson),
  },
  { requiredKeys: ['choices'] },
);
const anyEvent = fc.oneof(
  anyChunk.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`),
  fc.string().map((text) => `data: ${text}\n\n`),
  fc.constantFrom('data: [DONE]\n\n', ': keepalive\n\n', 'event: error\ndata: {}\n\n', '\n'),
);
const anyStatus = fc.oneof(fc.constant(200), fc.integer({ min: 100, max: 599 }));
const anyType = fc.constantFrom('text/event-stream', 'application/json', 'text/plain', 'x');
const framed = fc
  .tuple(
    anyStatus,
    anyType,
    fc.oneof(
      fc.array(anyEvent).map((all) => all.join('')),
      fc.json(),
    ),
  )
  .map(([status, type, body]) =>
    Buffer.from(
      `HTTP/1.1 ${status} X\r\ncontent-type: ${type}\r\nconnection: close\r\n\r\n${body}`,
    ),
  );
const anyReply: fc.Arbitrary<Reply> = fc.record({
  bytes: fc.oneof(
    { weight: 6, arbitrary: framed },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)) },
  ),
  afterwards: fc.constantFrom(
    'end' as const,
    'end' as const,
    'end' as const,
    'reset' as const,
    'hang' as const,
  ),
});

test('a server of garbage gets a whole table, and no probe fails', {
  timeout: 600_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyReply, { minLength: 1, maxLength: 12 }), async (replies) => {
      const server = await startGarbage(replies);
      try {
        const { rows } = await askServer(probes.list(), server.endpoint, {
          ...{ requestTimeoutMs: 60, probeLimitMs: 1500 },
        });
        expect(rows).toHaveLength(probes.list().flatMap((probe) => probe.rows).length);
        for (const { id, evidence, meaning } of rows) {
          expect(evidence, id).not.toMatch(/the probe failed/);
          expect(evidence.length, id).toBeGreaterThan(0);
          expect(evidence.length, id).toBeLessThanOrEqual(300);
          // biome-ignore lint/suspicious/noControlCharactersInRegex: none may get through.
          expect(evidence, id).not.toMatch(/[\u0000-\u001f]/);
          expect(meaning, id).toMatch(/\S/);
        }
      } finally {
        server.stop();
      }
    }),
    { numRuns: 8, endOnFailure: true },
  );
});
