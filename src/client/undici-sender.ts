import type { Dispatcher } from 'undici';
import type { Clock } from '../core/index.ts';
import type {
  Outcome,
  PlannedRequest,
  RequestRecord,
  SendContext,
  Sender,
} from '../model/index.ts';
import { addressOf, type ClientTarget, headersOf, secretsOf } from './client-target.ts';
import { noConnect, whenWritten } from './connect-times.ts';
import {
  type ConnectionLease,
  codeOf,
  createConnectionPool,
  describeSocketError,
} from './connection-pool.ts';
import { buildBody } from './request-body.ts';
import { fillHeader, headerId, planHeaders } from './request-headers.ts';
import { createRequestRecorder } from './request-recorder.ts';
import { connectTimeoutCode } from './timed-connector.ts';
import { warmConnections } from './warm-connections.ts';

export interface UndiciSenderDeps {
  clock: Clock;
}

/** How long a body may stay open after `[DONE]` before the client hangs up. */
const doneGraceMs = 1000;

/**
 * Sends over real sockets with undici: one HTTP/1.1 request per connection at a time, as many
 * connections as requests in flight, TCP_NODELAY, bytes uncompressed. Stamps are taken before
 * anything is parsed, one per network read. Nothing is retried; every way to end is an outcome.
 * HTTP/2 and a proxy only where the target asks for them; proxies of the environment are not used.
 */
export function createUndiciSender(target: ClientTarget, deps: UndiciSenderDeps): Sender {
  const { clock } = deps;
  const pool = createConnectionPool(target, clock);
  const address = addressOf(target);
  const { fixed, varied } = planHeaders(headersOf(target));
  const secrets = secretsOf(target);
  const { timeouts } = target;
  /** Ends each request that is under way. */
  const underWay = new Set<() => void>();

  function send(request: PlannedRequest, context: SendContext): Promise<RequestRecord> {
    const body = context.body ?? JSON.stringify(buildBody(target, request, context.promptText));
    return new Promise((resolve) => {
      const recorder = createRequestRecorder(request, context, secrets);
      let lease: ConnectionLease | null = null;
      let stopWaiting: (() => void) | null = null;
      let clean = false;
      let started = false;
      let firstTokenTimer: NodeJS.Timeout | null = null;
      let graceTimer: NodeJS.Timeout | null = null;
      let read = -1;
      let readUs = 0;
      let inRead = false;

      const totalTimer = setTimeout(() => {
        const sent = started ? '' : ' (never sent: no connection was free)';
        stop('timeout', `No end of the response in ${timeouts.totalMs} ms${sent}.`);
      }, timeouts.totalMs);
      const onAbort = () => stop('cancelled', 'Cancelled.');

      /** Resolves once the recorder has come to an end, and hangs up if the server has not. */
      function settle(): void {
        if (recorder.record === null) return;
        clearTimeout(totalTimer);
        if (firstTokenTimer) clearTimeout(firstTokenTimer);
        if (graceTimer) clearTimeout(graceTimer);
        context.signal.removeEventListener('abort', onAbort);
        underWay.delete(onAbort);
        stopWaiting?.();
        lease?.release(clean && target.connectionReuse === 'pooled');
        resolve(recorder.record);
      }

      function stop(outcome: Outcome, error: string, nowUs = clock.nowUs()): void {
        recorder.fail(nowUs, outcome, error);
        settle();
      }

      /**
       * One stamp per network read: undici hands over each HTTP chunk of a read separately, all
       * within one turn of the event loop, and the later ones must not look later.
       */
      function stampRead(): number {
        if (inRead) return readUs;
        readUs = clock.nowUs();
        inRead = true;
        queueMicrotask(() => {
          inRead = false;
        });
        return readUs;
      }

      const handler: Dispatcher.DispatchHandler = {
        onRequestStart(controller) {
          const nowUs = clock.nowUs();
          if (started || recorder.record !== null) {
            controller.abort(new Error('Not sent again.'));
            stop('reset', 'The connection was lost before the response; not sent again.', nowUs);
            return;
          }
          started = true;
          recorder.sent(nowUs, lease?.takeTimes() ?? noConnect);
          // undici writes as soon as this returns.
          queueMicrotask(() => {
            const written = () => recorder.written(clock.nowUs());
            const socket = lease?.socket ?? null;
            // The socket under HTTP/2 is not for others to write to.
            if (socket === null || target.http2) written();
            else whenWritten(socket, written);
          });
          if (timeouts.firstTokenMs !== null) {
            firstTokenTimer = setTimeout(() => {
              stop('first_token_timeout', `No token in ${timeouts.firstTokenMs} ms.`);
            }, timeouts.firstTokenMs);
          }
        },
        onResponseStart(_own, status, responseHeaders) {
          if (status < 200) return;
          recorder.headers(stampRead(), status, responseHeaders);
        },
        onResponseData(_own, bytes) {
          const fresh = !inRead;
          const nowUs = stampRead();
          if (fresh || read === -1) read++;
          recorder.data(nowUs, bytes, read);
          if (firstTokenTimer && recorder.hasToken) {
            clearTimeout(firstTokenTimer);
            firstTokenTimer = null;
          }
          if (recorder.done && graceTimer === null && recorder.record === null) {
            graceTimer = setTimeout(() => stop('reset', '', nowUs), doneGraceMs);
          }
          if (recorder.record !== null) settle();
        },
        onResponseEnd() {
          clean = true;
          recorder.end(stampRead());
          settle();
        },
        onResponseError(_own, error) {
          const nowUs = clock.nowUs();
          const spent = started ? noConnect : lease?.takeTimes();
          recorder.fail(nowUs, outcomeOf(error, started), describeSocketError(error), spent);
          settle();
        },
      };

      if (context.signal.aborted) {
        onAbort();
        return;
      }
      context.signal.addEventListener('abort', onAbort, { once: true });
      underWay.add(onAbort);
      stopWaiting = pool.lease((own) => {
        lease = own;
        const id = headerId(context.requestId);
        const filled = Object.fromEntries(
          varied.map(([name, template]) => [name, fillHeader(template, id, request.index)]),
        );
        const options = {
          path: address.generatePath,
          method: 'POST',
          headers: { ...fixed, ...filled, 'x-request-id': id },
          body,
          // undici then sends `connection: close`.
          reset: target.connectionReuse === 'never',
        };
        try {
          own.client.dispatch(options, handler);
        } catch (error) {
          stop('refused', describeSocketError(error));
        }
      });
    });
  }

  return {
    transport: 'undici',
    send,
    prepare: (inFlight) => warmConnections(pool, target, inFlight),
    async close() {
      for (const end of [...underWay]) end();
      await pool.close();
    },
  };
}

function outcomeOf(error: Error, started: boolean): Outcome {
  if (started) return 'reset';
  const code = codeOf(error);
  return code === connectTimeoutCode || code === 'ETIMEDOUT' ? 'connect_timeout' : 'refused';
}
