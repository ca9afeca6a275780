// undici: Node's own HTTP client as a package; its `dispatch` gives raw callbacks without streams.
import { buildConnector, Client } from 'undici';
import { type Clock, messageOf } from '../core/index.ts';
import { addressOf, type ClientTarget } from './client-target.ts';

/** The right to use one connection alone, until it is released. */
export interface ConnectionLease {
  client: Client;
  /** @param reusable false hangs up: the exchange did not end where HTTP says it ends. */
  release(reusable: boolean): void;
}

export interface ConnectionPool {
  /**
   * Calls `start` with a connection of its own: at once, or when the cap allows it.
   * @returns takes the caller out of the queue, if it still waits.
   */
  lease(start: (lease: ConnectionLease) => void): () => void;
  /**
   * Microseconds that were just spent on connecting. Valid only inside the callback that a new
   * connection triggers synchronously (start or failure of the request that waited for it);
   * 0 at any other time, as for a request on a kept-alive connection.
   */
  connectUs(): number;
  /** Hangs up everywhere. */
  close(): Promise<void>;
}

type PoolTarget = Pick<ClientTarget, 'url' | 'api' | 'insecureTls' | 'connections' | 'timeouts'>;

/** Code of the error that ends a connection attempt which took too long. */
export const connectTimeoutCode = 'INFERENCEBENCH_CONNECT_TIMEOUT';

interface TimedConnector {
  connector: buildConnector.connector;
  justSpentUs(): number;
}

/** Connects with a limit in real milliseconds, and tells how long it took. */
function createTimedConnector(target: PoolTarget, clock: Clock): TimedConnector {
  let justSpentUs = 0;
  const connect = buildConnector({
    // undici's own connect timer ticks in half seconds.
    timeout: 0,
    ...(target.insecureTls ? { rejectUnauthorized: false } : {}),
  });

  const connector: buildConnector.connector = (options, callback) => {
    const startUs = clock.nowUs();
    let settled = false;
    const settle = (error: Error | null, socket: unknown) => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      justSpentUs = clock.nowUs() - startUs;
      try {
        (callback as (error: Error | null, socket: unknown) => void)(error, socket);
      } finally {
        justSpentUs = 0;
      }
    };
    // The connector returns its socket, which its type does not say.
    const socket = (connect as (...args: Parameters<typeof connect>) => unknown)(options, ((
      error: Error | null,
      made: unknown,
    ) => settle(error, made)) as buildConnector.Callback) as { destroy(): void };
    const timer = setTimeout(() => {
      const ms = target.timeouts.connectMs;
      const error = new Error(`No connection to ${options.host ?? options.hostname} in ${ms} ms.`);
      socket.destroy();
      settle(Object.assign(error, { code: connectTimeoutCode }), null);
    }, target.timeouts.connectMs);
  };

  return { connector, justSpentUs: () => justSpentUs };
}

/**
 * One request at a time per connection, as many connections as needed unless capped, no timeouts
 * but that of connecting. Not undici's Pool: it counts a connection as busy for a turn of the
 * event loop after its response, and would open another for a request that follows at once.
 */
export function createConnectionPool(target: PoolTarget, clock: Clock): ConnectionPool {
  const { origin } = addressOf(target);
  const { connector, justSpentUs } = createTimedConnector(target, clock);
  const all = new Set<Client>();
  const free: Client[] = [];
  const waiting = new Set<(lease: ConnectionLease) => void>();

  function open(): Client {
    const client = new Client(origin, {
      pipelining: 1,
      connect: connector,
      headersTimeout: 0,
      bodyTimeout: 0,
      allowH2: false,
    });
    all.add(client);
    return client;
  }

  function leaseOf(client: Client): ConnectionLease {
    let released = false;
    return {
      client,
      release(reusable) {
        if (released) return;
        released = true;
        if (reusable && !client.destroyed) free.push(client);
        else {
          all.delete(client);
          client.destroy().catch(() => undefined);
        }
        // Outside of undici's callback, in which the connection may still be in use.
        if (waiting.size > 0) queueMicrotask(serveWaiting);
      },
    };
  }

  function take(): Client | null {
    const client = free.pop();
    if (client) return client;
    return target.connections === null || all.size < target.connections ? open() : null;
  }

  function serveWaiting(): void {
    for (const start of waiting) {
      const client = take();
      if (client === null) return;
      waiting.delete(start);
      start(leaseOf(client));
    }
  }

  return {
    lease(start) {
      const client = waiting.size === 0 ? take() : null;
      if (client) start(leaseOf(client));
      else waiting.add(start);
      return () => waiting.delete(start);
    },
    connectUs: justSpentUs,
    async close() {
      waiting.clear();
      await Promise.all([...all].map((client) => client.destroy()));
    },
  };
}

/** An error's words, also of the AggregateError that a host with several addresses gives. */
export function describeSocketError(error: unknown): string {
  const parts = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
  const text = parts.map(messageOf).join('; ');
  const code = codeOf(error);
  return code === '' || text.includes(code) ? text : `${text === '' ? 'failed' : text} (${code})`;
}

export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : '';
}
