import type { Dispatcher } from 'undici';
import { type Clock, messageOf, redactText } from '../core/index.ts';
import { headersOf, secretsOf } from './client-target.ts';
import {
  type ConnectionLease,
  createConnectionPool,
  describeSocketError,
} from './connection-pool.ts';
import type { ProbeTarget } from './probe-target.ts';
import { createSseParser } from './sse-parser.ts';

/** One event of a reply that is an event stream, and the read that completed it. */
export interface WireEvent {
  event: string;
  data: string;
  /** Since the request left, milliseconds. */
  atMs: number;
  read: number;
}

/**
 * How an exchange ended. complete: where HTTP says so; cut: the server or the network broke it off;
 * timeout; stopped: this side hung up, as it was told to; refused: no connection; too-large: more
 * bytes than were taken.
 */
export type ExchangeEnd = 'complete' | 'cut' | 'timeout' | 'stopped' | 'refused' | 'too-large';

/** Everything that came back for one request, as it came. */
export interface Exchange {
  end: ExchangeEnd;
  /** Null before the head of a reply. */
  status: number | null;
  /** Lower case. */
  headers: Readonly<Record<string, string>>;
  /** What was read of the body, at most `maxBytes`. */
  body: string;
  bytes: number;
  reads: number;
  /** Empty where the reply is no event stream. */
  events: readonly WireEvent[];
  /** From the request to the end, milliseconds. */
  tookMs: number;
  /** What the network said, redacted; null where it said nothing. */
  error: string | null;
}

export interface ExchangeAsk {
  method?: 'GET' | 'POST';
  /** From the origin. */
  path: string;
  /** Sent as it is; absent: no body. */
  body?: string;
  timeoutMs: number;
  signal: AbortSignal;
  /** Called after every event; true hangs up. */
  stopWhen?: (events: readonly WireEvent[]) => boolean;
  /** Default 4 MiB. */
  maxBytes?: number;
}

/** Requests that are looked at byte by byte, each on a connection of its own. */
export interface Exchanger {
  /** Never rejects: every way to end is one of `ExchangeEnd`. */
  exchange(ask: ExchangeAsk): Promise<Exchange>;
  close(): Promise<void>;
}

/**
 * For questions about how a server answers, not for measuring: nothing is interpreted, the reply is
 * kept. Limits are in real milliseconds.
 */
export function createExchanger(target: ProbeTarget, deps: { clock: Clock }): Exchanger {
  const { clock } = deps;
  const pool = createConnectionPool({ ...target, connections: null }, clock);
  const secrets = secretsOf(target);
  const headers = headersOf(target);

  function exchange(ask: ExchangeAsk): Promise<Exchange> {
    const maxBytes = ask.maxBytes ?? 4 * 1024 * 1024;
    return new Promise((resolve) => {
      const parts: Buffer[] = [];
      const events: WireEvent[] = [];
      let status: number | null = null;
      let replyHeaders: Record<string, string> = {};
      let bytes = 0;
      let reads = 0;
      let atMs = 0;
      let inRead = false;
      let over = false;
      let started = false;
      let lease: ConnectionLease | null = null;
      const startUs = clock.nowUs();
      const sinceStart = () => (clock.nowUs() - startUs) / 1000;
      const parser = createSseParser(({ event, data }) => {
        events.push({ event, data, atMs, read: reads - 1 });
      });

      const settle = (end: ExchangeEnd, error: string | null = null): void => {
        if (over) return;
        over = true;
        clearTimeout(timer);
        ask.signal.removeEventListener('abort', onAbort);
        leave();
        lease?.release(false);
        resolve({
          end,
          status,
          headers: replyHeaders,
          body: Buffer.concat(parts).toString('utf8'),
          bytes,
          reads,
          events,
          tookMs: sinceStart(),
          error: error === null ? null : redactText(error, secrets).slice(0, 200),
        });
      };
      const onAbort = () => settle('stopped');
      const timer = setTimeout(() => settle('timeout'), ask.timeoutMs);

      /** Several HTTP chunks of one network read come within one turn of the event loop. */
      const countRead = (): void => {
        if (inRead) return;
        inRead = true;
        reads++;
        atMs = sinceStart();
        queueMicrotask(() => {
          inRead = false;
        });
      };

      const handler: Dispatcher.DispatchHandler = {
        onRequestStart() {
          // A second time: undici would send again what the server may have begun to answer.
          if (started)
            settle('cut', 'The connection was lost before the response; not sent again.');
          started = true;
        },
        onResponseStart(_own, code, raw) {
          if (code < 200) return;
          status = code;
          replyHeaders = Object.fromEntries(
            Object.entries(raw).map(([name, value]) => [
              name.toLowerCase(),
              Array.isArray(value) ? value.join(', ') : (value ?? ''),
            ]),
          );
        },
        onResponseData(_own, piece) {
          if (over) return;
          countRead();
          bytes += piece.length;
          if (bytes > maxBytes) return settle('too-large');
          parts.push(Buffer.from(piece));
          if (!/event-stream/i.test(replyHeaders['content-type'] ?? '')) return;
          const before = events.length;
          try {
            parser.push(piece);
          } catch (error) {
            return settle('too-large', messageOf(error));
          }
          if (events.length > before && ask.stopWhen?.(events) === true) settle('stopped');
        },
        onResponseEnd: () => settle('complete'),
        onResponseError(_own, error) {
          settle(started ? 'cut' : 'refused', describeSocketError(error));
        },
      };

      let leave: () => void = () => {};
      if (ask.signal.aborted) return onAbort();
      ask.signal.addEventListener('abort', onAbort, { once: true });
      leave = pool.lease((own) => {
        lease = own;
        const { method = 'POST', path, body = null } = ask;
        try {
          const accept = method === 'GET' ? { accept: '*/*' } : {};
          own.client.dispatch({ method, path, headers: { ...headers, ...accept }, body }, handler);
        } catch (error) {
          settle('refused', describeSocketError(error));
        }
      });
      if (over) leave();
    });
  }

  return { exchange, close: () => pool.close() };
}
