import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RequestRecord } from '../../src/model/index.ts';
import { hrtimeUs } from '../../src/sim/index.ts';
import { startSim } from './bad-servers.ts';
import { parseStdout, readValidEnvelope, runBench, tempDir, warmedOnce } from './run-bench.ts';
import { spawnCli, untilRequests } from './spawn-cli.ts';

/** A minute of load that nobody waits for. */
const longRun = (endpoint: string, output: string) => [
  ...['run', 'llm.inference', '--endpoint', endpoint, '--output', output, '--json'],
  ...['--rate', '40', '--arrival', 'constant', '--duration', '60', ...warmedOnce],
  ...['--input-tokens', '8', '--output-tokens', '4'],
];

/** A request is stored when it ends, and again when its tokens have been counted. */
function storedRecords(dir: string): RequestRecord[] {
  const lines = readFileSync(join(dir, 'requests.jsonl'), 'utf8').trimEnd().split('\n');
  const records = lines.map((line) => JSON.parse(line) as RequestRecord);
  return [...new Map(records.map((record) => [record.index, record])).values()];
}

test.each(['SIGINT', 'SIGTERM'] as const)('%s keeps what was measured', async (signal) => {
  const server = await startSim();
  const output = join(tempDir(), 'result');
  const cli = spawnCli(longRun(server.endpoint, output));
  await untilRequests(cli, server, 40);
  cli.child.kill(signal);
  const { code, out, err } = await cli.ended;

  expect(code, err).toBe(130);
  expect(err).toContain(`${signal}: stopping; what was measured is kept`);
  const object = parseStdout(out);
  expect(object).toMatchObject({ status: 'partial', exitCode: 130 });
  expect(object.levels).toMatchObject([{ status: 'partial' }]);
  const ok = Number(object.metrics['requests_ok']);
  expect(ok).toBeGreaterThanOrEqual(25);

  const envelope = readValidEnvelope(output);
  expect(envelope).toMatchObject({ status: 'partial', exitCode: 130 });
  const okRecords = storedRecords(output).filter((r) => r.counted && r.outcome === 'ok');
  expect(okRecords).toHaveLength(ok);

  const shown = await runBench(['show', output, '--json']);
  expect(shown.exitCode, shown.err).toBe(0);
  const again = parseStdout(shown.out);
  expect(again.levels).toEqual(object.levels);
  expect(again.metrics).toEqual(object.metrics);
  expect(again.findings.map(({ code }) => code)).not.toContain('numbers-differ');
  const table = await runBench(['show', output]);
  expect(table.exitCode).toBe(0);
  expect(table.out).toMatch(/partial/i);
});

test('SIGINT while the server has not answered once', async () => {
  const server = await startSim({ faults: [{ kind: 'hang-before-headers' }] });
  const output = join(tempDir(), 'result');
  const cli = spawnCli(longRun(server.endpoint, output));
  await untilRequests(cli, server, 1);
  cli.child.kill('SIGINT');
  const { code, out, err } = await cli.ended;
  expect(code, err).toBe(130);
  expect(parseStdout(out)).toMatchObject({ status: 'partial', exitCode: 130, levels: [] });
  expect(readValidEnvelope(output)).toMatchObject({ status: 'partial', exitCode: 130 });
});

test('SIGKILL loses at most the last second', async () => {
  const server = await startSim();
  const output = join(tempDir(), 'result');
  const cli = spawnCli(longRun(server.endpoint, output));
  await untilRequests(cli, server, 100);
  const killedUs = hrtimeUs();
  cli.child.kill('SIGKILL');
  const { signal } = await cli.ended;
  expect(signal).toBe('SIGKILL');
  // The first two of the server's requests are preflight and warm-up.
  const finishedInTime = server.truth
    .slice(2)
    .filter((truth) => truth.outcome === 'complete' && (truth.endUs ?? 0) < killedUs - 1e6);
  expect(finishedInTime.length).toBeGreaterThan(20);

  // The last checkpoint is from before the level, and says that the run is not over.
  expect(readValidEnvelope(output)).toMatchObject({ status: 'partial', levels: [] });
  const shown = await runBench(['show', output, '--json']);
  expect(shown.exitCode, shown.err).toBe(0);
  const object = parseStdout(shown.out);
  expect(object.status).toBe('partial');
  expect(object.levels).toMatchObject([{ status: 'partial', load: { kind: 'open', rateRps: 40 } }]);
  expect(object.findings.map(({ code }) => code)).toContain('level-cut');
  const { metrics } = object.levels[0] ?? expect.fail('no level');
  expect(metrics['requests_ok']).toBeGreaterThanOrEqual(finishedInTime.length);
  expect(metrics['ttft_p50_ms']).toBeGreaterThan(2.9);
  const report = await runBench(['report', output, '--format', 'markdown']);
  expect(report.exitCode, report.err).toBe(0);
});
