import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readLevels } from '../../src/results/index.ts';
import { spawnSimServer } from '../../src/sim/index.ts';
import { readValidEnvelope, runBench, tempDir } from './run-bench.ts';

// The percentiles against theory are in test/known-truth, on the virtual clock.
test('M/D/1 at rho 0.5 over sockets: the client sees what the server’s own log says', async () => {
  const serviceMs = 20;
  const server = await spawnSimServer(
    { slots: 1, service: { kind: 'constant', ms: serviceMs } },
    { spinMs: 1 },
  );
  onTestFinished(() => server.stop());
  const output = join(tempDir(), 'result');
  const { exitCode, err } = await runBench([
    ...['run', 'llm.inference', '--endpoint', server.endpoint, '--json', '--no-html'],
    ...['--rate', '25', '--requests', '250', '--input-tokens', '8', '--output-tokens', '1'],
    ...['--warmup-runs', '1', '--warmup-requests', '3', '--gates', 'off', '--output', output],
    '--allow-client-bottleneck',
  ]);
  expect(exitCode, err).toBe(0);
  const [level] = await readLevels(output, readValidEnvelope(output));
  const truths = new Map((await server.truth()).map((truth) => [truth.requestId, truth]));
  const counted = level?.records.filter((record) => record.counted) ?? [];
  expect(counted).toHaveLength(250);
  const served = counted.map((record) => {
    const truth = truths.get(record.requestId);
    if (truth === undefined) throw new Error(`the server knows nothing of ${record.requestId}`);
    const trueMs = ((truth.tokens.at(-1)?.atUs ?? 0) - truth.receivedUs) / 1000;
    const seenMs = ((record.lastTokenUs ?? 0) - (record.sentUs ?? 0)) / 1000;
    return { receivedUs: truth.receivedUs, trueMs, errorMs: seenMs - trueMs };
  });
  // What the client saw lies around what the server did, never inside it: half of all requests by
  // less than a place in the queue, whatever else the machine does.
  const errors = served.map(({ errorMs }) => errorMs).sort((a, b) => a - b);
  expect(errors[0]).toBeGreaterThan(-0.2);
  expect(errors[125]).toBeLessThan(serviceMs);

  // The queue itself, by Lindley's recursion over the arrivals that the server had.
  served.sort((a, b) => a.receivedUs - b.receivedUs);
  let freeUs = 0;
  const expected = served.map(({ receivedUs }) => {
    freeUs = Math.max(freeUs, receivedUs) + 1000 * serviceMs;
    return (freeUs - receivedUs) / 1000;
  });
  const mean = (values: number[]) => values.reduce((sum, v) => sum + v, 0) / values.length;
  const trueMean = mean(served.map(({ trueMs }) => trueMs));
  expect(trueMean / mean(expected)).toBeGreaterThan(0.95);
  const waited = served.filter(({ trueMs }) => trueMs > 1.05 * serviceMs).length / 250;
  expect(waited).toBeGreaterThan(0.25);
});
