import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Envelope } from '../../src/model/index.ts';
import type { SimServer, SimSpecInput } from '../../src/sim/index.ts';
import { startSim } from './bad-servers.ts';
import {
  bare,
  parseStdout,
  readValidEnvelope,
  runBench,
  tempDir,
  warmedOnce,
} from './run-bench.ts';
import { spawnCli, untilRequests } from './spawn-cli.ts';

const small = ['--input-tokens', '8', '--output-tokens', '4'];
const paced = ['--rate', '100', '--arrival', 'constant', '--requests', '24'];

/** A run against a server of its own, by default of one short level. */
async function measure(
  spec: SimSpecInput,
  argv: readonly string[],
  options: {
    load?: readonly string[];
    method?: readonly string[];
    env?: Record<string, string>;
  } = {},
) {
  const server = await startSim(spec);
  const output = join(tempDir(), 'result');
  const { load = paced, method = warmedOnce, env = {} } = options;
  const target = ['--endpoint', server.endpoint, '--model', 'sim-model'];
  const run = ['run', 'llm.inference', ...target, ...small, ...method, ...load, ...argv];
  const result = await runBench([...run, '--json', '--output', output], { env });
  const codes = (envelope: Envelope) =>
    [...envelope.findings, ...envelope.levels.flatMap(({ findings }) => findings)].map(
      ({ code, message }) => [code, message] as const,
    );
  return {
    ...{ server, output, ...result },
    envelope: () => readValidEnvelope(output),
    findings: () => new Map(codes(readValidEnvelope(output))),
  };
}

/** Tokens that the server has taken in and given out, by its own log. */
const tokensOf = (server: SimServer) =>
  server.truth
    .filter(({ outcome }) => outcome !== 'refused')
    .reduce((sum, one) => sum + (one.promptTokens ?? 0) + one.outputTokens, 0);

describe('a provider that limits its callers', () => {
  const limited: SimSpecInput = {
    rateLimit: { requests: 20, windowMs: 3_600_000, retryAfter: 'none' },
  };

  test('refusals are an outcome of their own, never sent again, and the limit is named', async () => {
    const ran = await measure(limited, ['--max-error-share', '1']);
    expect(ran.exitCode, ran.err).toBe(0);
    const { levels, target } = ran.envelope();
    const outcomes = levels[0]?.metrics.outcomes ?? {};
    expect(Object.keys(outcomes).sort()).toEqual(['ok', 'rate_limited']);
    expect((outcomes['ok'] ?? 0) + (outcomes['rate_limited'] ?? 0)).toBe(24);
    expect(levels[0]?.metrics.values).toMatchObject({
      requests_ok: outcomes['ok'],
      requests_failed: outcomes['rate_limited'],
      requests_rate_limited: outcomes['rate_limited'],
    });
    const ids = ran.server.truth.map(({ requestId }) => requestId);
    expect(new Set(ids).size).toBe(ids.length);
    // Those behind the last counted one are refused as well.
    const refused = ran.server.truth.filter(({ status }) => status === 429).length;
    expect(refused).toBeGreaterThanOrEqual(outcomes['rate_limited'] ?? -1);

    expect(target.limits).toMatchObject({ 'x-ratelimit-limit-requests': '20' });
    expect(ran.findings().get('server-states-limits')).toContain('x-ratelimit-limit-requests: 20');
    const finding = ran.findings().get('rate-limited');
    expect(finding).toContain(`refused ${outcomes['rate_limited']} of 24 requests with HTTP 429`);
    expect(finding).toContain('x-ratelimit-limit-requests: 20, x-ratelimit-remaining-requests: 0');
    expect(finding).toMatch(/Lower --rate \(\d\S* req\/s were let through\)/);

    // The same from the records alone.
    const shown = parseStdout((await runBench(['show', ran.output, '--json'])).out);
    expect(shown.findings.map(({ message }) => message)).toContain(finding);
  });

  test('by default a level with refusals is not valid', async () => {
    const ran = await measure(limited, []);
    expect(ran.exitCode).toBe(6);
    expect(ran.findings().get('error-share-high')).toMatch(/ rate_limited\)/);
  });

  test('503 is told apart', async () => {
    const busy: SimSpecInput = { faults: [{ kind: 'http', status: 503, when: { from: 12 } }] };
    const ran = await measure(busy, ['--max-error-share', '1']);
    expect(ran.exitCode, ran.err).toBe(0);
    const { outcomes, values } = ran.envelope().levels[0]?.metrics ?? expect.fail('no level');
    expect(outcomes['overloaded']).toBeGreaterThan(0);
    expect(values).toMatchObject({
      requests_overloaded: outcomes['overloaded'],
      requests_rate_limited: 0,
    });
    expect(ran.findings().get('server-overloaded')).toContain('HTTP 503');
  });

  test.each([
    ['seconds', { 'retry-after': '1' }],
    [
      'a date',
      { 'retry-after': 'Wed, 21 Oct 2026 07:28:01 GMT', date: 'Wed, 21 Oct 2026 07:28:00 GMT' },
    ],
  ])('preflight waits as it is told, in %s', async (_, headers) => {
    const ran = await measure(
      { faults: [{ kind: 'http', status: 429, headers, when: { to: 1 } }] },
      [],
    );
    expect(ran.exitCode, ran.err).toBe(0);
    expect(ran.err).toContain('waiting 1 s as it asks (Retry-After)');
    expect(ran.findings().get('preflight-limited')).toContain('waited 1 s');
    expect(ran.envelope().levels[0]?.metrics.outcomes).toEqual({ ok: 24 });
  });

  test('preflight does not wait for an hour', async () => {
    const headers = { 'retry-after': '3600', 'x-ratelimit-limit-tokens': '100000' };
    const ran = await measure({ faults: [{ kind: 'http', status: 429, headers }] }, []);
    expect(ran.exitCode).toBe(4);
    expect(parseStdout(ran.out).error).toMatchObject({
      code: 'TARGET_RATE_LIMITED',
      message: expect.stringContaining('asks for 3600 s without requests'),
      hint: expect.stringContaining('60 s at most'),
    });
    expect(ran.err).toContain('x-ratelimit-limit-tokens: 100000');
    expect(ran.server.requests).toBe(1);
  });

  test('a limit met in the warm-up is waited for before the level, not inside', async () => {
    const method = [
      ...bare.slice(0, 4),
      '--warmup-runs',
      '1',
      '--warmup-requests',
      '2',
      bare.at(-1) ?? '',
    ];
    const plain = await measure({}, [], { method });
    const first = plain.server.truth.find(({ requestId }) => requestId?.includes('-warmup'));
    const from = first?.number ?? expect.fail('no warm-up request');
    const fault = { kind: 'http', status: 429, headers: { 'retry-after': '1' } } as const;
    const when = { from, to: from + 1 };
    const ran = await measure({ faults: [{ ...fault, when }] }, [], { method });
    expect(ran.exitCode, ran.err).toBe(0);
    expect(ran.err).toMatch(/waiting .* s, as the server asks \(Retry-After\)/);
    expect(ran.findings().get('warm-up-failures')).toContain('2 of 2');
    expect(ran.findings().get('waited-for-limit')).toContain('once');
    expect(ran.envelope().levels[0]?.metrics.outcomes).toEqual({ ok: 24 });
  });
});

