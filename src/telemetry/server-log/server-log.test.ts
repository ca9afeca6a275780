import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { RequestRecord } from '../../model/index.ts';
import { joinServerLog } from './join-server-log.ts';
import { readServerLog } from './read-server-log.ts';

const run = '01KB8QZ4T3M5N7P9R1S3V5X7Z9-level-0';
const id = (index: number) => `${run}-${index}`;
const ids = new Set(Array.from({ length: 12 }, (_, i) => id(i)));
const read = (...lines: string[]) => readServerLog(lines, ids);
const silent = { queueMs: null, ttftMs: null, e2eMs: null };

it('finds the id as vLLM 0.16 logs it, in front of and behind what it adds', async () => {
  // The form of vllm-project/vllm issue 34503, with an id of ours in the place of its own.
  const found = await read(
    `(APIServer pid=90458) INFO 02-13 11:33:33 [logger.py:49] Received request chatcmpl-${id(1)}: params: SamplingParams(n=1, temperature=0.7, max_tokens=100), lora_request: None.`,
    `(APIServer pid=90458) INFO 02-13 11:33:33 [async_llm.py:382] Added request chatcmpl-${id(1)}-a8a65d16.`,
    `INFO 10-01 18:43:27 logger.py:36] Received request cmpl-${id(11)}-0: prompt: 'How to make pizza', params: SamplingParams(n=1)`,
    '(APIServer pid=90458) INFO:     10.80.23.18:51408 - "POST /v1/chat/completions HTTP/1.1" 200 OK',
    'INFO 10-01 18:43:28 logger.py:36] Received request cmpl-c52dbd9a95114d1cbfa182e588138c86-0: prompt',
    // Begins like one of ours, and is not.
    `Received request cmpl-${run}-99-0:`,
    `Received request other-${id(2)}:`,
  );
  expect([...found.values()]).toEqual([
    { requestId: id(1), ...silent },
    { requestId: id(11), ...silent },
  ]);
});

it('reads times where they stand, of one line or of several', async () => {
  const found = await read(
    `reference: request ${id(3)} queue_ms=1.5 ttft_ms=20 e2e_ms=1.5e2 tokens=8`,
    `{"level": "info", "x-request-id": "${id(4)}", "ttft_ms": 7.25}`,
    `{"x-request-id": "${id(4)}", "e2e_ms": 90, "ttft_msx": 1}`,
  );
  expect([...found.values()]).toEqual([
    { requestId: id(3), queueMs: 1.5, ttftMs: 20, e2eMs: 150 },
    { requestId: id(4), queueMs: null, ttftMs: 7.25, e2eMs: 90 },
  ]);
});

it("reads vLLM's spans out of OTLP JSON", async () => {
  const attribute = (key: string, value: object) => ({ key, value });
  const span = (requestId: string) => ({
    name: 'llm_request',
    attributes: [
      attribute('gen_ai.request.id', { stringValue: `cmpl-${requestId}-0` }),
      attribute('gen_ai.latency.time_in_queue', { doubleValue: 0.002 }),
      attribute('gen_ai.latency.time_to_first_token', { doubleValue: 0.25 }),
      attribute('gen_ai.latency.e2e', { intValue: '2' }),
    ],
  });
  const scopes = [{ spans: [span(id(5)), span('other'), { name: 'without attributes' }] }];
  const found = await read(
    JSON.stringify({ resourceSpans: [{ scopeSpans: scopes }] }),
    '{"resourceSpans": torn',
  );
  expect([...found.values()]).toEqual([{ requestId: id(5), queueMs: 2, ttftMs: 250, e2eMs: 2000 }]);
});

it('takes any log without a word', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.string()), async (lines) => {
      expect((await read(...lines)).size).toBe(0);
    }),
  ));

const record = (index: number, over: Partial<RequestRecord> = {}) =>
  ({
    ...{ requestId: id(index), sentUs: 1_000_000, firstTokenUs: 1_100_000 },
    ...{ lastTokenUs: 1_500_000, outcome: 'ok' },
    ...over,
  }) as RequestRecord;

it('subtracts request by request, and names what it did not find', () => {
  const records = [
    record(0),
    record(1, { firstTokenUs: 1_200_000 }),
    // Cut off: its end is not the server's.
    record(2, { outcome: 'timeout', lastTokenUs: 1_400_000 }),
    record(3, { outcome: 'reset' }),
    record(4, { sentUs: null, outcome: 'refused' }),
  ];
  const entry = (index: number, ttftMs: number, e2eMs: number | null) =>
    [id(index), { requestId: id(index), queueMs: 1, ttftMs, e2eMs }] as const;
  const joined = joinServerLog(
    records,
    new Map([entry(0, 90, 480), entry(1, 150, 510), entry(2, 60, 900)]),
  );
  expect(joined).toEqual({
    ...{ sent: 4, found: 3, missing: [{ requestId: id(3), outcome: 'reset' }] },
    waits: [
      {
        ...{ name: 'TTFT', requests: 3, impossible: 0 },
        server: { minMs: 60, p50Ms: 90, p90Ms: 150, maxMs: 150 },
        client: { minMs: 100, p50Ms: 100, p90Ms: 200, maxMs: 200 },
        outside: { minMs: 10, p50Ms: 40, p90Ms: 50, maxMs: 50 },
      },
      {
        // 500 ms here, 510 there.
        ...{ name: 'E2E', requests: 2, impossible: 1 },
        server: { minMs: 480, p50Ms: 480, p90Ms: 510, maxMs: 510 },
        client: { minMs: 500, p50Ms: 500, p90Ms: 500, maxMs: 500 },
        outside: { minMs: -10, p50Ms: -10, p90Ms: 20, maxMs: 20 },
      },
      {
        ...{ name: 'Queue', requests: 3, impossible: 0, client: null, outside: null },
        server: { minMs: 1, p50Ms: 1, p90Ms: 1, maxMs: 1 },
      },
    ],
  });
});
