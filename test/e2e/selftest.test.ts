import { once } from 'node:events';
import { expect, test } from 'vitest';
import { measureSelftest, receivedTokensPerS } from '../../src/app/selftest/run-selftest.ts';
import { renderSelftest } from '../../src/app/selftest/selftest-command.ts';
import { createNodeHost } from '../../src/host/index.ts';
import type { RequestRecord, Selftest } from '../../src/model/index.ts';
import { spawnCli } from './spawn-cli.ts';

const { clock } = createNodeHost();
const deps = { clock, emit: () => {}, transport: 'auto' } as const;
const load = { streams: 2, rateRps: null, streamTokensPerS: 50, seconds: 1 };
const signal = new AbortController().signal;

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends a selftest at once', async (name) => {
  const cli = spawnCli(['selftest', '--streams', '4', '--seconds', '600']);
  let said = '';
  while (!said.includes('at most')) {
    const [bytes] = (await once(cli.child.stderr ?? cli.child, 'data')) as [Buffer];
    said += bytes.toString();
  }
  cli.child.kill(name);
  const { code, out, err } = await cli.ended;
  expect(code, err).toBe(130);
  expect(out).toBe('');
  expect(err).toContain(`Interrupted by ${name}`);
  expect(err).toContain('INTERRUPTED');
});

test('an abort in the middle of a level is no measurement', async () => {
  const stop = new AbortController();
  const measuring = measureSelftest([{ ...load, seconds: 600 }], 1e6, {
    ...deps,
    signal: stop.signal,
  });
  setTimeout(() => stop.abort(new Error('enough')), 2500);
  await expect(measuring).rejects.toThrow('enough');
});

test('what the time is up for is named, and not judged', async () => {
  const long = { ...load, seconds: 600 };
  const loads = [long, { ...load, streams: null, rateRps: 5 }];
  const cut = await measureSelftest(loads, 3000, { ...deps, signal });
  expect(cut).toMatchObject({ levels: [], notRun: ['closed 2 x 50 tok/s', 'open 5 req/s'] });

  const whole = await measureSelftest([load], 1e6, { ...deps, signal });
  expect(whole.notRun).toEqual([]);
  expect(whole.levels.map((level) => level.load)).toEqual(['closed 2 x 50 tok/s']);
  // Two streams of 40 tokens in 0.83 s and more.
  expect(whole.levels[0]?.tokensPerS).toBeGreaterThan(0);
  expect(whole.levels[0]?.tokensPerS).toBeLessThanOrEqual(97);

  const { notRun } = cut;
  const selftest = { ...whole, notRun, cpuCount: 2, maxTokensPerS: null } as unknown as Selftest;
  const text = renderSelftest(selftest);
  expect(text).toMatch(/^open 5 req\/s +not run: time$/m);
  expect(text).toContain('Kept up: E2E error <= 10 ms mean, ITL error <= 5 ms p99');
  expect(renderSelftest({ ...selftest, levels: [] })).toContain('No level ended in time');
});

test('tokens per second are those that arrived', () => {
  const record = (counted: boolean, sentUs: number, endUs: number, atUs: number[]) =>
    ({ counted, sentUs, endUs, chunks: { atUs } }) as unknown as RequestRecord;
  const records = [
    record(true, 0, 1e6, [5e5, 1e6]),
    record(true, 1e6, 2e6, [15e5, 2e6]),
    // Keeps up the load behind the counted ones; what arrives later is not of this time.
    record(false, 15e5, 3e6, [2e6, 3e6]),
  ];
  expect(receivedTokensPerS(records)).toBe(2.5);
  expect(receivedTokensPerS([])).toBe(0);
});
