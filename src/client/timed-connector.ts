import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import type { Clock } from '../core/index.ts';
import type { ClientTarget } from './client-target.ts';
import { type ConnectTimes, noConnect, watchConnect } from './connect-times.ts';
import { loadUndici } from './load-undici.ts';
import { openTunnel, parseProxy } from './proxy-tunnel.ts';

/** Code of the error that ends a connection attempt which took too long. */
export const connectTimeoutCode = 'INFERENCEBENCH_CONNECT_TIMEOUT';

export type ConnectorTarget = Pick<ClientTarget, 'insecureTls' | 'timeouts' | 'proxy' | 'http2'>;

/** Connects for one undici client, and tells what it took. */
export interface TimedConnector {
  connector: buildConnector.connector;
  /** The open socket; null before there was one. */
  readonly socket: Socket | null;
  /** What was spent on connecting since this was asked last. */
  takeTimes(): ConnectTimes;
}

type Connect = (options: buildConnector.Options, callback: buildConnector.Callback) => Socket;

/**
 * Limits are in real milliseconds; through a proxy the tunnel is part of connecting.
 * @throws BenchError `USAGE_ENDPOINT` when the proxy is not an http one.
 */
export function createConnectors(target: ConnectorTarget, clock: Clock): () => TimedConnector {
  if (target.proxy !== null) parseProxy(target.proxy);
  // The connector returns its socket, which its type does not say.
  const connect = loadUndici().buildConnector({
    // undici's own connect timer ticks in half seconds.
    timeout: 0,
    allowH2: target.http2,
    ...(target.insecureTls ? { rejectUnauthorized: false } : {}),
  }) as unknown as Connect;

  return () => {
    let open: Socket | null = null;
    let times = noConnect;

    const connector: buildConnector.connector = (options, callback) => {
      const isTls = options.protocol === 'https:';
      let settled = false;
      const settle = (error: Error | null, socket: Socket | null) => {
        if (settled) return;
        settled = true;
        clearTimeout(timer);
        times = watch.spent();
        open = socket;
        (callback as (error: Error | null, socket: Socket | null) => void)(error, socket);
      };
      const settleAs = ((error: Error | null, socket: Socket | null) =>
        settle(error, socket)) as buildConnector.Callback;

      let under: Socket | null = null;
      const first =
        target.proxy === null
          ? connect(options, settleAs)
          : openTunnel(target.proxy, hostOf(options), (error, tunnel) => {
              if (error !== null || tunnel === null || settled) return settle(error, null);
              if (!isTls) return settle(null, tunnel);
              watch.tlsBegins();
              under = connect({ ...options, httpSocket: tunnel }, settleAs);
            });
      const watch = watchConnect(first, clock, isTls && target.proxy === null);
      const timer = setTimeout(() => {
        const ms = target.timeouts.connectMs;
        const error = new Error(
          `No connection to ${options.host ?? options.hostname} in ${ms} ms.`,
        );
        under?.destroy();
        first.destroy();
        settle(Object.assign(error, { code: connectTimeoutCode }), null);
      }, target.timeouts.connectMs);
    };

    return {
      connector,
      get socket() {
        return open;
      },
      takeTimes() {
        const taken = times;
        times = noConnect;
        return taken;
      },
    };
  };
}

/** `host:port`, as CONNECT wants it. */
function hostOf({ hostname, port, protocol }: buildConnector.Options): string {
  const own = port === '' || port === undefined ? (protocol === 'https:' ? '443' : '80') : port;
  return `${hostname.includes(':') && !hostname.startsWith('[') ? `[${hostname}]` : hostname}:${own}`;
}
