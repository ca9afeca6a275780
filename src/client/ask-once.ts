import type { Dispatcher } from 'undici';
import type { ConnectionLease, ConnectionPool } from './connection-pool.ts';

/**
 * One ordinary request on a connection of its own, the whole reply as text.
 * @throws whatever the network does, or a TimeoutError after `timeoutMs`.
 */
export async function askOnce(
  pool: ConnectionPool,
  options: Pick<Dispatcher.RequestOptions, 'method' | 'path' | 'headers' | 'body'>,
  timeoutMs: number,
): Promise<{ status: number; text: string }> {
  const lease = await new Promise<ConnectionLease>((resolve) => pool.lease(resolve));
  let clean = false;
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const reply = await lease.client.request({ ...options, signal });
    const text = await reply.body.text();
    clean = true;
    return { status: reply.statusCode, text };
  } finally {
    lease.release(clean);
  }
}
