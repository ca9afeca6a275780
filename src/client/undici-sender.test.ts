import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../core/index.ts';
import type { RequestRecord } from '../model/index.ts';
import { type ClientTarget, defaultTarget } from './client-target.ts';
import { createUndiciSender } from './undici-sender.ts';

// What holds for plain http as well is in src/testing/sender-cases.ts.

// A throwaway pair for 127.0.0.1, made for this test: openssl req -x509 -newkey ec ... -nodes.
const testKey = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgNAQiuFXmx8QUjD+L
0S24ebI7stzvlgw05oxj9W4hkhGhRANCAATgPjqjzjyy/Blta4nbARc/lrPZhA7r
Uivde8wXoTloPBjNkhdayD0/YHakwaT56gzFRsLYVlbktOhRNJ9t1Jl9
-----END PRIVATE KEY-----
`;
const testCert = `-----BEGIN CERTIFICATE-----
MIIBfzCCASWgAwIBAgIUL+JAADjVAM+d4LvXtmqhvq4i2YIwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJMTI3LjAuMC4xMCAXDTI2MTEyNDAzMDExNVoYDzIxMjYxMDMx
MDMwMTE1WjAUMRIwEAYDVQQDDAkxMjcuMC4wLjEwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATgPjqjzjyy/Blta4nbARc/lrPZhA7rUivde8wXoTloPBjNkhdayD0/
YHakwaT56gzFRsLYVlbktOhRNJ9t1Jl9o1MwUTAdBgNVHQ4EFgQUV7EJaGKuj2Lt
eknJ0Os/7NJvkc4wHwYDVR0jBBgwFoAUV7EJaGKuj2LteknJ0Os/7NJvkc4wDwYD
VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiAJkBfmR9dyLHsQLWLzPsfl
kLS3jED1ZgAs+XO9lgQQ4AIhAP0FFSceOWKFZvyMxeRYn61zRieJ4uiRa5YCiyLm
lanK
-----END CERTIFICATE-----
`;

const clock: Clock = {
  nowUs: () => performance.now() * 1000,
  wallMs: () => 0,
  sleepUntil: () => Promise.resolve(),
};

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function listen(server: ReturnType<typeof createTcpServer>): Promise<string> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
  });
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      resolve(`https://127.0.0.1:${(server.address() as AddressInfo).port}/v1`);
    });
  });
}

function send(url: string, changes: Partial<ClientTarget> = {}): Promise<RequestRecord> {
  const target: ClientTarget = {
    ...defaultTarget,
    url,
    api: 'chat',
    model: 'm',
    timeouts: { connectMs: 5000, firstTokenMs: 5000, totalMs: 10_000 },
    ...changes,
  };
  const sender = createUndiciSender(target, { clock });
  cleanups.push(() => sender.close());
  const planned = {
    index: 2,
    intendedUs: 0,
    inputTokens: 5,
    outputTokens: 2,
    prompt: { dataset: 'd', seed: 1, row: null },
  };
  const nowUs = clock.nowUs();
  return sender.send(planned, {
    level: 0,
    requestId: 'req-2',
    intendedUs: nowUs,
    counted: true,
    originUs: nowUs,
    promptText: 'hello',
    signal: new AbortController().signal,
  });
}

describe('TLS', () => {
  it('is spoken, with any certificate only when asked to', async () => {
    const server = createHttpsServer({ key: testKey, cert: testCert }, (request, response) => {
      request.resume().on('end', () => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n');
        response.end('data: [DONE]\n\n');
      });
    });
    const url = await listen(server);
    const strict = await send(url);
    expect(strict).toMatchObject({ outcome: 'refused', sentUs: null });
    expect(strict.error).toMatch(/self.signed/i);
    expect(await send(url, { insecureTls: true })).toMatchObject({ outcome: 'ok' });
  });

  it('that does not come about in time is a connect_timeout', async () => {
    // A server that accepts and says nothing: the handshake never ends.
    const url = await listen(createTcpServer());
    const timeouts = { connectMs: 60, firstTokenMs: null, totalMs: 10_000 };
    const record = await send(url, { timeouts });
    expect(record).toMatchObject({ outcome: 'connect_timeout', sentUs: null });
    expect(record.connectUs).toBeGreaterThan(50_000);
    expect(record.error).toContain('60 ms');
  });
});