describe('a budget', () => {
  const endless = ['--duration', '600'];
  test.each([
    ['an open loop', ['--rate', '100', '--arrival', 'constant', ...endless], {}],
    ['a closed loop', ['--max-concurrency', '4', ...endless], {}],
    ['levels that wait until they have settled', ['--rate', '50', ...endless], { gates: 'auto' }],
    ['answers that end early', ['--max-concurrency', '4', ...endless], { early: true }],
    ['several threads', ['--rate', '100', '--io-threads', '2', ...endless], {}],
  ] as [string, string[], { gates?: string; early?: boolean }][])(
    'of tokens is not overrun, and what was measured is kept: %s',
    async (_, load, { gates = 'off', early = false }) => {
      const spec: SimSpecInput = early
        ? { stopEarly: { probability: 0.5, ignoresIgnoreEos: true } }
        : {};
      const method = ['--gates', gates, ...warmedOnce.slice(2)];
      const budget = ['--max-total-tokens', '900'];
      const ran = await measure(spec, budget, { load, method });
      expect(ran.exitCode, ran.err).toBe(7);
      const object = parseStdout(ran.out);
      expect(object).toMatchObject({
        status: 'partial',
        exitCode: 7,
        error: { code: 'BUDGET_REACHED', message: expect.stringContaining('of 900 tokens') },
      });
      const { spending, levels } = ran.envelope();
      const used = tokensOf(ran.server);
      expect(used).toBeLessThanOrEqual(900);
      // One more request would not have fitted: 12 tokens, and those that were set aside.
      expect(used).toBeGreaterThan(900 - 12 * 6);
      const counted = (spending?.inputTokens ?? 0) + (spending?.outputTokens ?? 0);
      expect(spending?.maxTotalTokens).toBe(900);
      const shown = await runBench(['show', ran.output]);
      expect(shown.exitCode, shown.err).toBe(0);
      expect(shown.out).toMatch(/PARTIAL: .*budget/);
      if (gates === 'auto') {
        // A gate ends in the middle of a request, which counts as the most that it can come to.
        expect(counted).toBeGreaterThanOrEqual(used);
        return;
      }
      expect(counted).toBe(used);
      expect(spending?.requests).toBe(ran.server.requests);
      expect(levels).toMatchObject([{ status: 'partial', valid: true }]);
      expect(ran.findings().get('budget-reached')).toContain('budget');
      const { outcomes } = levels[0]?.metrics ?? expect.fail('no level');
      // What was in flight has ended by itself.
      expect(Object.keys(outcomes)).toEqual(['ok']);
      expect(shown.out).toMatch(/Spent: +\d+ tokens \(of 900\) in \d+ requests/);
    },
  );

  test('of money, by the prices that were given', async () => {
    const prices = ['--price-input', '1', '--price-output', '4', '--max-cost', '0.001'];
    const ran = await measure({}, prices, { load: ['--max-concurrency', '4', ...endless] });
    expect(ran.exitCode, ran.err).toBe(7);
    const { spending, method } = ran.envelope();
    expect(spending?.price).toMatchObject({
      kind: 'tokens',
      source: '--price-input and --price-output',
      date: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    });
    const { inputTokens = 0, outputTokens = 0, usd = null } = spending ?? {};
    expect(usd).toBeCloseTo((inputTokens + 4 * outputTokens) / 1e6, 12);
    expect(usd).toBeLessThanOrEqual(0.001);
    expect(usd).toBeGreaterThan(0.0008);
    // 8 tokens in at 1 USD and 4 out at 4 USD a million: 24 millionths for 12.
    expect(method?.cost?.usdPerMillionTokens).toBeCloseTo(2, 6);
  });

  test('counts by ourselves where the server tells no usage', async () => {
    const load = ['--max-concurrency', '2', ...endless];
    const ran = await measure({ wire: { usage: 'none' } }, ['--max-total-tokens', '600'], { load });
    expect(ran.exitCode, ran.err).toBe(7);
    const { spending } = ran.envelope();
    expect(spending?.requestsWithoutUsage).toBe(spending?.requests);
    expect(tokensOf(ran.server)).toBeLessThanOrEqual(600);
    // The length check counts as many tokens as its prompt has bytes.
    expect(tokensOf(ran.server)).toBeGreaterThan(400);
  });

  test('that the warm-up uses up leaves nothing to measure, and says so', async () => {
    const ran = await measure({}, ['--max-total-tokens', '200'], {
      method: ['--gates', 'off', '--rest', '0', '--warmup-runs', '1', '--warmup-requests', '30'],
    });
    expect(ran.exitCode, ran.err).toBe(7);
    expect(ran.envelope()).toMatchObject({ status: 'partial', levels: [] });
    expect(tokensOf(ran.server)).toBeLessThanOrEqual(200);
    expect(ran.server.requests).toBeGreaterThan(5);
  });

  test('that is larger than the run is no reason to stop', async () => {
    const ran = await measure({}, [
      '--max-total-tokens',
      '100000',
      '--max-cost',
      '1',
      '--price-input',
      '1',
      '--price-output',
      '1',
    ]);
    expect(ran.exitCode, ran.err).toBe(0);
    expect(ran.envelope().spending?.requests).toBeGreaterThanOrEqual(ran.server.requests);
  });

  test('of money without a price is refused before anything is sent', async () => {
    const ran = await measure({}, ['--max-cost', '1']);
    expect(ran.exitCode).toBe(2);
    expect(JSON.parse(ran.out).error).toMatchObject({
      code: 'USAGE_NO_PRICE',
      hint: expect.stringContaining('--price-input and --price-output'),
    });
    expect(ran.server.requests).toBe(0);
  });
});

