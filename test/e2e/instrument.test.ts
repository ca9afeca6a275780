import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execPath, env as ownEnv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { writeSelftest } from '../../src/app/selftest/selftest-cache.ts';
import { nodeProgram } from '../../src/core/index.ts';
import type { Selftest } from '../../src/model/index.ts';
import { readLevels } from '../../src/results/index.ts';
import type { FaultInput, SimServer } from '../../src/sim/index.ts';
import { startSim } from './bad-servers.ts';
import { bare, parseStdout, readValidEnvelope, runBench, tempDir } from './run-bench.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const small = ['--input-tokens', '8', '--output-tokens', '4'];

async function recordsOf(dir: string) {
  const [level] = await readLevels(dir, readValidEnvelope(dir));
  return level?.records.filter((record) => record.counted) ?? [];
}

/** Requests of the level itself, by the id that the client sent along. */
const idsAt = (server: SimServer, ids: ReadonlySet<string>) =>
  server.truth.flatMap(({ requestId }) =>
    requestId !== null && ids.has(requestId) ? [requestId] : [],
  );

test.each(['1', '2'])(
  'two URLs share the requests, joined to them by id, over %s I/O threads',
  async (threads) => {
    const servers = [await startSim(), await startSim()] as const;
    const output = join(tempDir(), 'result');
    const { exitCode, err } = await runBench([
      ...['run', 'llm.inference', '--endpoint', servers[0].endpoint],
      ...['--replica', servers[1].endpoint, '--io-threads', threads],
      ...['--rate', '100', '--requests', '20', ...small, ...bare],
      ...['--json', '--no-html', '--output', output],
    ]);
    expect(exitCode, err).toBe(0);
    const records = await recordsOf(output);
    expect(records).toHaveLength(20);
    const ids = new Set(records.map((record) => record.requestId));
    expect(ids.size).toBe(20);
    for (const [place, server] of servers.entries()) {
      const own = records.filter((record) => record.targetIndex === place);
      expect(own).toHaveLength(10);
      expect(idsAt(server, ids).sort()).toEqual(own.map((record) => record.requestId).sort());
    }
    for (const record of records) {
      // Every phase has its place: connected, sent, written, headers, first byte, end.
      expect(record).toMatchObject({ dnsUs: 0, tlsUs: 0 });
      const steps = [
        record.intendedUs,
        record.sentUs,
        record.writtenUs,
        record.headersUs,
        record.firstByteUs,
        record.endUs,
      ];
      expect(steps).not.toContain(null);
      expect(steps).toEqual(steps.toSorted((a, b) => Number(a) - Number(b)));
    }
    const [level] = readValidEnvelope(output).levels;
    expect(level?.client?.figures.ioThreads.map(({ name }) => name)).toEqual(
      ['io-0', 'io-1'].slice(0, Number(threads)),
    );
  },
);

/** A program of its own, whose I/O thread finds all files but `left` taken from its n-th socket on. */
function runWithFewFiles(argv: readonly string[], few: { fromSocket: number; left: number }) {
  // A limit of ours, as the machine's may be a million: far beyond what the modules need.
  const command = 'ulimit -n 1024; exec "$0" "$@"';
  const env = {
    ...ownEnv,
    NODE_OPTIONS: `--import=${new URL('few-files.mjs', import.meta.url).href}`,
    FEW_FILES_FROM_SOCKET: String(few.fromSocket),
    FEW_FILES_LEFT: String(few.left),
  };
  return new Promise<{ code: number; out: string; err: string }>((resolve) => {
    execFile(
      'bash',
      ['-c', command, execPath, ...nodeProgram('cli/bin'), ...argv],
      { cwd: root, env },
      (error, out, err) => resolve({ code: Number(error?.code ?? 0), out, err }),
    );
  });
}

