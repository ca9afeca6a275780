import { BenchError, type Clock, redactText } from '../../core/index.ts';
import type {
  Outcome,
  PlannedRequest,
  RequestRecord,
  SendContext,
  Sender,
} from '../../model/index.ts';
import { readCompactColumns } from '../chunk-columns.ts';
import { addressOf, type ClientTarget, secretsOf } from '../client-target.ts';
import { codeOf, describeSocketError } from '../connection-pool.ts';
import { createRequestRecorder } from '../request-recorder.ts';
import { createStreamScratch } from '../stream-interpreter.ts';
import { connectTimeoutCode } from '../timed-connector.ts';
import { createAbortGroups } from './abort-groups.ts';
import { createDeadlineQueue } from './deadline-queue.ts';
import { createEndings } from './endings.ts';
import { createPollStamps } from './poll-stamps.ts';
import type { Exchange, RawConnection } from './raw-connection.ts';
import { createRawPool } from './raw-pool.ts';
import { createRequestBytes } from './request-bytes.ts';
import { createTemplateReader, type TemplateReader } from './template-reader.ts';
import { createTemplateStore } from './template-store.ts';
import { isTextKept } from './text-sample.ts';

export interface RawSenderDeps {
  clock: Clock;
}

export interface RawSender extends Sender {
  /**
   * Makes the bytes of a request ahead of its send, off the send moment. `send` uses them when it
   * is called with the same request object and the same id.
   */
  prepareRequest(
    request: PlannedRequest,
    context: Pick<SendContext, 'requestId' | 'promptText' | 'body'>,
  ): void;
}

/** How long a body may stay open after `[DONE]` before the client hangs up. */
const doneGraceMs = 1000;

interface OwnReader {
  reader: TemplateReader;
  /** Of the stream that it reads. */
  originUs: number;
}

interface UnderWay {
  stop(outcome: Outcome, error: string, nowUs?: number): void;
}

/**
 * Sends over plain sockets of its own: one HTTP/1.1 request per connection at a time, as many
 * connections as requests in flight, TCP_NODELAY, one write per request. Bytes are stamped when
 * they are read (see PollStamps) and understood afterwards; events whose shape is known are not
 * parsed. Outcomes and records are those of the undici sender. Nothing is retried: a kept-alive
 * connection that the server closes just when it is used again is a `reset`.
 *
 * Records hold typed columns. The text of an answer (`detailsOf`) is kept where the tokens of its
 * chunks are not settled, and of a sample of the others; see `isTextKept`.
 *
 * @throws BenchError `USAGE_ENDPOINT` when the target's URL is not one of http, or there is a proxy.
 */
