import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type GoldenStream,
  goldenAsked,
  goldenStreams,
} from '../../src/client/golden-streams.fixture.ts';
import { defaultTarget, detailsOf } from '../../src/client/index.ts';
import { createMonotonicClock } from '../../src/host/index.ts';
import { createLoadRunner, type LoadRunner } from '../../src/loadgen/index.ts';
import type { RequestRecord } from '../../src/model/index.ts';
import { parseDataset, planClosedLevel } from '../../src/workload/index.ts';

const clock = createMonotonicClock();
const dataset = await parseDataset('random').dataset.load({ counter: null, path: null });

/** When each read of each request was written, by the request's id. */
const writtenUs = new Map<string, number[]>();
const urls: string[] = [];
const servers: Server[] = [];

/** Writes the reads of the stream whose number the request's id ends with. */
async function replay(id: string, response: ServerResponse): Promise<void> {
  // Callers go on behind the last one.
  const index = Number(/\d+$/.exec(id)?.[0]) % goldenStreams.length;
  const stream = goldenStreams[index] as GoldenStream;
  const times: number[] = [];
  writtenUs.set(id, times);
  response.writeHead(stream.status, { 'content-type': stream.contentType });
  response.flushHeaders();
  let atMs = 0;
  for (const read of stream.reads) {
    await sleep(read.atMs - atMs);
    atMs = read.atMs;
    times.push(clock.nowUs());
    response.write(read.bytes);
  }
  await sleep(10);
  if (stream.end === 'whole') response.end();
  else response.socket?.destroy();
}

beforeAll(async () => {
  for (let i = 0; i < 2; i++) {
    const server = createServer((request, response) => {
      const id = String(request.headers['x-request-id']);
      request.resume().on('end', () => {
        if (request.method === 'POST') void replay(id, response);
        else response.end('{}');
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push(server);
    urls.push(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
  }
});
afterAll(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

const open: LoadRunner[] = [];
afterEach(() => Promise.all(open.splice(0).map((runner) => runner.close())));

/** All golden streams at once, a caller each. */
const plan = planClosedLevel({
  load: { kind: 'closed', rateRps: null, concurrencyAsked: null, maxConcurrency: 8, arrival: null },
  durationS: null,
  requests: goldenStreams.length,
  maxConcurrency: 8,
  inputTokens: { shape: 'normal' as const, mean: goldenAsked.inputTokens, std: 0 },
  outputTokens: { shape: 'normal' as const, mean: goldenAsked.outputTokens, std: 0 },
  dataset,
  seed: 3,
  salt: 'golden',
});

/** What does not depend on how long things took. */
function timeless(record: RequestRecord) {
  const { tokens, kind } = record.chunks;
  return {
    index: record.index,
    outcome: record.outcome,
    status: record.status,
    error: record.outcome === 'reset' ? null : record.error,
    finishReason: record.finishReason,
    done: record.done,
    asked: [record.inputTokensAsked, record.outputTokensAsked],
    usage: [record.inputTokensUsage, record.outputTokensUsage, record.cachedTokensUsage],
    tokenSource: record.tokenSource,
    tokens: Array.from(tokens),
    kinds: Array.from(kind),
  };
}

function timelessOf({ expected }: GoldenStream, index: number) {
  return {
    index,
    outcome: expected.outcome,
    status: expected.status,
    error: expected.error,
    finishReason: expected.finishReason,
    done: expected.done,
    asked: [goldenAsked.inputTokens, goldenAsked.outputTokens],
    usage: [expected.inputTokensUsage, expected.outputTokensUsage, expected.cachedTokensUsage],
    tokenSource: expected.tokenSource,
    tokens: expected.chunks.map(([, tokens]) => tokens),
    kinds: expected.chunks.map(([, , kind]) => kind),
  };
}

/** No stamp is before the write that it is of, nor before the stamp in front of it. */
function expectInTime(record: RequestRecord, stream: GoldenStream, originUs: number): void {
  const times = writtenUs.get(record.requestId) ?? [];
  const { atUs, read } = record.chunks;
  for (const [row, [from]] of stream.expected.chunks.entries()) {
    // Both clocks are one; a stamp is whole microseconds.
    expect(Number(atUs[row])).toBeGreaterThanOrEqual((times[from] ?? Infinity) - originUs - 501);
    const before = stream.expected.chunks[row - 1]?.[0];
    if (before === from) expect(read[row]).toBe(read[row - 1]);
    if (row > 0) expect(Number(atUs[row])).toBeGreaterThanOrEqual(Number(atUs[row - 1]));
  }
  const phases = [record.intendedUs, record.sentUs, record.headersUs, record.firstByteUs];
  const known = [...phases, record.endUs].filter((time) => time !== null);
  expect(known).toEqual([...known].sort((x, y) => x - y));
  expect(record.firstTokenUs).toBe(atUs.length === 0 ? null : atUs[0]);
  expect(record.lastTokenUs).toBe(atUs.length === 0 ? null : atUs[atUs.length - 1]);
}

describe.each(['raw', 'undici'] as const)('over %s sockets', (transport) => {
  describe.each([1, 3])('read by %d threads', (ioThreads) => {
    test.each([1, 2])('the golden streams give their records, from %d URLs', async (count) => {
      const target = {
        ...defaultTarget,
        api: 'chat' as const,
        url: urls[0] ?? '',
        urls: urls.slice(0, count),
        model: 'golden',
      };
      const runner = await createLoadRunner({ target, transport, clock, ioThreads });
      open.push(runner);
      await runner.prepare(8);
      const originUs = clock.nowUs();
      const run = await runner.runLevel({
        plan,
        level: 0,
        originUs,
        idPrefix: `${transport}-${ioThreads}-${count}`,
        signal: new AbortController().signal,
        tail: false,
      });
      expect(run.status).toBe('complete');
      expect(run.records.map(timeless)).toEqual(goldenStreams.map(timelessOf));
      for (const [i, record] of run.records.entries()) {
        const stream = goldenStreams[i] as GoldenStream;
        expectInTime(record, stream, originUs);
        if (stream.expected.text === null) continue;
        const lanes = detailsOf(record)?.text.lanes.map((lane) => lane.text);
        expect(lanes?.join('|')).toBe(stream.expected.text);
      }
      const places = new Set(run.records.map((record) => record.targetIndex));
      expect(places.size).toBe(count);
    });
  });
});
