import { createServer } from 'node:http';
import { describe, onTestFinished, test } from 'vitest';
import type { Probe } from './probe.ts';
import { probeCases } from './probe-cases.fixture.ts';
import {
  type AskOptions,
  askServer,
  conformingServer,
  startCalmSim,
} from './probe-server.fixture.ts';
import { probes } from './probes/index.ts';

async function askConforming(probe: Probe, options: AskOptions = {}) {
  const { endpoint, clock } = await startCalmSim(conformingServer);
  return askServer([probe], endpoint, { ...options, clock });
}

/** Reads requests and never says a word. */
async function startSilent(): Promise<string> {
  const server = createServer((request) => request.resume());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as { port: number }).port}/v1`;
}

describe.each(probes.list())('probe $id', (probe) => {
  test.each(probeCases)('$name', { timeout: 300_000 }, async ({ run }) => {
    await run({
      probe,
      askConforming: () => askConforming(probe),
      askSilent: async () =>
        askServer([probe], await startSilent(), { requestTimeoutMs: 100, probeLimitMs: 3000 }),
      askInterrupted: () => askConforming(probe, { signal: AbortSignal.abort() }),
    });
  });
});
