import type { Socket } from 'node:net';
// undici: Node's own HTTP client as a package; its `dispatch` gives raw callbacks without streams.
import type { Client } from 'undici';
import { type Clock, messageOf } from '../core/index.ts';
import { addressOf, type ClientTarget } from './client-target.ts';
import type { ConnectTimes } from './connect-times.ts';
import { loadUndici } from './load-undici.ts';
import { type ConnectorTarget, createConnectors, type TimedConnector } from './timed-connector.ts';

/** The right to use one connection alone, until it is released. */
export interface ConnectionLease {
  client: Client;
  /** Its socket; null before it is connected. */
  readonly socket: Socket | null;
  /** What connecting has cost this lease; nothing the second time, or on a kept-alive connection. */
  takeTimes(): ConnectTimes;
  /** @param reusable false hangs up: the exchange did not end where HTTP says it ends. */
  release(reusable: boolean): void;
}

export interface ConnectionPool {
  /**
   * Calls `start` with a connection of its own: at once, or when the cap allows it.
   * @returns takes the caller out of the queue, if it still waits.
   */
  lease(start: (lease: ConnectionLease) => void): () => void;
  /** Hangs up everywhere. */
  close(): Promise<void>;
}

type PoolTarget = Pick<ClientTarget, 'url' | 'api' | 'connections'> & ConnectorTarget;

interface Connection {
  client: Client;
  connecting: TimedConnector;
}

/**
 * One request at a time per connection, as many connections as needed unless capped, no timeouts
 * but that of connecting. Not undici's Pool: it counts a connection as busy for a turn of the
 * event loop after its response, and would open another for a request that follows at once.
 */
export function createConnectionPool(target: PoolTarget, clock: Clock): ConnectionPool {
  const { origin } = addressOf(target);
  const createConnector = createConnectors(target, clock);
  const all = new Set<Connection>();
  const free: Connection[] = [];
  const waiting = new Set<(lease: ConnectionLease) => void>();

  function open(): Connection {
    const connecting = createConnector();
    const client = new (loadUndici().Client)(origin, {
      pipelining: 1,
      connect: connecting.connector,
      headersTimeout: 0,
      bodyTimeout: 0,
      allowH2: target.http2,
    });
    const connection = { client, connecting };
    all.add(connection);
    return connection;
  }

  function leaseOf(connection: Connection): ConnectionLease {
    const { client, connecting } = connection;
    let released = false;
    return {
      client,
      get socket() {
        return connecting.socket;
      },
      takeTimes: () => connecting.takeTimes(),
      release(reusable) {
        if (released) return;
        released = true;
        connecting.takeTimes();
        if (reusable && !client.destroyed) free.push(connection);
        else {
          all.delete(connection);
          client.destroy().catch(() => undefined);
        }
        // Outside of undici's callback, in which the connection may still be in use.
        if (waiting.size > 0) queueMicrotask(serveWaiting);
      },
    };
  }

  function take(): Connection | null {
    const connection = free.pop();
    if (connection) return connection;
    return target.connections === null || all.size < target.connections ? open() : null;
  }

  function serveWaiting(): void {
    for (const start of waiting) {
      const connection = take();
      if (connection === null) return;
      waiting.delete(start);
      start(leaseOf(connection));
    }
  }

  return {
    lease(start) {
      const connection = waiting.size === 0 ? take() : null;
      if (connection) start(leaseOf(connection));
      else waiting.add(start);
      return () => waiting.delete(start);
    },
    async close() {
      waiting.clear();
      await Promise.all([...all].map(({ client }) => client.destroy()));
    },
  };
}

/** An error's words, also of the AggregateError that a host with several addresses gives. */
export function describeSocketError(error: unknown): string {
  const parts = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
  // Of a connection that was never made Node knows no local end, and says so.
  const text = parts.map(messageOf).join('; ').replaceAll(' - Local (undefined:undefined)', '');
  const code = codeOf(error);
  return code === '' || text.includes(code) ? text : `${text === '' ? 'failed' : text} (${code})`;
}

export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}
