import { BenchError, messageOf, redactText } from '../core/index.ts';
import {
  formatLimit,
  type LimitTold,
  type Outcome,
  type PlannedRequest,
  type RequestRecord,
  type SendContext,
} from '../model/index.ts';
import { createBodySniffer, type ResponseHeaders } from './body-sniffer.ts';
import { type ConnectTimes, noConnect } from './connect-times.ts';
import { rememberLater, rememberLimits, rememberSent } from './sent-details.ts';
import { limitsOf } from './server-limits.ts';
import { isModelMissing, messageOfBody } from './server-message.ts';
import type { StreamNotes, StreamResult } from './stream-interpreter.ts';
import { createParsingReader, type StreamReader } from './stream-reader.ts';

/**
 * Watches one request from the send to the end and writes its record. Knows nothing of sockets:
 * whatever transport calls it, the same bytes at the same times give the same record. All stamps
 * are absolute on the clock that `context.originUs` is from; they are rounded to microseconds.
 * After the first ending every further call is ignored.
 */
export interface RequestRecorder {
  /** The request's first byte is about to be written. */
  sent(nowUs: number, spent: ConnectTimes): void;
  /** The request's last byte has been handed to the kernel. */
  written(nowUs: number): void;
  headers(nowUs: number, status: number, headers: ResponseHeaders): void;
  /**
   * A piece of the body: bytes[from, to), by default all. They may be reused afterwards.
   * @param read number of the network read, from 0.
   */
  data(nowUs: number, bytes: Uint8Array, read: number, from?: number, to?: number): void;
  /** The body ended as HTTP says it should. */
  end(nowUs: number): void;
  /**
   * Anything that ended the request before its body ended.
   * @param spent what went into a connection that never came about
   */
  fail(nowUs: number, outcome: Outcome, error: string, spent?: ConnectTimes): void;
  /** The record, once the request has ended; before that null. */
  readonly record: RequestRecord | null;
  readonly hasToken: boolean;
  /** `[DONE]` was seen: whatever follows is of no interest. */
  readonly done: boolean;
}

type RecordedContext = Omit<SendContext, 'signal' | 'promptText'>;

export interface RecorderOptions {
  /** What reads the event stream; used for this request only. */
  reader?: StreamReader;
  /**
   * False: the text goes at the end, and with it what `detailsOf` gives unless the stream was odd.
   * Ignored where a tokenizer is needed to tell the tokens of the chunks. Default true.
   */
  keepText?: boolean;
}