describe('--api-key-env', () => {
  const key = 'sk-provider-0815-secret';

  test('the key is in no file, no output, no reproduce command and no process list', async () => {
    const server = await startSim({ apiKey: key });
    const output = join(tempDir(), 'result');
    const argv = ['run', 'llm.inference', '--endpoint', server.endpoint, '--output', output];
    const load = ['--rate', '20', '--arrival', 'constant', '--duration', '60', ...small, ...bare];
    const cli = spawnCli([...argv, ...load, '--api-key-env', 'MY_PROVIDER_KEY', '--save-result'], {
      MY_PROVIDER_KEY: key,
    });
    await untilRequests(cli, server, 20);
    const seen = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((pid) => commandLineOf(pid));
    expect(seen.some((line) => line.includes('--api-key-env'))).toBe(true);
    // This test's own name aside, nobody shows it.
    expect(seen.filter((line) => line.includes(key))).toEqual([]);
    cli.child.kill('SIGINT');
    const { code, out, err } = await cli.ended;
    expect(code, err).toBe(130);
    expect(out + err).not.toContain(key);
    const files = readdirSync(output, { recursive: true, withFileTypes: true }).filter((f) =>
      f.isFile(),
    );
    expect(files.length).toBeGreaterThanOrEqual(4);
    for (const file of files) {
      expect(readFileSync(join(file.parentPath, file.name)).includes(key), file.name).toBe(false);
    }
    const { command } = readValidEnvelope(output);
    expect(command.argv.join(' ')).toContain('--api-key-env MY_PROVIDER_KEY');
    expect(command.resolved).toMatchObject({ apiKey: '<redacted>', apiKeyEnv: 'MY_PROVIDER_KEY' });
  });

  test.each([
    ['a variable that is not set', 'MY_PROVIDER_KEY', 'USAGE_NO_API_KEY'],
    ['the key itself in place of the name', key, 'USAGE_BAD_VALUE'],
  ])('%s is refused, and not repeated', async (_, name, code) => {
    const ran = await measure({}, ['--api-key-env', name]);
    expect(ran.exitCode).toBe(2);
    expect(JSON.parse(ran.out).error).toMatchObject({ code });
    expect(ran.out + ran.err).not.toContain(key);
    expect(ran.server.requests).toBe(0);
  });
});

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ');
  } catch {
    return '';
  }
}