test('a client without files for its sockets is a bottleneck, exit 6, unless allowed', async () => {
  // Answers at first, then holds whatever comes: more and more sockets are open.
  const faults: FaultInput[] = [{ kind: 'hang-before-headers', when: { from: 30 } }];
  const run = async (argv: string[]) => {
    const server = await startSim({ faults });
    return runWithFewFiles(
      [
        ...['run', 'llm.inference', '--endpoint', server.endpoint, '--rate', '100'],
        ...['--requests', '150', '--request-timeout', '4', '--max-error-share', '1', ...small],
        ...['--gates', 'off', '--warmup-runs', '0', '--json', '--no-html'],
        ...['--output', join(tempDir(), 'result'), ...argv],
      ],
      // 30 sockets at the most, and four times as many requests that hang.
      { fromSocket: 20, left: 10 },
    );
  };
  const refused = await run([]);
  const object = parseStdout(refused.out);
  expect(object.client, refused.err).toMatchObject({
    verdict: 'bottleneck',
    reason: expect.stringMatching(/requests failed on this side \(.*EMFILE.*ulimit -n/),
  });
  expect(object.findings).toContainEqual(
    expect.objectContaining({ code: 'client-bottleneck', severity: 'invalid' }),
  );
  expect(refused.code).toBe(6);
  const allowed = await run(['--allow-client-bottleneck']);
  expect(parseStdout(allowed.out).client, allowed.err).toMatchObject({ verdict: 'bottleneck' });
  expect(allowed.code).toBe(0);
});

test('a client that gets no socket at all says so, and blames no server', async () => {
  // The few that get one are not answered before the others have failed.
  const server = await startSim({ prefill: { baseMs: 2_000, perTokenMs: 0 } });
  const { code, out, err } = await runWithFewFiles(
    [
      ...['run', 'llm.inference', '--endpoint', server.endpoint, '--max-concurrency', '120'],
      ...['--requests', '240', ...small, '--gates', 'off', '--warmup-runs', '0'],
      ...['--json', '--no-html', '--output', join(tempDir(), 'result')],
    ],
    { fromSocket: 1, left: 20 },
  );
  expect(parseStdout(out).error, err).toMatchObject({
    code: 'PREREQ_SOCKETS',
    message: expect.stringMatching(/^None of \d+ requests got a socket on this machine .*EMFILE/),
    hint: expect.stringContaining('ulimit -n'),
  });
  expect(code).toBe(3);
});

test('a selftest measures the client, and the next run carries it', async () => {
  const env = { BENCH_CACHE_DIR: tempDir() };
  const own = await runBench(['selftest', '--streams', '4', '--seconds', '1', '--json'], { env });
  expect(own.exitCode, own.err).toBe(0);
  const selftest = JSON.parse(own.out) as Selftest;
  expect(selftest.levels).toMatchObject([
    { load: expect.stringMatching(/^closed 4 x /), inFlightAsked: 4, inFlightReached: 4 },
  ]);
  for (const { ttft, itl, e2e } of selftest.levels) {
    // Null where nothing could be joined with the server's own stamps.
    for (const { meanMs } of [ttft, itl, e2e]) expect(meanMs).toBeGreaterThan(0);
  }

  // A load of one's own is not kept; the ladder's result is, under the host's name.
  const server = await startSim();
  const run = async (env: Record<string, string>) => {
    const output = join(tempDir(), 'result');
    const argv = ['run', 'llm.inference', '--endpoint', server.endpoint, '--output', output];
    const ran = await runBench([...argv, '--rate', '50', '--requests', '10', ...small, ...bare], {
      env,
    });
    expect(ran.exitCode, ran.err).toBe(0);
    const { selftest } = readValidEnvelope(output).client;
    return { ...ran, selftest, html: readFileSync(join(output, 'report.html'), 'utf8') };
  };
  expect((await run(env)).selftest).toBeNull();
  // What is shown of it must not depend on how busy this machine is.
  const levels = selftest.levels.map((level) => ({ ...level, keptUp: true }));
  const kept: Selftest = { ...selftest, levels, maxTokensPerS: 188 };
  await writeSelftest({ env, home: tempDir() }, kept);
  const after = await run(env);
  expect(after.selftest).toEqual(kept);
  expect(after.out).toContain('selftest of this host: keeps up with 188 tok/s');
  expect(after.html).toMatch(/selftest/i);
  expect(after.html).not.toMatch(/none; bench selftest measures it/);
});