export function createRequestRecorder(
  request: Pick<PlannedRequest, 'index' | 'inputTokens' | 'outputTokens'>,
  context: RecordedContext,
  secrets: readonly string[] = [],
  options: RecorderOptions = {},
): RequestRecorder {
  const reader = options.reader ?? createParsingReader();
  let atUs = 0;
  let readNumber = 0;
  let stream: StreamResult | null = null;
  const sniffer = createBodySniffer();
  let isStream = false;
  let record: RequestRecord | null = null;
  let sentUs: number | null = null;
  let connect = noConnect;
  let writtenUs: number | null = null;
  let headersUs: number | null = null;
  let firstByteUs: number | null = null;
  let status: number | null = null;
  let limits: LimitTold | null = null;

  const offset = (nowUs: number) => Math.round(nowUs - context.originUs);

  function close(nowUs: number, outcome: Outcome, error: string | null): void {
    if (record) return;
    const result = readStream();
    const { tokenSource } = result;
    record = {
      level: context.level,
      index: request.index,
      requestId: context.requestId,
      counted: context.counted,
      intendedUs: offset(context.intendedUs),
      sentUs,
      connectUs: Math.round(connect.connectUs),
      dnsUs: Math.round(connect.dnsUs),
      tlsUs: Math.round(connect.tlsUs),
      writtenUs,
      targetIndex: 0,
      headersUs,
      firstByteUs,
      firstChunkUs: result.firstChunkUs,
      firstTokenUs: result.firstTokenUs,
      lastTokenUs: result.lastTokenUs,
      endUs: offset(nowUs),
      outcome,
      status,
      error: error === null ? null : tidy(error, secrets),
      finishReason: result.finishReason,
      done: result.done,
      inputTokensAsked: request.inputTokens,
      outputTokensAsked: request.outputTokens,
      inputTokensUsage: result.inputTokensUsage,
      outputTokensUsage: result.outputTokensUsage,
      cachedTokensUsage: result.cachedTokensUsage,
      outputTokensCounted: null,
      tokenSource,
      chunks: result.chunks,
    };
    if (limits !== null) rememberLimits(record, limits);
    if (tokenSource === 'assumed' || options.keepText !== false) {
      rememberLater(record, result.takeText(), result.notes);
    } else if (isOdd(result.notes)) {
      rememberSent(record, { text: { lanes: [], segments: [] }, notes: result.notes });
    }
  }

  /** Only once nothing more is read. */
  function readStream(): StreamResult {
    stream ??= reader.result();
    return stream;
  }

  /** How a body that ended where it should is to be judged. */
  function judgeEnd(): [Outcome, string | null] {
    const body = sniffer.body();
    if (status !== null && (status < 200 || status > 299)) {
      const said = messageOfBody(body);
      const told = isRefusal(status) && limits !== null ? formatLimit(limits) : '';
      return [
        isModelMissing(status, body) ? 'model_not_found' : outcomeOfStatus(status),
        `HTTP ${status}${told === '' ? '' : ` (${told})`}${said === '' ? '' : `: ${said}`}`,
      ];
    }
    if (sniffer.verdict === 'other') {
      const said = sniffer.isText ? messageOfBody(body) : '';
      return ['not_sse', `${sniffer.reason}${said === '' ? '' : `: ${said}`}`];
    }
    if (reader.error !== null) return ['stream_error', reader.error];
    if (!reader.done && reader.finishReason === null) {
      return ['truncated', 'The stream ended with neither a finish_reason nor [DONE].'];
    }
    if (readStream().firstTokenUs === null) {
      return ['no_tokens', 'The stream ended properly but held no token.'];
    }
    return ['ok', null];
  }

  function parse(bytes: Uint8Array, from: number, to: number): void {
    try {
      reader.push(bytes, from, to, atUs, readNumber);
    } catch (error) {
      if (!(error instanceof BenchError)) throw error;
      close(atUs + context.originUs, 'stream_error', messageOf(error));
    }
  }

  return {
    sent(nowUs, spent) {
      if (record) return;
      sentUs = offset(nowUs);
      connect = spent;
    },
    written(nowUs) {
      if (!record) writtenUs ??= offset(nowUs);
    },
    headers(nowUs, code, headers) {
      if (record) return;
      headersUs = offset(nowUs);
      status = code;
      limits = limitsOf(headers);
      sniffer.headers(code, headers);
    },
    data(nowUs, bytes, read, from = 0, to = bytes.length) {
      if (record || from === to) return;
      atUs = offset(nowUs);
      readNumber = read;
      firstByteUs ??= atUs;
      if (isStream) {
        parse(bytes, from, to);
        return;
      }
      const head = sniffer.push(bytes.subarray(from, to));
      if (head === null) return;
      isStream = true;
      parse(head, 0, head.length);
    },
    end(nowUs) {
      if (record) return;
      reader.end();
      close(nowUs, ...judgeEnd());
    },
    fail(nowUs, outcome, error, spent = noConnect) {
      if (record) return;
      reader.end();
      if (sentUs === null) connect = spent;
      // Once the stream has said everything, how the connection goes down no longer matters.
      // A server that reported its error and then hung up has told more than the hang-up does.
      const told = reader.error !== null || sniffer.verdict === 'other';
      if (reader.done || (outcome === 'reset' && told)) close(nowUs, ...judgeEnd());
      else close(nowUs, outcome, error);
    },
    get record() {
      return record;
    },
    get hasToken() {
      return reader.hasToken;
    },
    get done() {
      return reader.done;
    },
  };
}

const isRefusal = (status: number) => status === 429 || status === 503;

function outcomeOfStatus(status: number): Outcome {
  if (status === 429) return 'rate_limited';
  return status === 503 ? 'overloaded' : 'http_error';
}

/** The notes say something. */
function isOdd(notes: StreamNotes): boolean {
  return (
    notes.unknownDeltaFields.length > 0 ||
    notes.malformedEvents > 0 ||
    notes.logprobs ||
    notes.choices > 1 ||
    notes.finishWithoutDone ||
    notes.emptyChunksCounted > 0
  );
}

const maxErrorLength = 500;

function tidy(error: string, secrets: readonly string[]): string {
  // Cut before as well: redacting takes time that grows with the square of a long word.
  const text = redactText(error.slice(0, maxErrorLength * 4), secrets);
  return text.length <= maxErrorLength ? text : `${text.slice(0, maxErrorLength - 1)}…`;
}
