import { createServer } from 'node:http';
import { describe, onTestFinished, test } from 'vitest';
import { startSimServer } from '../sim/index.ts';
import { probeCases } from './probe-cases.fixture.ts';
import { askServer, conformingServer } from './probe-server.fixture.ts';
import { probes } from './probes/index.ts';

async function startConforming(): Promise<string> {
  const server = await startSimServer(conformingServer, { spinMs: 0 });
  onTestFinished(() => server.stop());
  return server.endpoint;
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
  test.each(probeCases)('$name', { retry: 1 }, async ({ run }) => {
    await run({
      probe,
      askConforming: async () => askServer([probe], await startConforming()),
      askSilent: async () =>
        askServer([probe], await startSilent(), { requestTimeoutMs: 100, probeLimitMs: 3000 }),
      askInterrupted: async () =>
        askServer([probe], await startConforming(), { signal: AbortSignal.abort() }),
    });
  });
});
