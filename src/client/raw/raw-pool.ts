import type { Clock } from '../../core/index.ts';
import { addressOf, type ClientTarget } from '../client-target.ts';
import { type ConnectTimes, noConnect } from '../connect-times.ts';
import { connectTimeoutCode } from '../timed-connector.ts';
import type { PollStamps } from './poll-stamps.ts';
import { openRawConnection, type RawConnection } from './raw-connection.ts';

/** A request that wants a connection of its own. */
export interface PoolClient {
  /** @param spent what opening it took */
  granted(connection: RawConnection, spent: ConnectTimes): void;
  failed(error: Error, spent: ConnectTimes): void;
}

export interface RawPool {
  /**
   * Grants a connection: at once if one is idle, when it is open, or when the cap allows it.
   * @returns gives the place in the queue, or the connection that is being opened, up again.
   */
  lease(client: PoolClient): (() => void) | null;
  /** @param reusable false: the connection is hung up. */
  release(connection: RawConnection, reusable: boolean): void;
  /** Opens connections until so many are open, or one fails: the requests will find out why. */
  open(count: number): Promise<void>;
  close(): void;
}

/** More at once may overflow the server's queue of connections to accept, and wait a second. */
const opensAtOnce = 64;

/** Own sockets, the one used last first: what is idle longest is what the server closes next. */
export function createRawPool(target: ClientTarget, clock: Clock, stamps: PollStamps): RawPool {
  const url = new URL(addressOf(target).origin);
  const address = {
    host: url.hostname.replaceAll(/^\[|\]$/g, ''),
    port: url.port === '' ? 80 : Number(url.port),
  };
  const { connectMs } = target.timeouts;
  const most = target.connections ?? Number.POSITIVE_INFINITY;
  const idle: RawConnection[] = [];
  const waiting = new Set<PoolClient>();
  const all = new Set<RawConnection>();

  function drop(connection: RawConnection): void {
    all.delete(connection);
    connection.destroy();
    // Outside of the callback in which the connection ended.
    if (waiting.size > 0) queueMicrotask(serveWaiting);
  }

  function openFor(client: PoolClient): () => void {
    const timer = setTimeout(() => {
      const error = new Error(`No connection to ${url.host} in ${connectMs} ms.`);
      const spent = connection.connectTimes();
      drop(connection);
      client.failed(Object.assign(error, { code: connectTimeoutCode }), spent);
    }, connectMs);
    const connection = openRawConnection(address, clock, stamps, {
      opened(own) {
        clearTimeout(timer);
        client.granted(own, own.connectTimes());
      },
      failed(error) {
        clearTimeout(timer);
        const spent = connection.connectTimes();
        drop(connection);
        client.failed(error, spent);
      },
      idleEnd(own) {
        const at = idle.indexOf(own);
        if (at !== -1) idle.splice(at, 1);
        drop(own);
      },
    });
    all.add(connection);
    return () => {
      clearTimeout(timer);
      drop(connection);
    };
  }

  function takeIdle(): RawConnection | null {
    for (;;) {
      const connection = idle.pop();
      if (connection === undefined || connection.isOpen) return connection ?? null;
      all.delete(connection);
    }
  }

  function serveWaiting(): void {
    for (const client of waiting) {
      const connection = takeIdle();
      if (connection === null && all.size >= most) return;
      waiting.delete(client);
      if (connection !== null) client.granted(connection, noConnect);
      else openFor(client);
    }
  }

  return {
    lease(client) {
      const connection = waiting.size === 0 ? takeIdle() : null;
      if (connection !== null) {
        client.granted(connection, noConnect);
        return null;
      }
      if (waiting.size === 0 && all.size < most) return openFor(client);
      waiting.add(client);
      return () => waiting.delete(client);
    },
    release(connection, reusable) {
      if (!reusable || !connection.isOpen) {
        drop(connection);
        return;
      }
      idle.push(connection);
      if (waiting.size > 0) queueMicrotask(serveWaiting);
    },
    async open(count) {
      let missing = Math.min(count, most) - all.size;
      const one = () =>
        new Promise<void>((resolve) => {
          openFor({
            granted(connection) {
              idle.push(connection);
              resolve();
            },
            failed() {
              missing = 0;
              resolve();
            },
          });
        });
      const lane = async () => {
        while (missing-- > 0) await one();
      };
      await Promise.all(Array.from({ length: Math.min(opensAtOnce, missing) }, lane));
    },
    close() {
      waiting.clear();
      idle.length = 0;
      for (const connection of all) connection.destroy();
      all.clear();
    },
  };
}
