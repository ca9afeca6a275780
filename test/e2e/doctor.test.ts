import { expect, test } from 'vitest';
import { deadPort, startSim } from './bad-servers.ts';
import { runBench } from './run-bench.ts';

interface Check {
  check: string;
  status: string;
  message: string;
  hint: string | null;
}

async function doctor(endpoint: string, env: Record<string, string> = {}) {
  const { exitCode, out, err } = await runBench(['doctor', '--endpoint', endpoint, '--json'], {
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', ...env },
  });
  const { checks } = JSON.parse(out) as { checks: Check[] };
  const at = (name: string) => checks.find(({ check }) => check === name);
  return { exitCode, err, at };
}

test('a server that generates passes, by really generating', async () => {
  const server = await startSim();
  const { exitCode, err, at } = await doctor(server.endpoint);
  expect(exitCode, err).toBe(0);
  expect(at('generation')).toMatchObject({ status: 'ok' });
  expect(at('generation')?.message).toContain('"sim-model" streams through the completions API');
  expect(server.requests).toBeGreaterThan(0);
  expect(at('clock')?.status).toBe('ok');
});

test('a server that lists a model and cannot generate fails', async () => {
  const server = await startSim({ faults: [{ kind: 'http', status: 500 }] });
  const { exitCode, at } = await doctor(server.endpoint);
  expect(exitCode).toBe(3);
  expect(at('endpoint')).toMatchObject({ status: 'ok' });
  expect(at('generation')).toMatchObject({ status: 'fail' });
  expect(at('preflight-failed')?.message).toContain('500');
});

test('a server that nobody is, and one that wants a key', async () => {
  const dead = await doctor(await deadPort());
  expect(dead.exitCode).toBe(3);
  expect(dead.at('generation')).toMatchObject({ status: 'fail', hint: expect.any(String) });
  const server = await startSim({ apiKey: 'key-0123456789' });
  expect((await doctor(server.endpoint)).at('generation')?.hint).toContain('BENCH_API_KEY');
  const { at } = await doctor(server.endpoint, { BENCH_API_KEY: 'key-0123456789' });
  expect(at('generation')?.status).toBe('ok');
});
