import { askOnce } from './ask-once.ts';
import { addressOf, type ClientTarget, headersOf } from './client-target.ts';
import type { ConnectionPool } from './connection-pool.ts';

/** Longest wait for the replies: warming up must never become the measurement. */
const warmTimeoutMs = 5000;

/**
 * Opens so many connections by as many parallel `GET {base}/models`, whatever they answer.
 * Never rejects; a server that closes its connections after each reply gains nothing.
 */
export async function warmConnections(
  pool: ConnectionPool,
  target: Pick<ClientTarget, 'url' | 'api' | 'headers' | 'connections'>,
  inFlight: number,
): Promise<void> {
  const count = Math.min(inFlight, target.connections ?? inFlight);
  const path = `${addressOf(target).basePath}/models`;
  const headers = headersOf(target);
  const one = () =>
    askOnce(pool, { method: 'GET', path, headers }, warmTimeoutMs).catch(() => undefined);
  await Promise.all(Array.from({ length: count }, one));
}