export function createRawSender(target: ClientTarget, deps: RawSenderDeps): RawSender {
  if (target.proxy !== null) {
    throw new BenchError('USAGE_ENDPOINT', 'The raw transport goes through no proxy.', {
      hint: 'Use the undici transport, or no proxy.',
    });
  }
  if (!addressOf(target).origin.startsWith('http://')) {
    throw new BenchError('USAGE_ENDPOINT', `"${redactText(target.url)}" is not an http URL.`, {
      hint: 'The raw transport speaks plain http only; use the undici transport for https.',
    });
  }
  const { clock } = deps;
  const { timeouts } = target;
  const secrets = secretsOf(target);
  const stamps = createPollStamps(clock);
  const pool = createRawPool(target, clock, stamps);
  const bytesOf = createRequestBytes(target);
  const templates = createTemplateStore();
  const prepared = new WeakMap<PlannedRequest, { requestId: string; bytes: Buffer }>();
  const underWay = new Set<UnderWay>();
  /** Readers that no stream uses: making one costs as much as reading some tokens. */
  const readers: OwnReader[] = [];

  function takeReader(originUs: number): OwnReader {
    const used = readers.pop();
    if (used !== undefined) {
      used.originUs = originUs;
      used.reader.reset();
      return used;
    }
    const made = { originUs } as OwnReader;
    made.reader = createTemplateReader(
      templates,
      createStreamScratch(readCompactColumns),
      (atUs) => (stamps.isReused ? Math.round(stamps.refresh() - made.originUs) : atUs),
    );
    return made;
  }

  const totals = createDeadlineQueue<UnderWay & { started: boolean }>(
    clock,
    timeouts.totalMs,
    (own) => {
      const sent = own.started ? '' : ' (never sent: no connection was free)';
      own.stop('timeout', `No end of the response in ${timeouts.totalMs} ms${sent}.`);
    },
  );
  const firstTokens =
    timeouts.firstTokenMs === null
      ? null
      : createDeadlineQueue<UnderWay>(clock, timeouts.firstTokenMs, (own) =>
          own.stop('first_token_timeout', `No token in ${timeouts.firstTokenMs} ms.`),
        );
  const graces = createDeadlineQueue<UnderWay & { doneUs: number }>(clock, doneGraceMs, (own) =>
    own.stop('reset', '', own.doneUs),
  );
  const endings = createEndings(clock);
  const aborts = createAbortGroups<UnderWay>((own) => own.stop('cancelled', 'Cancelled.'));

  function takePrepared(request: PlannedRequest, context: SendContext): Buffer {
    const ahead = prepared.get(request);
    if (ahead === undefined || ahead.requestId !== context.requestId) {
      return bytesOf.of(request, context);
    }
    prepared.delete(request);
    return ahead.bytes;
  }

  function send(request: PlannedRequest, context: SendContext): Promise<RequestRecord> {
    return new Promise((resolve) => {
      const { originUs } = context;
      const lane = takeReader(originUs);
      const { reader } = lane;
      const recorder = createRequestRecorder(request, context, secrets, {
        reader,
        keepText: isTextKept(request.index),
      });
      let connection: RawConnection | null = null;
      let giveUp: (() => void) | null = null;
      let read = -1;
      let isInRead = false;
      let isFreshRead = false;
      let mayBeLater = false;
      let awaitsToken = false;
      /** Makes the record of a response that has ended; null before that, and once it is made. */
      let ended: (() => void) | null = null;

      /** What follows a token, or the head, in the same read may have come after the poll. */
      function stampLater(): void {
        if (mayBeLater && stamps.isReused) stamps.refresh();
      }

      /** Resolves once the recorder has come to an end, and hangs up if the server has not. */
      function settle(reusable: boolean): void {
        if (recorder.record === null) return;
        totals.delete(own);
        if (awaitsToken) firstTokens?.delete(own);
        if (own.doneUs >= 0) graces.delete(own);
        aborts.leave(context.signal, own);
        underWay.delete(own);
        giveUp?.();
        giveUp = null;
        if (connection !== null) {
          pool.release(connection, reusable && target.connectionReuse === 'pooled');
          connection = null;
        }
        readers.push(lane);
        resolve(recorder.record);
      }

      const own = {
        started: false,
        /** Stamp of the read that brought `[DONE]`; -1 before. */
        doneUs: -1,
        stop(outcome: Outcome, error: string, nowUs = clock.nowUs()): void {
          if (ended !== null) ended();
          if (recorder.record !== null) return;
          recorder.fail(nowUs, outcome, error);
          settle(false);
        },
      };

      const exchange: Exchange = {
        written: () => recorder.written(clock.nowUs()),
        readBegins(isContinued) {
          isInRead = true;
          isFreshRead = !isContinued;
          mayBeLater = isContinued;
        },
        takeChunks(bytes, from, to) {
          if (!reader.isSteady || recorder.record !== null) return from;
          if (isInRead) stampLater();
          const own = isInRead && !isFreshRead ? read : read + 1;
          const atUs = Math.round(stamps.nowUs - originUs);
          const taken = reader.pushChunks(bytes, from, to, atUs, own);
          if (taken === from) return from;
          isFreshRead = false;
          mayBeLater = true;
          read = own;
          return taken;
        },
        head({ status, headers }) {
          if (status >= 200) recorder.headers(stamps.nowUs, status, headers);
          mayBeLater = true;
        },
        body(bytes, from, to) {
          if (isFreshRead) {
            isFreshRead = false;
            read++;
          }
          stampLater();
          const { rows } = reader;
          recorder.data(stamps.nowUs, bytes, read, from, to);
          mayBeLater ||= reader.rows > rows;
        },
        end(reusable) {
          // A connection that ends tells so outside of any read.
          const endUs = isInRead ? stamps.nowUs : clock.nowUs();
          ended = () => {
            ended = null;
            recorder.end(endUs);
            settle(reusable);
          };
          endings.later(() => ended?.());
        },
        readEnds() {
          isInRead = false;
          if (recorder.record !== null) {
            settle(false);
            return false;
          }
          if (awaitsToken && recorder.hasToken) {
            awaitsToken = false;
            firstTokens?.delete(own);
          }
          if (recorder.done && own.doneUs < 0) {
            own.doneUs = stamps.nowUs;
            graces.add(own);
          }
          return !awaitsToken && own.doneUs < 0 && reader.isSteady;
        },
        lost(error) {
          recorder.fail(clock.nowUs(), 'reset', describeSocketError(error));
          settle(false);
        },
      };

      if (context.signal.aborted) {
        own.stop('cancelled', 'Cancelled.');
        return;
      }
      if (bytesOf.error !== null) {
        own.stop('refused', bytesOf.error);
        return;
      }
      totals.add(own);
      aborts.join(context.signal, own);
      underWay.add(own);
      const bytes = takePrepared(request, context);
      const waiting = pool.lease({
        granted(granted, spent) {
          giveUp = null;
          connection = granted;
          own.started = true;
          recorder.sent(clock.nowUs(), spent);
          granted.begin(exchange, bytes);
          if (firstTokens !== null) {
            awaitsToken = true;
            firstTokens.add(own);
          }
        },
        failed(error, spent) {
          giveUp = null;
          recorder.fail(clock.nowUs(), outcomeOf(error), describeSocketError(error), spent);
          settle(false);
        },
      });
      if (connection === null && recorder.record === null) giveUp = waiting;
    });
  }

  return {
    transport: 'raw',
    send,
    prepareRequest(request, context) {
      if (bytesOf.error !== null) return;
      const bytes = bytesOf.of(request, context);
      prepared.set(request, { requestId: context.requestId, bytes });
    },
    async prepare(inFlight) {
      // Some servers block a thread on every connection that stays silent.
      if (target.connectionReuse === 'pooled') await pool.open(inFlight);
    },
    async close() {
      for (const own of [...underWay]) own.stop('cancelled', 'Cancelled.');
      totals.clear();
      firstTokens?.clear();
      graces.clear();
      pool.close();
    },
  };
}

function outcomeOf(error: Error): Outcome {
  const code = codeOf(error);
  return code === connectTimeoutCode || code === 'ETIMEDOUT' ? 'connect_timeout' : 'refused';
}
